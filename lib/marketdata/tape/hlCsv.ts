import { MAX_LAG_MS, MAX_LEVELS } from "../../core/tape/tape.ts";
import type { Side } from "../../units/grid.ts";
import { CsvTable, decimalsOf, ImportError } from "./csvTable.ts";
import type { CsvRow } from "./csvTable.ts";

/**
 * The three kinds of file that collectors of Hyperliquid's public streams write. A file's kind is told by its columns.
 *
 * | kind   | columns |
 * | book   | timestamp, exchange_timestamp, bid_price_i, bid_size_i, ask_price_i, ask_size_i (i from 0, at most 20) |
 * | bbo    | timestamp, price, size, side (bid or ask), exchange_timestamp |
 * | trades | timestamp, price, size, side (buy or sell: the aggressor), trade_id, exchange_timestamp |
 *
 * timestamp is the collector's clock in seconds, exchange_timestamp the venue's in milliseconds.
 */
export type CsvKind = "book" | "bbo" | "trades";

type Timed = { readonly timeMs: number; readonly lagMs: number };
export type DepthMessage = Timed & { readonly bids: number[]; readonly asks: number[] };
export type TouchMessage = Timed & { readonly bid: number[]; readonly ask: number[] };
export type PrintMessage = Timed & {
  readonly id: string;
  readonly side: Side;
  readonly px: number;
  readonly lots: number;
};

const TIME = "exchange_timestamp";
const LOCAL_TIME = "timestamp";
const BBO = [LOCAL_TIME, "price", "size", "side", TIME];
const TRADES = [...BBO, "trade_id"];
const LEVEL = /^(?:bid|ask)_(?:price|size)_(\d+)$/;

/** @throws ImportError naming the columns that do not belong. */
export function kindOf(table: CsvTable): CsvKind {
  const names = new Set(table.columns);
  const isExactly = (wanted: readonly string[]): boolean =>
    wanted.length === names.size && wanted.every((name) => names.has(name));
  if (isExactly(TRADES)) return "trades";
  if (isExactly(BBO)) return "bbo";
  if (isExactly(bookColumns(levelCount(table)))) return "book";
  throw new ImportError(
    `${table.path}: the columns "${table.columns.slice(0, 8).join(",")}${names.size > 8 ? ",…" : ""}" are not known; allowed: ${BBO.join(",")} or ${TRADES.join(",")} or ${bookColumns(1).join(",")} and so on up to level ${MAX_LEVELS - 1}`,
  );
}

/** The most decimals of prices and sizes in a table. */
export function decimalsIn(table: CsvTable, kind: CsvKind): { px: number; size: number } {
  const most = { px: 0, size: 0 };
  const pxColumns = kind === "book" ? levelColumns(table, "price") : ["price"];
  const sizeColumns = kind === "book" ? levelColumns(table, "size") : ["size"];
  for (const row of table.rows()) {
    for (const column of pxColumns)
      most.px = Math.max(most.px, decimalsOf(table.cell(row, column)));
    for (const column of sizeColumns)
      most.size = Math.max(most.size, decimalsOf(table.cell(row, column)));
  }
  return most;
}

/** Whole visible books, in time order. */
export function* depthMessages(table: CsvTable, szDecimals: number): Generator<DepthMessage> {
  const count = levelCount(table);
  let lastMs = 0;
  for (const row of table.rows()) {
    const timed = timesOf(table, row, lastMs);
    lastMs = timed.timeMs;
    const bids = sideLevels(table, row, "bid", count, szDecimals);
    const asks = sideLevels(table, row, "ask", count, szDecimals);
    const [bid, ask] = [bids[0], asks[0]];
    if (bid !== undefined && ask !== undefined && bid >= ask)
      throw table.refused(row, "bid_price_0", "a best bid below the best ask");
    yield { ...timed, bids, asks };
  }
}

/** Best bid and ask; rows of one time are one message, a side that is not told stays as it was. */
export function* touchMessages(table: CsvTable, szDecimals: number): Generator<TouchMessage> {
  let pending: (TouchMessage & { readonly row: CsvRow }) | null = null;
  let lastMs = 0;
  for (const row of table.rows()) {
    const timed = timesOf(table, row, lastMs);
    lastMs = timed.timeMs;
    if (pending !== null && pending.timeMs !== timed.timeMs) yield checkedTouch(table, pending);
    const side = table.cell(row, "side");
    if (side !== "bid" && side !== "ask") throw table.refused(row, "side", "bid or ask");
    const isEmpty = table.cell(row, "price") === "" && table.cell(row, "size") === "";
    const level = isEmpty
      ? []
      : [table.px(row, "price", szDecimals), table.lots(row, "size", szDecimals)];
    const known: { bid: number[]; ask: number[] } = pending ?? { bid: [], ask: [] };
    pending = { bid: known.bid, ask: known.ask, ...timed, [side]: level, row };
  }
  if (pending !== null) yield checkedTouch(table, pending);
}

/** Trades in time order. A trade told again is yielded again: the reader knows it by its id and time. */
export function* printMessages(table: CsvTable, szDecimals: number): Generator<PrintMessage> {
  const seen = new Set<string>();
  let lastMs = 0;
  for (const row of table.rows()) {
    const side = table.cell(row, "side");
    if (side !== "buy" && side !== "sell") throw table.refused(row, "side", "buy or sell");
    const tradeId = table.cell(row, "trade_id");
    if (!/^\d+$/.test(tradeId)) throw table.refused(row, "trade_id", "a whole number");
    // Reconnecting collectors are told old trades again: only new ones have to be in order.
    const id = `${table.cell(row, TIME)} ${tradeId}`;
    const timed = timesOf(table, row, seen.has(id) ? 0 : lastMs);
    lastMs = Math.max(lastMs, timed.timeMs);
    seen.add(id);
    yield {
      ...timed,
      id,
      side: side === "buy" ? "bid" : "ask",
      px: table.px(row, "price", szDecimals),
      lots: table.lots(row, "size", szDecimals),
    };
  }
}

function checkedTouch(
  table: CsvTable,
  message: TouchMessage & { readonly row: CsvRow },
): TouchMessage {
  const { row, ...touch } = message;
  const [bid, ask] = [touch.bid[0], touch.ask[0]];
  if (bid !== undefined && ask !== undefined && bid >= ask)
    throw table.refused(row, "price", "a best bid below the best ask");
  return touch;
}

function timesOf(table: CsvTable, row: CsvRow, lastMs: number): Timed {
  const timeMs = table.timeMs(row, TIME);
  if (timeMs < lastMs)
    throw table.refused(row, TIME, `rows in time order, nothing before ${lastMs} any more`);
  const lagMs = table.secondsAsMs(row, LOCAL_TIME) - timeMs;
  if (Math.abs(lagMs) > MAX_LAG_MS)
    throw table.refused(row, LOCAL_TIME, `a time within ${MAX_LAG_MS} ms of ${TIME}`);
  return { timeMs, lagMs };
}

function sideLevels(
  table: CsvTable,
  row: CsvRow,
  side: Side,
  count: number,
  szDecimals: number,
): number[] {
  const flat: number[] = [];
  for (let level = 0; level < count; level++) {
    const pxColumn = `${side}_price_${level}`;
    const sizeColumn = `${side}_size_${level}`;
    if (table.cell(row, pxColumn) === "" && table.cell(row, sizeColumn) === "") break;
    const px = table.px(row, pxColumn, szDecimals);
    const better = flat.at(-2);
    if (better !== undefined && (side === "bid" ? px >= better : px <= better))
      throw table.refused(row, pxColumn, "levels sorted from the best one");
    flat.push(px, table.lots(row, sizeColumn, szDecimals));
  }
  return flat;
}

function levelCount(table: CsvTable): number {
  const levels = table.columns.map((name) => Number(LEVEL.exec(name)?.[1] ?? -1));
  return Math.min(MAX_LEVELS, Math.max(-1, ...levels) + 1);
}

function levelColumns(table: CsvTable, what: "price" | "size"): string[] {
  return table.columns.filter((name) => LEVEL.test(name) && name.includes(what));
}

function bookColumns(count: number): string[] {
  const levels = Array.from({ length: count }, (_, i) =>
    ["bid", "ask"].flatMap((side) => [`${side}_price_${i}`, `${side}_size_${i}`]),
  );
  return [LOCAL_TIME, TIME, ...levels.flat()];
}
