/** Admits each signer's nonces once (nonces-and-api-wallets; window and floor as measured). */

const KEPT_HIGHEST = 100;
/** Nonces remembered for the word "duplicate"; an older one below the floor is called "too low" instead. */
const REMEMBERED = 10_000;
const MARGIN_MS = 120_000;
const PAST_MS = 2 * 86_400_000 - MARGIN_MS;
const FUTURE_MS = 86_400_000 - MARGIN_MS;

type SignerNonces = {
  /** The highest ones, ascending. */
  readonly highest: number[];
  /** In order of arrival. */
  readonly seen: Set<number>;
};

export class NonceBook {
  readonly #signers = new Map<string, SignerNonces>();

  /** Records the nonce and returns null, or returns the venue's refusal. Call in block order. */
  admit(signer: string, nonce: number, blockMs: number): string | null {
    const state = this.#obtain(signer);
    if (state.seen.has(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`;
    const earliest = blockMs - PAST_MS;
    if (nonce < earliest) return `Invalid nonce: nonce too low ${nonce} < ${earliest}`;
    const latest = blockMs + FUTURE_MS;
    if (nonce > latest) return `Invalid nonce: nonce too high ${nonce} > ${latest}`;
    const floor = state.highest.length < KEPT_HIGHEST ? undefined : state.highest[0];
    if (floor !== undefined && nonce < floor) {
      return `Invalid nonce: nonce too low ${nonce} < ${floor}`;
    }
    this.#record(state, nonce);
    return null;
  }

  /** An agent that was replaced loses its nonces (they may be pruned on the venue). */
  forget(signer: string): void {
    this.#signers.delete(signer);
  }

  /** For the state hash: signer, count, highest. */
  summary(): readonly (readonly [string, number, number])[] {
    return [...this.#signers].map(
      ([signer, state]) => [signer, state.seen.size, state.highest.at(-1) ?? 0] as const,
    );
  }

  #obtain(signer: string): SignerNonces {
    const found = this.#signers.get(signer);
    if (found !== undefined) return found;
    const fresh: SignerNonces = { highest: [], seen: new Set() };
    this.#signers.set(signer, fresh);
    return fresh;
  }

  #record(state: SignerNonces, nonce: number): void {
    let at = state.highest.length;
    while (at > 0 && (state.highest[at - 1] ?? 0) > nonce) at -= 1;
    state.highest.splice(at, 0, nonce);
    if (state.highest.length > KEPT_HIGHEST) state.highest.shift();
    state.seen.add(nonce);
    if (state.seen.size <= REMEMBERED) return;
    const floor = state.highest[0] ?? 0;
    for (const oldest of state.seen) {
      if (oldest < floor) state.seen.delete(oldest);
      break;
    }
  }
}
