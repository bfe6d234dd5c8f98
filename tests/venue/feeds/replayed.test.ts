import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BlockBuilder } from "../../../lib/core/tape/blockBuilder.ts";
import type { TapeHeader, TapeSource } from "../../../lib/core/tape/tape.ts";
import { AssertionError } from "../../../lib/units/assert.ts";
import { replayedFeed } from "../../../lib/venue/feeds/replayed.ts";
import type { FeedInput, MarketFeed } from "../../../lib/venue/rules/types.ts";
import { tapeRows, writeRow } from "../../property/tapeRows.ts";
import type { TimedRow } from "../../property/tapeRows.ts";
import { TinyBook } from "./tinyBook.ts";

const T0 = 1_765_401_000_000;

/** A tape in memory, cut into blocks of a few rows. */
function tapeOf(rows: readonly TimedRow[], blockRows = 3): TapeSource {
  const builder = new BlockBuilder();
  const counts = { depth: 0, touch: 0, print: 0, gap: 0, oracle: 0 };
  for (const row of rows) counts[row.kind]++;
  const header: TapeHeader = {
    format: 1,
    source: "a test",
    licence: "none",
    coin: "km:US500",
    szDecimals: 3,
    clock: "exchange",
    receiveClock: null,
    blocks: Math.ceil(rows.length / blockRows),
    rows: rows.length,
    rowsByKind: counts,
    fromMs: rows[0]?.timeMs ?? null,
    toMs: rows.at(-1)?.timeMs ?? null,
    gaps: [],
  };
  return {
    header,
    *blocks() {
      for (let from = 0; from < rows.length; from += blockRows) {
        for (const row of rows.slice(from, from + blockRows)) writeRow(builder, row);
        yield builder.take();
      }
    },
  };
}

function play(feed: MarketFeed): { atMs: number; input: FeedInput }[] {
  const book = new TinyBook();
  const played: { atMs: number; input: FeedInput }[] = [];
  for (let atMs = feed.nextMs(); atMs !== Number.POSITIVE_INFINITY; atMs = feed.nextMs())
    for (const input of feed.next(book)) played.push({ atMs, input });
  return played;
}

const book = (ms: number, bid: number, kind: "depth" | "touch" = "depth"): TimedRow => ({
  kind,
  timeMs: T0 + ms,
  lagMs: 0,
  bids: [bid, 5],
  asks: [bid + 30, 7],
});

describe("the replayed feed", () => {
  test("rows come at their distance from the first, equal times together, in order", () => {
    const feed = replayedFeed(
      tapeOf([
        book(0, 100_000),
        { kind: "print", timeMs: T0 + 500, lagMs: 0, side: "ask", px: 100_000, lots: 3 },
        book(500, 99_990, "touch"),
        { kind: "oracle", timeMs: T0 + 700, lagMs: 0, px: 100_007 },
        { kind: "gap", timeMs: T0 + 900, lagMs: 0, lengthMs: 6000 },
        book(6900, 99_000),
      ]),
    );
    expect(feed.info).toMatchObject({
      source: "replayed",
      coin: "km:US500",
      durationMs: 6900,
      seed: null,
      coverage: { fromMs: T0, toMs: T0 + 6900, rows: 6 },
    });
    expect(play(feed)).toEqual([
      { atMs: 0, input: depth(100_000, true) },
      {
        atMs: 500,
        input: { kind: "tapePrint", side: "ask", pxTicks: px(100_000), sizeLots: px(3) },
      },
      { atMs: 500, input: depth(99_990, false) },
      { atMs: 700, input: { kind: "oracle", pxTicks: px(100_007) } },
      { atMs: 900, input: { kind: "gap", untilMs: 6900 } },
      { atMs: 6900, input: depth(99_000, true) },
    ]);
  });

  test("without a recorded oracle the mid stands for it every 3 s, not in a gap", () => {
    const feed = replayedFeed(
      tapeOf([
        book(0, 100_000),
        book(2900, 100_100, "touch"),
        { kind: "gap", timeMs: T0 + 4000, lagMs: 0, lengthMs: 6000 },
        book(10_000, 200_000, "touch"),
        book(13_000, 200_100),
        book(15_500, 200_200, "touch"),
      ]),
    );
    const oracle = play(feed).filter(({ input }) => input.kind === "oracle");
    expect(oracle).toEqual([
      { atMs: 0, input: { kind: "oracle", pxTicks: px(100_015) } },
      { atMs: 3000, input: { kind: "oracle", pxTicks: px(100_115) } },
      { atMs: 15_000, input: { kind: "oracle", pxTicks: px(200_115) } },
    ]);
    expect(feed.info.description).toContain("no oracle was recorded");
  });

  test("every row of any tape is played once, at its time", () => {
    fc.assert(
      fc.property(tapeRows, fc.integer({ min: 1, max: 20 }), (rows, blockRows) => {
        fc.pre(rows.length > 0);
        const firstMs = rows[0]?.timeMs ?? 0;
        // Oracle substitutes would be millions on a tape of years: one row of its own switches them off.
        const lastMs = rows.at(-1)?.timeMs ?? 0;
        const all: TimedRow[] = [...rows, { kind: "oracle", timeMs: lastMs, lagMs: 0, px: 1 }];
        const played = play(replayedFeed(tapeOf(all, blockRows)));
        expect(played.map(({ atMs }) => atMs)).toEqual(all.map((row) => row.timeMs - firstMs));
        expect(played.map(({ input }) => input.kind)).toEqual(all.map(kindOfInput));
      }),
    );
  });

  test("a tape without rows cannot be replayed", () => {
    expect(() => replayedFeed(tapeOf([]))).toThrow(AssertionError);
  });
});

function kindOfInput(row: TimedRow): FeedInput["kind"] {
  if (row.kind === "print") return "tapePrint";
  return row.kind === "gap" || row.kind === "oracle" ? row.kind : "tapeBook";
}

function px(value: number): never {
  return value as never;
}

function depth(bid: number, isDepth: boolean): FeedInput {
  return { kind: "tapeBook", bids: [bid, 5], asks: [bid + 30, 7], depth: isDepth };
}
