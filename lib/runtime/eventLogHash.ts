import type { Audit } from "../messages/audit.ts";
import type { Event } from "../messages/events.ts";

/** One hash over what came in and what was decided, step by step. Two runs with the same one did the same. */
export class EventLogHash {
  readonly #hasher = new Bun.CryptoHasher("sha256");
  #view: Event["view"] = null;
  #viewText = "null";

  add({ event, approved, refused }: Audit): void {
    const { atMs, view, ...rest } = event;
    if (view !== this.#view) {
      this.#view = view;
      this.#viewText = JSON.stringify(view);
    }
    const commands =
      approved.length === 0 && refused.length === 0
        ? "[],[]"
        : `${JSON.stringify(approved)},${JSON.stringify(refused)}`;
    const first = `[{"atMs":${atMs},"view":${this.#viewText},`;
    this.#hasher.update(`${first}${JSON.stringify(rest).slice(1)},${commands}]`);
  }

  /** Hex digits. Ends the hash. */
  digest(): string {
    return this.#hasher.digest("hex");
  }
}
