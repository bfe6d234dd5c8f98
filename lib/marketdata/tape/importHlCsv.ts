import type { TapeHeader } from "../../core/tape/tape.ts";
import { pxDecimalsOf } from "../../units/decimal.ts";
import { CsvTable, ImportError } from "./csvTable.ts";
import { decimalsIn, depthMessages, kindOf, printMessages, touchMessages } from "./hlCsv.ts";
import type { CsvKind, DepthMessage, PrintMessage, TouchMessage } from "./hlCsv.ts";
import { TapeWriter } from "./tapeWriter.ts";

/** A silence of book and touch longer than this is a hole: the venue sends a book at least every half second. */
const GAP_AFTER_MS = 5000;

const KINDS: readonly CsvKind[] = ["book", "bbo", "trades"];
const CLOCK =
  "exchange timestamp, ms since the Unix epoch; at equal times prints come first, then the touch, then depth";

export type HlCsvImport = {
  /** One file of each kind, in any order. */
  readonly files: readonly string[];
  readonly coin: string;
  /** Null: the smallest lot that occurs decides. */
  readonly szDecimals: number | null;
  readonly out: string;
  readonly source: string;
  readonly licence: string;
};

export type ImportSummary = {
  readonly header: TapeHeader;
  readonly szDecimalsInferred: boolean;
  /** Trades that a reconnecting collector was told again. */
  readonly duplicatePrints: number;
  /** Trades before the first book: nothing could have matched them. */
  readonly printsBeforeBook: number;
  /** Touch messages that said the same as the one before. */
  readonly repeatedTouches: number;
  readonly bytes: number;
};

/**
 * Merges collectors' files of book, touch and trades by the venue's clock into a tape.
 * @throws ImportError naming file, line, column, value and what is allowed; no tape is left behind then.
 */
export function importHlCsv(request: HlCsvImport): ImportSummary {
  const tables = tablesByKind(request.files);
  const szDecimals = request.szDecimals ?? inferSzDecimals(tables);
  const writer = new TapeWriter(request.out, {
    source: request.source,
    licence: request.licence,
    coin: request.coin,
    szDecimals,
    clock: CLOCK,
    receiveClock: "the collector's, ms after the exchange timestamp",
  });
  try {
    const merged = merge(
      new Ahead(depthMessages(tables.book, szDecimals)),
      new Ahead(touchMessages(tables.bbo, szDecimals)),
      new Ahead(printMessages(tables.trades, szDecimals)),
      writer,
    );
    const { header, bytes } = writer.close();
    return { header, bytes, szDecimalsInferred: request.szDecimals === null, ...merged };
  } finally {
    writer.discard();
  }
}

type Tables = { readonly [kind in CsvKind]: CsvTable };

function tablesByKind(files: readonly string[]): Tables {
  const found: Partial<Record<CsvKind, CsvTable>> = {};
  for (const path of files) {
    const table = new CsvTable(path);
    const kind = kindOf(table);
    const other = found[kind];
    if (other !== undefined)
      throw new ImportError(
        `${path}: a second ${kind} file beside ${other.path}; one of each kind`,
      );
    found[kind] = table;
  }
  const { book, bbo, trades } = found;
  if (book === undefined || bbo === undefined || trades === undefined) {
    const missing = KINDS.filter((kind) => found[kind] === undefined);
    throw new ImportError(`no ${missing.join(" and no ")} file; one each of ${KINDS.join(", ")}`);
  }
  return { book, bbo, trades };
}

function inferSzDecimals(tables: Tables): number {
  let [px, size] = [0, 0];
  for (const kind of KINDS) {
    const most = decimalsIn(tables[kind], kind);
    px = Math.max(px, most.px);
    size = Math.max(size, most.size);
  }
  if (size > 6 || px > pxDecimalsOf(size))
    throw new ImportError(
      `sizes have up to ${size} decimals and prices up to ${px}; a perp has at most 6 together: give --sz-decimals`,
    );
  return size;
}

/** A stream whose next message can be looked at. */
class Ahead<T extends { readonly timeMs: number }> {
  readonly #messages: Iterator<T>;
  next: T | null;

  constructor(messages: Iterator<T>) {
    this.#messages = messages;
    this.next = this.#pull();
  }

  get timeMs(): number {
    return this.next?.timeMs ?? Number.POSITIVE_INFINITY;
  }

  move(): void {
    this.next = this.#pull();
  }

  #pull(): T | null {
    const result = this.#messages.next();
    return result.done === true ? null : result.value;
  }
}

type Counts = Pick<ImportSummary, "duplicatePrints" | "printsBeforeBook" | "repeatedTouches">;

function merge(
  books: Ahead<DepthMessage>,
  touches: Ahead<TouchMessage>,
  prints: Ahead<PrintMessage>,
  writer: TapeWriter,
): Counts {
  const counts = { duplicatePrints: 0, printsBeforeBook: 0, repeatedTouches: 0 };
  const seenPrints = new Set<string>();
  let isBookKnown = false;
  let lastTouch = "";
  const markGap = (timeMs: number): void => {
    isBookKnown = true;
    const nextMs = Math.min(books.timeMs, touches.timeMs);
    if (nextMs === Number.POSITIVE_INFINITY || nextMs - timeMs <= GAP_AFTER_MS) return;
    writer.gap(timeMs, nextMs);
    lastTouch = "";
  };
  for (;;) {
    const bookMs = Math.min(touches.timeMs, books.timeMs);
    if (prints.next !== null && prints.next.timeMs <= bookMs) {
      const { id, timeMs, lagMs, side, px, lots } = prints.next;
      if (seenPrints.has(id)) counts.duplicatePrints++;
      else if (isBookKnown) writer.print(timeMs, lagMs, side, px, lots);
      else counts.printsBeforeBook++;
      seenPrints.add(id);
      prints.move();
    } else if (touches.next !== null && touches.next.timeMs <= books.timeMs) {
      const { timeMs, lagMs, bid, ask } = touches.next;
      const told = `${bid.join()}/${ask.join()}`;
      if (told === lastTouch) counts.repeatedTouches++;
      else writer.touch(timeMs, lagMs, bid, ask);
      lastTouch = told;
      touches.move();
      markGap(timeMs);
    } else if (books.next !== null) {
      const { timeMs, lagMs, bids, asks } = books.next;
      writer.depth(timeMs, lagMs, bids, asks);
      books.move();
      markGap(timeMs);
    } else return counts;
  }
}
