import { Random } from "../../../core/random.ts";
import type { Distribution } from "./plan.ts";

/** Standard normal quantile of 99 %. */
const Z99 = 2.326_347_874;

/** Seeded chances and waits. Each concern draws from its own stream, so one fault does not shift the others. */
export class Dice {
  readonly #streams = new Map<string, Random>();
  readonly #root: Random;

  constructor(seed: number) {
    this.#root = new Random(seed, "faults");
  }

  chance(stream: string, probability: number): boolean {
    return probability > 0 && this.#of(stream).chance(probability);
  }

  /** Whole milliseconds; nothing without a distribution. */
  waitMs(stream: string, distribution: Distribution | undefined): number {
    if (distribution === undefined) return 0;
    switch (distribution.kind) {
      case "fixed":
        return distribution.ms;
      case "uniform":
        return Math.round(this.#of(stream).between(distribution.fromMs, distribution.toMs));
      case "lognormal": {
        const { medianMs, p99Ms } = distribution;
        const sigma = Math.log(p99Ms / medianMs) / Z99;
        return Math.round(medianMs * Math.exp(sigma * this.#of(stream).normal()));
      }
    }
  }

  #of(name: string): Random {
    const found = this.#streams.get(name) ?? this.#root.split(name);
    this.#streams.set(name, found);
    return found;
  }
}
