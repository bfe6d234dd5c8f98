import fc from "fast-check";
import { RowKind, sideOfCode } from "../../lib/core/tape/tape.ts";
import type { TapeBlock, TapeSubject } from "../../lib/core/tape/tape.ts";
import type { Side } from "../../lib/units/grid.ts";

type Row =
  | { readonly kind: "depth"; readonly bids: readonly number[]; readonly asks: readonly number[] }
  | { readonly kind: "touch"; readonly bids: readonly number[]; readonly asks: readonly number[] }
  | { readonly kind: "print"; readonly side: Side; readonly px: number; readonly lots: number }
  | { readonly kind: "gap"; readonly lengthMs: number }
  | { readonly kind: "oracle"; readonly px: number };
export type TimedRow = Row & { readonly timeMs: number; readonly lagMs: number };

/** What made-up tapes are about. */
export const MADE_UP: TapeSubject = {
  source: "made up",
  licence: "none needed",
  coin: "km:US500",
  szDecimals: 3,
  clock: "exchange",
  receiveClock: "local",
};

/** What BlockBuilder and TapeWriter have in common. */
export type RowSink = {
  depth(timeMs: number, lagMs: number, bids: readonly number[], asks: readonly number[]): void;
  touch(timeMs: number, lagMs: number, bid: readonly number[], ask: readonly number[]): void;
  print(timeMs: number, lagMs: number, aggressor: Side, px: number, lots: number): void;
  gap(timeMs: number, untilMs: number): void;
  oracle(timeMs: number, lagMs: number, px: number): void;
};

const lots = fc.oneof(fc.integer({ min: 1, max: 500_000 }), fc.integer({ min: 1, max: 2 ** 50 }));

function levels(mid: number, direction: 1 | -1, most: number): fc.Arbitrary<number[]> {
  const level = fc.tuple(fc.integer({ min: 1, max: 3000 }), lots);
  return fc.array(level, { maxLength: most }).map((steps) => {
    let px = mid;
    return steps.flatMap(([step, size]) => {
      px += direction * step;
      return [px, size];
    });
  });
}

const midPx = fc.integer({ min: 100_000, max: 2 ** 45 });
const side = fc.constantFrom<Side>("bid", "ask");

function book(kind: "depth" | "touch", most: number): fc.Arbitrary<Row> {
  return midPx.chain((mid) =>
    fc
      .record({ bids: levels(mid, -1, most), asks: levels(mid, 1, most) })
      .map((sides): Row => ({ kind, ...sides })),
  );
}

const row: fc.Arbitrary<Row> = fc.oneof(
  book("depth", 20),
  book("touch", 1),
  fc.record({ kind: fc.constant("print" as const), side, px: midPx, lots }),
  fc.record({ kind: fc.constant("gap" as const), lengthMs: fc.integer({ min: 1, max: 10 ** 9 }) }),
  fc.record({ kind: fc.constant("oracle" as const), px: midPx }),
);

/** Any legal tape, in time order, with equal times. */
export const tapeRows: fc.Arbitrary<TimedRow[]> = fc
  .record({
    startMs: fc.integer({ min: 0, max: 2 ** 42 }),
    rows: fc.array(fc.tuple(row, fc.nat(100_000), fc.integer({ min: -1000, max: 2 ** 31 - 1 })), {
      maxLength: 60,
    }),
  })
  .map(({ startMs, rows }) => {
    let timeMs = startMs;
    return rows.map(([body, waitMs, lagMs]) => {
      timeMs += waitMs % 3 === 0 ? 0 : waitMs;
      return { ...body, timeMs, lagMs: body.kind === "gap" ? 0 : lagMs };
    });
  });

export function writeRow(sink: RowSink, timed: TimedRow): void {
  const { timeMs, lagMs } = timed;
  if (timed.kind === "depth") sink.depth(timeMs, lagMs, timed.bids, timed.asks);
  else if (timed.kind === "touch") sink.touch(timeMs, lagMs, timed.bids, timed.asks);
  else if (timed.kind === "print") sink.print(timeMs, lagMs, timed.side, timed.px, timed.lots);
  else if (timed.kind === "gap") sink.gap(timeMs, timeMs + timed.lengthMs);
  else sink.oracle(timeMs, lagMs, timed.px);
}

/** A block back as rows: for comparing in tests only. */
export function readRows(block: TapeBlock): TimedRow[] {
  return Array.from({ length: block.rows }, (_, i): TimedRow => {
    const timed = { timeMs: block.timeMs[i] ?? -1, lagMs: block.lagMs[i] ?? -1 };
    const px = block.px[i] ?? -1;
    const size = block.lots[i] ?? -1;
    const kind = block.kind[i];
    if (kind === RowKind.print)
      return { kind: "print", side: sideOfCode(block.side[i] ?? 0), px, lots: size, ...timed };
    if (kind === RowKind.gap) return { kind: "gap", lengthMs: size, ...timed };
    if (kind === RowKind.oracle) return { kind: "oracle", px, ...timed };
    const from = block.levelFrom[i] ?? 0;
    const middle = from + (block.bidCount[i] ?? 0);
    const end = block.levelFrom[i + 1] ?? 0;
    const flat = (a: number, b: number): number[] =>
      Array.from({ length: b - a }, (__, k) => [
        block.levelPx[a + k] ?? -1,
        block.levelLots[a + k] ?? -1,
      ]).flat();
    const name = kind === RowKind.depth ? "depth" : "touch";
    return { kind: name, bids: flat(from, middle), asks: flat(middle, end), ...timed };
  });
}
