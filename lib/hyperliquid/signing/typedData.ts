import { keccak256 } from "./keccak.ts";

const utf8 = new TextEncoder();
const DOMAIN_TYPE = keccak256(
  utf8.encode("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

/** 32-byte big-endian word of an unsigned integer. */
export function word(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(64, "0"));
}

/** EIP-712 domain separator with version "1" and the zero contract, as every domain of the venue. */
export function domainSeparator(name: string, chainId: bigint): Uint8Array {
  const struct = new Uint8Array(160);
  struct.set(DOMAIN_TYPE, 0);
  struct.set(keccak256(utf8.encode(name)), 32);
  struct.set(keccak256(utf8.encode("1")), 64);
  struct.set(word(chainId), 96);
  return keccak256(struct);
}

/** EIP-712 digest of an already encoded struct (type hash and words). */
export function typedDigest(domain: Uint8Array, struct: Uint8Array): Uint8Array {
  const message = new Uint8Array(66);
  message[0] = 0x19;
  message[1] = 0x01;
  message.set(domain, 2);
  message.set(keccak256(struct), 34);
  return keccak256(message);
}
