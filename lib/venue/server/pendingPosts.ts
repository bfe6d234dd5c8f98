/** Documented limit per IP address, over all its connections; everybody here comes from one. */
const POSTS_MAX = 100;

/** Posts over sockets that wait for their answers. Without `enforced` it counts nothing. */
export class PendingPosts {
  readonly #enforced: boolean;
  #count = 0;

  constructor(enforced: boolean) {
    this.#enforced = enforced;
  }

  /** False when it is one too many; that one does not count. */
  begin(): boolean {
    if (this.#enforced && this.#count >= POSTS_MAX) return false;
    this.#count++;
    return true;
  }

  /** One has its answer, heard or not. */
  end(): void {
    this.#count--;
  }
}
