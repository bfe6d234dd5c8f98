import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { addressOf, signDigest } from "../../lib/hyperliquid/signing/signature.ts";
import { localPathsAt } from "../../lib/runtime/localExchange.ts";

let nonce = Date.now();

/** The text of a request to `/exchange`; each has the next nonce. */
export function signed(action: WireValue, key: Uint8Array): string {
  nonce++;
  const digest = phantomAgentDigest(l1ActionHash(action, nonce, null, null), "a");
  return JSON.stringify({ action, nonce, signature: signDigest(digest, key) });
}

/** Play money for the account of each key. */
export async function fund(url: string, keys: readonly Uint8Array[]): Promise<void> {
  for (const key of keys) {
    const body = JSON.stringify({ user: addressOf(key), dex: "km", usd: "100000" });
    await localPathsAt(url).post("faucet", body);
  }
}

/** @throws Error unless everything in the request was accepted */
export async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(`${url}/exchange`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const text = await answer.text();
  if (!answer.ok || text.includes("error") || text.includes('"err"'))
    throw new Error(`the bench was answered ${answer.status}: ${text.slice(0, 200)}`);
}
