import { l1ActionHash, phantomAgentDigest } from "../../hyperliquid/signing/l1.ts";
import type { SignatureSource } from "../../hyperliquid/signing/l1.ts";
import { recoverAddress } from "../../hyperliquid/signing/signature.ts";
import { userSignedDigest } from "../../hyperliquid/signing/userSigned.ts";
import type { Envelope } from "./envelope.ts";

/** Who signed. `signer` is null when r, s and v are no signature at all. */
export type RecoveredSigner = { readonly signer: string | null; readonly known: boolean };

/**
 * Finds who signed an envelope. Clients sign for mainnet ("a") or testnet ("b") depending on how they read the base
 * URL, so both are tried; a wrong one recovers a stranger. The source that worked last is tried first.
 */
export class SignerRecovery {
  readonly #isKnown: (address: string) => boolean;
  #preferred: SignatureSource = "a";

  /** @param isKnown whether an address is an account or an approved agent */
  constructor(isKnown: (address: string) => boolean) {
    this.#isKnown = isKnown;
  }

  recover(envelope: Envelope): RecoveredSigner {
    return envelope.action.signing.kind === "l1"
      ? this.#recoverL1(envelope)
      : this.#recoverUserSigned(envelope);
  }

  #recoverL1(envelope: Envelope): RecoveredSigner {
    const { signing } = envelope.action;
    if (signing.kind !== "l1") return { signer: null, known: false };
    const hash = l1ActionHash(
      signing.canonical,
      envelope.nonce,
      envelope.vaultAddress,
      envelope.expiresAfterMs,
    );
    const first = this.#preferred;
    const second = first === "a" ? "b" : "a";
    const signer = recoverAddress(phantomAgentDigest(hash, first), envelope.signature);
    if (signer === null) return { signer, known: false };
    if (this.#isKnown(signer)) return { signer, known: true };
    const other = recoverAddress(phantomAgentDigest(hash, second), envelope.signature);
    if (other !== null && this.#isKnown(other)) {
      this.#preferred = second;
      return { signer: other, known: true };
    }
    return { signer: first === "a" ? signer : other, known: false };
  }

  #recoverUserSigned(envelope: Envelope): RecoveredSigner {
    const { signing } = envelope.action;
    if (signing.kind !== "user") return { signer: null, known: false };
    const digest = userSignedDigest(signing.primaryType, signing.fields, signing.message);
    const signer = recoverAddress(digest, envelope.signature);
    return { signer, known: signer !== null && this.#isKnown(signer) };
  }
}
