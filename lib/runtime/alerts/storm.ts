/**
 * Counts things within a sliding span and says once when they become many; it says so again only after the span has
 * seen few.
 */
export class Storm {
  readonly #spanMs: number;
  readonly #many: number;
  #seen: { readonly atMs: number; readonly text: string; readonly count: number }[] = [];
  #raging = false;

  constructor(spanMs: number, many: number) {
    this.#spanMs = spanMs;
    this.#many = many;
  }

  /** @returns how many there were and what most of them said, when a storm begins; else null. */
  add(atMs: number, text: string, count: number): { count: number; text: string } | null {
    this.#seen.push({ atMs, text, count });
    this.#seen = this.#seen.filter((entry) => atMs - entry.atMs < this.#spanMs);
    const total = this.#seen.reduce((sum, entry) => sum + entry.count, 0);
    if (total < this.#many) {
      this.#raging = false;
      return null;
    }
    if (this.#raging) return null;
    this.#raging = true;
    return { count: total, text: this.#commonest() };
  }

  #commonest(): string {
    const counts = new Map<string, number>();
    for (const { text, count } of this.#seen) counts.set(text, (counts.get(text) ?? 0) + count);
    return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "";
  }
}
