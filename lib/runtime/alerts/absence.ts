/**
 * Something that has to be there: told when it has been away for longer than allowed, and when it is back after that.
 * A short absence is nobody's business.
 */
export class Absence {
  readonly #graceMs: number;
  #away: { readonly sinceMs: number; readonly why: string } | null = null;
  #told = false;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** @param why why it is away; null when it is there. @returns "back" with the time away, when its absence was told. */
  note(atMs: number, why: string | null): { readonly awayMs: number } | null {
    if (why !== null) {
      this.#away = { sinceMs: this.#away?.sinceMs ?? atMs, why };
      return null;
    }
    const back = this.#told && this.#away !== null ? { awayMs: atMs - this.#away.sinceMs } : null;
    this.#away = null;
    this.#told = false;
    return back;
  }

  /** True while something is to be told as time passes. */
  get isPending(): boolean {
    return this.#away !== null && !this.#told;
  }

  /** @returns the absence when it has just become too long. */
  passed(atMs: number): { readonly awayMs: number; readonly why: string } | null {
    if (this.#away === null || this.#told || atMs - this.#away.sinceMs < this.#graceMs) return null;
    this.#told = true;
    return { awayMs: atMs - this.#away.sinceMs, why: this.#away.why };
  }
}
