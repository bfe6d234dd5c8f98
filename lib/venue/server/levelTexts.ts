import type { Side } from "../../units/grid.ts";
import type { BookLevel, BookReader, MarketDef } from "../rules/types.ts";
import { wireLevel, wireLevels } from "./bookView.ts";
import type { Aggregation } from "./bookView.ts";

/** Beyond this the prices seen are forgotten: a market that wanders far does not fill the memory. */
const PRICES_MAX = 2000;

type Written = { readonly lots: number; readonly orders: number; readonly text: string };

/** Levels of a book as JSON. Most of a book is the same from one snapshot to the next, so its texts are remembered. */
export class LevelTexts {
  readonly #market: MarketDef;
  readonly #written = { bid: new Map<number, Written>(), ask: new Map<number, Written>() };

  constructor(market: MarketDef) {
    this.#market = market;
  }

  /** "null" without a level. */
  level(side: Side, level: BookLevel | null): string {
    if (level === null) return "null";
    const written = this.#written[side];
    const known = written.get(level.pxTicks);
    if (known !== undefined && known.lots === level.sizeLots && known.orders === level.orders)
      return known.text;
    const text = JSON.stringify(wireLevel(level, this.#market));
    if (written.size >= PRICES_MAX) written.clear();
    written.set(level.pxTicks, { lots: level.sizeLots, orders: level.orders, text });
    return text;
  }

  /** A list, best first. Aggregated levels are written anew each time. */
  side(book: BookReader, side: Side, count: number, aggregation: Aggregation): string {
    if (aggregation.nSigFigs !== null)
      return JSON.stringify(wireLevels(book, this.#market, side, count, aggregation));
    const levels = book.levels(side, count);
    let text = "[";
    for (let i = 0; i < levels.length; i++)
      text += (i === 0 ? "" : ",") + this.level(side, levels[i] ?? null);
    return `${text}]`;
  }
}
