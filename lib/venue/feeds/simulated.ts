import { Random } from "../../core/random.ts";
import { assert } from "../../units/assert.ts";
import { onGrid } from "../../units/grid.ts";
import type { BookReader, FeedInfo, FeedInput, MarketFeed } from "../rules/types.ts";
import { Crowd } from "./crowd.ts";
import type { Agent } from "./crowd.ts";
import { EfficientPrice } from "./efficientPrice.ts";
import { LadderAgent, QuickMakerAgent } from "./makers.ts";
import { CROWD, SCENARIOS } from "./scenarios.ts";
import type { ScenarioName } from "./scenarios.ts";
import { DEFAULT_SESSION_START_MS, SessionClock, sessionName } from "./sessions.ts";
import { SimulatedOracle } from "./simulatedOracle.ts";
import { InformedAgent, SweepAgent, UninformedAgent } from "./takers.ts";

export type SimulatedFeedOptions = {
  readonly coin: string;
  readonly szDecimals: number;
  readonly seed: number;
  /** On the venue's grid; for US500 (szDecimals 3) 693,000 is 693 dollars. */
  readonly startPxTicks: number;
  /** Market time at feed time 0 (Unix epoch, ms), whatever the wall clock says. */
  readonly sessionStartMs?: number;
  readonly scenario?: ScenarioName;
  /** Which draws a seed means: the exchange shows other ones than the calibration was made on. */
  readonly stream?: string;
};

/**
 * A seeded market with the habits of US500: makers who are a little late, takers who do not know, and takers who do.
 * Its orders meet those of real accounts in one book; whoever is stale or first in the queue is filled.
 * Deterministic: the same options and the same book give the same inputs. The efficient price depends on the seed
 * alone, never on what the book does.
 */
export function simulatedFeed(options: SimulatedFeedOptions): MarketFeed {
  return new SimulatedFeed(options);
}

class SimulatedFeed implements MarketFeed {
  readonly info: FeedInfo;
  readonly #price: EfficientPrice;
  readonly #agents: readonly Agent[];
  /** When the first of the agents acts; they decide on it only while they act. */
  #soonestMs: number;

  constructor(options: SimulatedFeedOptions) {
    const { coin, szDecimals, seed, startPxTicks } = options;
    assert(onGrid(startPxTicks, szDecimals), `the start price is on the grid, got ${startPxTicks}`);
    const name = options.scenario ?? "week";
    const scenario = SCENARIOS[name];
    const sessionStartMs = options.sessionStartMs ?? DEFAULT_SESSION_START_MS;
    const random = new Random(
      seed,
      options.stream === undefined ? coin : `${coin}/${options.stream}`,
    );
    const clock = new SessionClock(sessionStartMs, scenario.stretch);
    this.#price = new EfficientPrice(random.split("price"), clock, scenario, startPxTicks);
    const crowd = new Crowd(random.split("crowd"), this.#price, clock, szDecimals, startPxTicks);
    this.#agents = [
      ...CROWD.quickMakers.map(
        (style, i) => new QuickMakerAgent(random.split(`quick maker ${i}`), crowd, style),
      ),
      new LadderAgent(random.split("ladder"), crowd),
      new SimulatedOracle(random.split("oracle"), crowd),
      ...(scenario.uninformed > 0
        ? [
            new UninformedAgent(random.split("uninformed"), crowd, scenario.uninformed),
            new SweepAgent(random.split("sweeps"), crowd, scenario.uninformed),
          ]
        : []),
      ...(scenario.informed > 0
        ? [new InformedAgent(random.split("informed"), crowd, scenario.informed)]
        : []),
    ];
    this.#soonestMs = this.#soonest();
    this.info = {
      source: "simulated",
      coin,
      szDecimals,
      description: `simulated ${coin.slice(coin.indexOf(":") + 1)}, scenario ${name}, market clock from ${sessionName(sessionStartMs)}`,
      durationMs: Number.POSITIVE_INFINITY,
      seed,
    };
  }

  nextMs(): number {
    return this.#soonestMs;
  }

  #soonest(): number {
    let soonest = Number.POSITIVE_INFINITY;
    for (const agent of this.#agents) soonest = Math.min(soonest, agent.dueMs);
    return soonest;
  }

  next(book: BookReader): readonly FeedInput[] {
    const nowMs = this.nextMs();
    this.#price.advanceTo(nowMs);
    const out: FeedInput[] = [];
    for (const agent of this.#agents) while (agent.dueMs <= nowMs) agent.act(nowMs, book, out);
    this.#soonestMs = this.#soonest();
    return out;
  }
}
