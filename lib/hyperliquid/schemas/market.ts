import type { Level, PublicTrade } from "../../messages/market.ts";
import type {
  BboMessage,
  BookMessage,
  ContextMessage,
  TradesMessage,
} from "../../messages/marketStream.ts";
import { parsePx, parseSize, pxDecimalsOf, truncateDecimal } from "../../units/decimal.ts";
import type { Ms, PxTicks } from "../../units/numbers.ts";
import { ms, pxTicks } from "../../units/numbers.ts";
import { wireError } from "./wire.ts";

type Row = { readonly [key: string]: unknown };

/*
 * Checked by hand and not by a schema library: these messages stand in front of every quote, come a hundred times a
 * second, and the library takes nearly twice as long for the same book, with a long tail (`bun run bench`, "book
 * message"). Everything else the venue says goes through the library.
 */

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null;
}

function row(value: unknown, what: string): Row {
  if (isRow(value)) return value;
  throw wireError(what, "not an object", value);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wireError(what, "not a list", value);
}

function time(value: unknown, what: string): Ms {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return ms(value);
  throw wireError(what, "time is no millisecond count", value);
}

function level(value: unknown, szDecimals: number, what: string): Level {
  const { px, sz } = row(value, what);
  const pxValue = typeof px === "string" ? parsePx(px, szDecimals) : null;
  const szValue = typeof sz === "string" ? parseSize(sz, szDecimals) : null;
  if (pxValue === null || szValue === null) throw wireError(what, "bad px or sz", value);
  return { pxTicks: pxValue, sizeLots: szValue };
}

function levels(value: unknown, szDecimals: number, what: string): Level[] {
  const rows = list(value, what);
  const out: Level[] = [];
  for (let i = 0; i < rows.length; i++) out.push(level(rows[i], szDecimals, what));
  return out;
}

/** @throws WireError on any unknown shape, wherever in the message. */
export function parseBbo(data: unknown, szDecimals: number): BboMessage {
  const message = row(data, "bbo");
  const sides = list(message["bbo"], "bbo");
  if (sides.length !== 2) throw wireError("bbo", "not two sides", data);
  const [bid, ask] = sides;
  return {
    kind: "bbo",
    venueMs: time(message["time"], "bbo"),
    bid: bid === null ? null : level(bid, szDecimals, "bbo"),
    ask: ask === null ? null : level(ask, szDecimals, "bbo"),
  };
}

/** @throws WireError on any unknown shape, or when a side is not sorted best first. */
export function parseBook(data: unknown, szDecimals: number): BookMessage {
  const message = row(data, "l2Book");
  const sides = list(message["levels"], "l2Book");
  if (sides.length !== 2) throw wireError("l2Book", "not two sides", data);
  const bids = levels(sides[0], szDecimals, "l2Book");
  const asks = levels(sides[1], szDecimals, "l2Book");
  if (!sorted(bids, -1) || !sorted(asks, 1)) throw wireError("l2Book", "not best first", data);
  return { kind: "book", venueMs: time(message["time"], "l2Book"), bids, asks };
}

function sorted(side: readonly Level[], sign: 1 | -1): boolean {
  for (let i = 1; i < side.length; i++) {
    const better = side[i - 1];
    const worse = side[i];
    if (better !== undefined && worse !== undefined) {
      if ((worse.pxTicks - better.pxTicks) * sign <= 0) return false;
    }
  }
  return true;
}

/** @throws WireError on any unknown shape. Trades come oldest first from the stream. */
export function parseTrades(data: unknown, szDecimals: number): TradesMessage {
  const trades = list(data, "trades").map((item): PublicTrade => {
    const trade = row(item, "trades");
    const { side, tid } = trade;
    if (side !== "A" && side !== "B") throw wireError("trades", "side is neither A nor B", item);
    if (typeof tid !== "number" || !Number.isSafeInteger(tid)) {
      throw wireError("trades", "tid is no integer", item);
    }
    const { pxTicks: px, sizeLots } = level(trade, szDecimals, "trades");
    return {
      tid,
      venueMs: time(trade["time"], "trades"),
      aggressor: side === "B" ? "bid" : "ask",
      pxTicks: px,
      sizeLots,
    };
  });
  return { kind: "trades", trades };
}

/** @throws WireError on any unknown shape. */
export function parseContext(data: unknown, szDecimals: number): ContextMessage {
  const context = row(row(data, "activeAssetCtx")["ctx"], "activeAssetCtx");
  const fundingRate = Number(context["funding"]);
  if (typeof context["funding"] !== "string" || !Number.isFinite(fundingRate)) {
    throw wireError("activeAssetCtx", "funding is no number", data);
  }
  return {
    kind: "context",
    markPxTicks: reference(context["markPx"], szDecimals),
    oraclePxTicks: reference(context["oraclePx"], szDecimals),
    fundingRate,
  };
}

/** Mark and oracle may be finer than the price grid; they are cut to ticks. */
function reference(value: unknown, szDecimals: number): PxTicks {
  const ticks = typeof value === "string" ? truncateDecimal(value, pxDecimalsOf(szDecimals)) : null;
  if (ticks === null || ticks <= 0) {
    throw wireError("activeAssetCtx", "markPx or oraclePx is no price", value);
  }
  return pxTicks(ticks);
}
