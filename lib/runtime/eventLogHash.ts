import type { Audit } from "../messages/audit.ts";

/** One hash over what came in and what was decided, step by step. Two runs with the same one did the same. */
export class EventLogHash {
  readonly #hasher = new Bun.CryptoHasher("sha256");

  add({ event, approved, refused }: Audit): void {
    this.#hasher.update(JSON.stringify([event, approved, refused]));
  }

  /** Hex digits. Ends the hash. */
  digest(): string {
    return this.#hasher.digest("hex");
  }
}
