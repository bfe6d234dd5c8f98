import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import type { Side } from "../../lib/units/grid.ts";
import type { BookReader, FeedInput, MarketFeed } from "../../lib/venue/rules/types.ts";

/** Inputs of a market at given feed times, for tests that know every order in the book. */
export class ScriptedFeed implements MarketFeed {
  readonly info;
  readonly #steps: { readonly atMs: number; readonly inputs: readonly FeedInput[] }[] = [];
  #at = 0;
  #nextId = 1;

  constructor(coin: string, szDecimals: number) {
    this.info = {
      source: "simulated" as const,
      coin,
      szDecimals,
      description: "A scripted market for a test.",
      durationMs: Infinity,
      seed: null,
    };
  }

  add(atMs: number, ...inputs: readonly FeedInput[]): this {
    this.#steps.push({ atMs, inputs });
    return this;
  }

  /** A resting order of the crowd. */
  rest(atMs: number, side: Side, px: number, lots: number): this {
    return this.add(atMs, this.#order(side, px, lots, "Alo"));
  }

  /** A taker of the crowd. */
  take(atMs: number, side: Side, px: number, lots: number): this {
    return this.add(atMs, this.#order(side, px, lots, "Ioc"));
  }

  oracle(atMs: number, px: number): this {
    return this.add(atMs, { kind: "oracle", pxTicks: pxTicks(px) });
  }

  nextMs(): number {
    return this.#steps[this.#at]?.atMs ?? Infinity;
  }

  next(_book: BookReader): readonly FeedInput[] {
    return this.#steps[this.#at++]?.inputs ?? [];
  }

  #order(side: Side, px: number, lots: number, tif: "Alo" | "Ioc"): FeedInput {
    return {
      kind: "agentPlace",
      agentOrderId: this.#nextId++,
      side,
      pxTicks: pxTicks(px),
      sizeLots: sizeLots(lots),
      tif,
    };
  }
}
