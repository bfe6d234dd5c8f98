import type { Venue } from "../../rules/venue.ts";
import { FaultPlanError } from "./plan.ts";
import type { FaultPlan } from "./plan.ts";

type MarketFault = FaultPlan["market"][number];
type Switch = { readonly atMs: number; readonly fault: MarketFault; readonly on: boolean };

/** Turns frozen oracles and halts on and off at their times. */
export class MarketFaults {
  readonly #venue: Venue;
  #switches: Switch[] = [];

  constructor(venue: Venue) {
    this.#venue = venue;
  }

  /** @throws FaultPlanError for a coin that is not listed */
  check(faults: readonly MarketFault[]): void {
    for (const [n, { coin }] of faults.entries())
      if (coin !== undefined && this.#venue.market(coin) === null)
        throw new FaultPlanError(
          `market.${n}.coin ("${coin}") is not listed here; allowed: ${this.coins().join(", ")}`,
        );
  }

  /** @param startMs what the faults' times count from; what was on is turned off */
  plan(faults: readonly MarketFault[], startMs: number): void {
    for (const coin of this.coins()) {
      this.#venue.freezeOracle(coin, false);
      this.#venue.haltTrading(coin, false);
    }
    this.#switches = faults
      .flatMap((fault) => [
        { atMs: startMs + fault.fromMs, fault, on: true },
        { atMs: startMs + fault.fromMs + fault.lastsMs, fault, on: false },
      ])
      .toSorted((a, b) => a.atMs - b.atMs);
  }

  nextMs(): number {
    return this.#switches[0]?.atMs ?? Infinity;
  }

  runTo(nowMs: number): void {
    for (let next = this.#switches[0]; next !== undefined && next.atMs <= nowMs;) {
      this.#switches.shift();
      const { fault, on } = next;
      for (const coin of fault.coin === undefined ? this.coins() : [fault.coin]) {
        if (fault.what === "halt") this.#venue.haltTrading(coin, on);
        else this.#venue.freezeOracle(coin, on);
      }
      next = this.#switches[0];
    }
  }

  /** Coins that can be frozen or halted. */
  coins(): readonly string[] {
    return this.#venue.config.dexes.flatMap((dex) => dex.markets.map(({ coin }) => coin));
  }
}
