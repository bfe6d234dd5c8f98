import { assert } from "../../units/assert.ts";
import { fromHexPadded } from "./hex.ts";
import { keccak256 } from "./keccak.ts";
import { encodeShared } from "./msgpack.ts";
import type { WireValue } from "./msgpack.ts";
import { domainSeparator, typedDigest } from "./typedData.ts";

/** "a" signs for mainnet, "b" for testnet. The local exchange takes both. */
export type SignatureSource = "a" | "b";

const utf8 = new TextEncoder();
const AGENT_DOMAIN = domainSeparator("Exchange", 1337n);
const AGENT_TYPE = keccak256(utf8.encode("Agent(string source,bytes32 connectionId)"));
const SOURCE_HASH = { a: keccak256(utf8.encode("a")), b: keccak256(utf8.encode("b")) };

/**
 * Hash of an action with its envelope: keccak of MessagePack, nonce, vault marker and expiry.
 *
 * @param action keys in the venue's canonical order
 * @param nonce milliseconds, below 2^53
 * @param vault address signed for, or null
 * @param expiresAfterMs venue time after which the action is refused, or null
 * @see the venue's signing page; `action_hash` in its Python SDK.
 */
export function l1ActionHash(
  action: WireValue,
  nonce: number,
  vault: string | null,
  expiresAfterMs: number | null,
): Uint8Array {
  const spare = 9 + (vault === null ? 0 : 20) + (expiresAfterMs === null ? 0 : 9);
  const message = encodeShared(action, spare);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = message.length - spare;
  view.setBigUint64(at, unsigned(nonce, "nonce"));
  at += 8;
  message[at++] = vault === null ? 0 : 1;
  if (vault !== null) {
    const address = vault.startsWith("0x") && vault.length === 42 ? fromHexPadded(vault, 20) : null;
    assert(address !== null, `a vault is a 20-byte address, got ${vault}`);
    message.set(address, at);
    at += 20;
  }
  if (expiresAfterMs !== null) {
    message[at++] = 0;
    view.setBigUint64(at, unsigned(expiresAfterMs, "expiresAfter"));
  }
  return keccak256(message);
}

/** EIP-712 digest of the phantom agent: what is signed for an L1 action. */
export function phantomAgentDigest(actionHash: Uint8Array, source: SignatureSource): Uint8Array {
  const struct = new Uint8Array(96);
  struct.set(AGENT_TYPE, 0);
  struct.set(SOURCE_HASH[source], 32);
  struct.set(actionHash, 64);
  return typedDigest(AGENT_DOMAIN, struct);
}

function unsigned(value: number, name: string): bigint {
  assert(Number.isSafeInteger(value) && value >= 0, `${name} is a whole number, got ${value}`);
  return BigInt(value);
}
