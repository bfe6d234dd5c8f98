import { l1ActionHash, phantomAgentDigest } from "./signing/l1.ts";
import type { SignatureSource } from "./signing/l1.ts";
import type { WireValue } from "./signing/msgpack.ts";
import { signDigest } from "./signing/signature.ts";

/** Who signs, and for whom. */
export type Signer = {
  readonly privateKey: Uint8Array;
  readonly source: SignatureSource;
  /** Vault or sub-account that the signer trades for; null for its own account. */
  readonly vault: string | null;
};

/**
 * Body of an `/exchange` request.
 * @param action in the venue's canonical key order: it is hashed as it is written
 * @param expiresAfterMs venue time after which it is refused; null for an action that may come late
 */
export function signedBody(
  action: WireValue,
  nonce: number,
  expiresAfterMs: number | null,
  signer: Signer,
): string {
  const hash = l1ActionHash(action, nonce, signer.vault, expiresAfterMs);
  const signature = signDigest(phantomAgentDigest(hash, signer.source), signer.privateKey);
  return JSON.stringify({
    action,
    nonce,
    signature,
    ...(signer.vault === null ? {} : { vaultAddress: signer.vault }),
    ...(expiresAfterMs === null ? {} : { expiresAfter: expiresAfterMs }),
  });
}
