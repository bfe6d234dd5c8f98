/** Remembers at least the newest `size` ids, at most twice as many. */
export class RecentIds {
  #newer = new Set<string>();
  #older = new Set<string>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** @returns false when the id is remembered already. */
  add(id: string): boolean {
    if (this.#newer.has(id) || this.#older.has(id)) return false;
    this.#newer.add(id);
    if (this.#newer.size >= this.#size) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    return true;
  }
}
