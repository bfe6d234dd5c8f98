import type { Random } from "../../core/random.ts";
import { pxTicks } from "../../units/numbers.ts";
import type { BookReader, FeedInput } from "../rules/types.ts";
import { bestOf } from "./crowd.ts";
import type { Agent, Crowd } from "./crowd.ts";

/** Deployers publish every 3 s even when nothing changed (HIP-3 deployer actions). */
const PERIOD_MS = 3000;
/** Share of the way to the outside price that one publication covers: a lag of a few seconds. */
const FOLLOW_SHARE = 0.6;
const NOISE_BPS = 0.05;
/** Without an outside price the oracle is an average of the perpetual's own mid (30 minutes, Felix's rule off-hours). */
const INTERNAL_TAU_MS = 30 * 60_000;

/** The deployer's oracle: outside price while one exists, else a slow average of the book's own mid. */
export class SimulatedOracle implements Agent {
  readonly #random: Random;
  readonly #crowd: Crowd;
  #valueTicks: number;
  dueMs = 0;

  constructor(random: Random, crowd: Crowd) {
    this.#random = random;
    this.#crowd = crowd;
    this.#valueTicks = crowd.price.ticks;
  }

  act(feedMs: number, book: BookReader, out: FeedInput[]): void {
    this.dueMs = feedMs + PERIOD_MS;
    if (this.#crowd.clock.at(feedMs).externalOracle) {
      const seen = this.#crowd.price.ticks * (1 + NOISE_BPS * 1e-4 * this.#random.normal());
      this.#valueTicks += FOLLOW_SHARE * (seen - this.#valueTicks);
    } else {
      const bid = bestOf(book, "bid");
      const ask = bestOf(book, "ask");
      const share = 1 - Math.exp(-PERIOD_MS / INTERNAL_TAU_MS);
      if (bid !== null && ask !== null)
        this.#valueTicks += share * ((bid + ask) / 2 - this.#valueTicks);
    }
    out.push({ kind: "oracle", pxTicks: pxTicks(Math.max(1, Math.round(this.#valueTicks))) });
  }
}
