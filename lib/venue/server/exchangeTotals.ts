import type { VenueOutput } from "../rules/types.ts";

const DAY_MS = 86_400_000;
const DAYS_KEPT = 15;

/** Sums over all users that the core does not keep: traded value by UTC day, and deposits by dex. */
export class ExchangeTotals {
  readonly #volumeByDay = new Map<number, number>();
  readonly #depositsByDex = new Map<string, number>();

  observe(output: VenueOutput): void {
    if (output.kind !== "trades") return;
    for (const trade of output.trades) {
      const day = Math.floor(trade.venueMs / DAY_MS);
      const before = this.#volumeByDay.get(day) ?? 0;
      this.#volumeByDay.set(day, before + trade.pxTicks * trade.sizeLots);
      if (this.#volumeByDay.size > DAYS_KEPT) this.#volumeByDay.delete(day - DAYS_KEPT);
    }
  }

  deposited(dex: string, microUsd: number): void {
    this.#depositsByDex.set(dex, (this.#depositsByDex.get(dex) ?? 0) + microUsd);
  }

  /** Traded value of the UTC day that holds `timeMs`, in micro-USD. */
  dayVolumeMicroUsd(timeMs: number): number {
    return this.#volumeByDay.get(Math.floor(timeMs / DAY_MS)) ?? 0;
  }

  /** What the faucet has given into a dex, in micro-USD. */
  depositsMicroUsd(dex: string): number {
    return this.#depositsByDex.get(dex) ?? 0;
  }
}
