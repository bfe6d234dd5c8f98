import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArguments, UsageError } from "../../lib/cli/command.ts";
import { tapeCommand } from "../../lib/cli/tape.ts";
import { decimalsOf, plainDecimal } from "../../lib/marketdata/tape/csvTable.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { readRows } from "../property/tapeRows.ts";

const folder = mkdtempSync(join(tmpdir(), "import-"));
afterAll(() => rmSync(folder, { recursive: true }));

const T0 = 1_765_401_000_000;
/** A row's two times: the venue's, and the collector's 40 ms later. */
const times = (ms: number): [string, string] => [String((T0 + ms + 40) / 1000), String(T0 + ms)];

const BOOK_HEAD =
  "timestamp,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0,bid_price_1,bid_size_1,ask_price_1,ask_size_1";
const bookRow = (ms: number, levels: string): string => [...times(ms), levels].join();
const bbo = (ms: number, side: string, px: string, size: string): string => {
  const [local, venue] = times(ms);
  return [local, px, size, side, venue].join();
};
const trade = (ms: number, side: string, px: string, size: string, id: number): string => {
  const [local, venue] = times(ms);
  return [local, px, size, side, id, venue].join();
};

const BOOK = [
  BOOK_HEAD,
  bookRow(100, "10.1,1.5,10.2,2.0,10.0,3.25,10.3,4.0"),
  bookRow(600, "10.1,1.0,10.2,2.0,10.0,3.25,,"),
  bookRow(20_000, "10.4,1.0,10.5,2.0,10.3,3.25,10.6,1.0"),
];
const BBO = [
  "timestamp,price,size,side,exchange_timestamp",
  bbo(300, "bid", "10.1", "1.0"),
  bbo(300, "ask", "10.2", "2.0"),
  bbo(450, "bid", "10.1", "1.0"),
  bbo(450, "ask", "10.2", "2.0"),
  bbo(600, "bid", "10.1", "1.0"),
  bbo(600, "ask", "10.2", "1e-02"),
];
const TRADES = [
  "timestamp,price,size,side,trade_id,exchange_timestamp",
  trade(50, "buy", "10.2", "0.5", 1),
  trade(300, "sell", "10.1", "0.5", 2),
  trade(600, "buy", "10.2", "1.99", 3),
  trade(300, "sell", "10.1", "0.5", 2),
  trade(7000, "buy", "10.3", "0.1", 4),
];

type Files = { book?: string[]; bbo?: string[]; trades?: string[] };

let made = 0;
function write(files: Files): string[] {
  const all = { book: BOOK, bbo: BBO, trades: TRADES, ...files };
  return Object.entries(all).map(([kind, lines], i) => {
    made++;
    const path = join(folder, `${made}-${kind}.csv${i === 0 ? ".gz" : ""}`);
    const text = Buffer.from(`${lines.join("\n")}\n`);
    writeFileSync(path, i === 0 ? Bun.gzipSync(text) : text);
    return path;
  });
}

async function tape(...words: string[]): Promise<{ code: number; out: string }> {
  const parsed = parseArguments(tapeCommand, words);
  if (parsed.help) throw new Error("help was not asked for");
  const said: string[] = [];
  const io = {
    env: {},
    out: (text: string) => void said.push(text),
    err: () => {},
    isTerminal: false,
  };
  const code = await tapeCommand.run(parsed.flags, parsed.operands, io);
  return { code, out: said.join("\n") };
}

async function refusalOf(...words: string[]): Promise<string> {
  try {
    await tape(...words);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
}

async function importing(paths: readonly string[], ...extra: string[]): Promise<string> {
  made++;
  const out = join(folder, `${made}.tape`);
  try {
    await tape("import", "--coin", "TEST", "--out", out, ...extra, ...paths);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect(existsSync(out)).toBeFalse();
    expect(existsSync(`${out}.part`)).toBeFalse();
    return error instanceof Error ? error.message : "";
  }
  return out;
}

describe("import of collectors' CSV files", () => {
  test("merges by the venue's clock, drops what is told twice, marks the hole", async () => {
    const out = join(folder, "whole.tape");
    const paths = write({}).toReversed();
    const done = await tape("import", "--coin", "TEST", "--out", out, "--json", ...paths);
    expect(JSON.parse(done.out)).toMatchObject({
      tape: out,
      szDecimalsInferred: true,
      duplicatePrints: 1,
      printsBeforeBook: 1,
      repeatedTouches: 1,
      header: {
        coin: "TEST",
        szDecimals: 2,
        rowsByKind: { depth: 3, touch: 2, print: 3, gap: 1, oracle: 0 },
        gaps: [{ fromMs: T0 + 600, toMs: T0 + 20_000 }],
      },
    });
    const rows = [...openTape(out).blocks()].flatMap(readRows);
    expect(rows.map((row) => `${row.timeMs - T0} ${row.kind}`)).toEqual([
      "100 depth",
      "300 print",
      "300 touch",
      "600 print",
      "600 touch",
      "600 depth",
      "600 gap",
      "7000 print",
      "20000 depth",
    ]);
    expect(rows[0]).toEqual({
      kind: "depth",
      timeMs: T0 + 100,
      lagMs: 40,
      bids: [101_000, 150, 100_000, 325],
      asks: [102_000, 200, 103_000, 400],
    });
    expect(rows[1]).toMatchObject({ kind: "print", side: "ask", px: 101_000, lots: 50 });
    expect(rows[4]).toMatchObject({ bids: [101_000, 100], asks: [102_000, 1] });
    expect(rows[5]).toMatchObject({ asks: [102_000, 200] });
  });

  test("info shows the header and checks the sums", async () => {
    const out = await importing(write({}), "--licence", "CC0");
    const shown = await tape("info", out);
    expect(shown.out).toContain("all checksums hold");
    expect(shown.out).toContain("licence: CC0");
    expect(shown.out).toContain("book known in 0.0");
    const asked = await tape("info", "--json", out, out);
    expect(JSON.parse(asked.out).tapes).toHaveLength(2);
  });

  const cell = (row: string, place: number, value: string): string =>
    row.split(",").with(place, value).join();
  const broken: [string, Files, RegExp][] = [
    [
      "unknown columns",
      { bbo: ["time,px", "1,2"] },
      /bbo\.csv: the columns "time,px" are not known; allowed: /,
    ],
    ["a file of the same kind twice", { bbo: TRADES }, /a second trades file/],
    ["an empty file", { bbo: [] }, /bbo\.csv: the file is empty/],
    [
      "rows out of order",
      { book: BOOK.with(1, BOOK[3] ?? "") },
      /line 3, column "exchange_timestamp": "1765401000600" is not allowed; rows in time order/,
    ],
    [
      "a time in seconds",
      { trades: TRADES.with(1, cell(TRADES[1] ?? "", 5, "1765401000")) },
      /line 2, column "exchange_timestamp": "1765401000" is not allowed; whole milliseconds/,
    ],
    [
      "a price that is no number",
      { book: BOOK.with(2, cell(BOOK[2] ?? "", 2, "nan")) },
      /line 3, column "bid_price_0": "nan" is not allowed; a positive price with at most 4 decimals/,
    ],
    [
      "a size of zero",
      { trades: TRADES.with(2, cell(TRADES[2] ?? "", 2, "0.0")) },
      /line 3, column "size": "0.0" is not allowed/,
    ],
    [
      "an unknown side",
      { trades: TRADES.with(2, cell(TRADES[2] ?? "", 3, "B")) },
      /column "side": "B" is not allowed; buy or sell/,
    ],
    [
      "a crossed book",
      { book: BOOK.with(2, cell(BOOK[2] ?? "", 2, "10.2")) },
      /line 3, column "bid_price_0": "10.2" is not allowed; a best bid below/,
    ],
    [
      "unsorted levels",
      { book: BOOK.with(1, cell(BOOK[1] ?? "", 6, "10.1")) },
      /line 2, column "bid_price_1": "10.1" is not allowed; levels sorted/,
    ],
    ["a short row", { bbo: [...BBO, "1,2,3"] }, /line 8: 3 cells, the header has 5/],
    [
      "too many decimals",
      { trades: TRADES.with(2, cell(TRADES[2] ?? "", 2, "0.123456")) },
      /sizes have up to 6 decimals and prices up to 1/,
    ],
  ];
  test.each(broken)("%s is refused with its place", async (_, files, want) => {
    expect(await importing(write(files))).toMatch(want);
  });

  test("sizes finer than --sz-decimals are refused", async () => {
    expect(await importing(write({}), "--sz-decimals", "1")).toMatch(
      /column "bid_size_1": "3.25" is not allowed; a positive size with at most 1 decimals/,
    );
  });

  test("a missing kind, an unreadable file and a damaged gz are named", async () => {
    const [book = "", touch = "", trades = ""] = write({});
    expect(await importing([book, touch])).toMatch(/no trades file/);
    expect(await importing([book, touch, join(folder, "absent.csv")])).toMatch(/cannot be read/);
    writeFileSync(trades, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    expect(await importing([book, touch, trades])).toMatch(/trades\.csv: cannot be read/);
  });

  test("words that make no sense are refused", async () => {
    const paths = write({});
    const out = await importing(paths);
    expect(await refusalOf("import", "--coin", "TEST", "--out", out, ...paths)).toContain(
      "--force",
    );
    expect(await refusalOf("import", "--out", out, ...paths)).toContain("--coin");
    expect(await refusalOf("import", "--coin", "TEST", ...paths)).toContain("--out");
    expect(await refusalOf("import", "--coin", "TEST", "--out", out)).toContain("needs files");
    expect(await refusalOf("show", out)).toContain("allowed: import, info");
    expect(await refusalOf("info", paths[1] ?? "")).toContain("is no tape");
    await tape("import", "--coin", "TEST", "--out", out, "--force", ...paths);
  });
});

describe("decimals as collectors write them", () => {
  test.each([
    ["1e-05", "0.00001", 5],
    ["1.5e-3", "0.0015", 4],
    ["2E3", "2000", 0],
    ["1.25e1", "12.5", 1],
    ["3331.0", "3331", 0],
    ["413.2650", "413.265", 3],
    ["100", "100", 0],
    ["nan", "nan", 0],
  ])("%s is %s with %d decimals", (text, want, decimals) => {
    expect(plainDecimal(text)).toBe(want);
    expect(decimalsOf(text)).toBe(decimals);
  });
});
