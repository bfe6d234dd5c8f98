import { expect, test } from "bun:test";
import { BlockBuilder } from "../../lib/core/tape/blockBuilder.ts";
import { candlesFromTape } from "../../lib/marketdata/history/tapeCandles.ts";
import type { TapeSource } from "../../lib/core/tape/tape.ts";

const MINUTE = 60_000;

test("a tape's mids become minute bars; half-known minutes are left out", () => {
  const builder = new BlockBuilder();
  // szDecimals 3: a tick is a thousandth.
  const touch = (minute: number, mid: number): void =>
    builder.touch(minute * MINUTE, 0, [mid * 1000 - 5, 10], [mid * 1000 + 5, 10]);
  touch(100.5, 690);
  touch(101, 691);
  touch(101.5, 693);
  builder.depth(101.7 * MINUTE, 0, [689_000, 1, 688_000, 2], [691_000, 1]);
  touch(102.1, 692);
  touch(103.5, 692);
  builder.gap(103.6 * MINUTE, 105.2 * MINUTE);
  touch(105.3, 700);
  builder.print(105.4 * MINUTE, 0, "bid", 700_000, 3);
  touch(106.2, 701);
  builder.touch(106.4 * MINUTE, 0, [700_000, 1], []);
  touch(107.9, 702);
  const block = builder.take();
  const tape: TapeSource = {
    header: {
      format: 1,
      source: "made here",
      licence: "none",
      coin: "km:US500",
      szDecimals: 3,
      clock: "venue",
      receiveClock: null,
      blocks: 1,
      rows: block.rows,
      rowsByKind: { depth: 1, touch: 8, print: 1, gap: 1, oracle: 0 },
      fromMs: 100.5 * MINUTE,
      toMs: 107.9 * MINUTE,
      gaps: [{ fromMs: 103.6 * MINUTE, toMs: 105.2 * MINUTE }],
    },
    blocks: () => [block],
  };
  const rows = candlesFromTape(tape, MINUTE);
  expect(rows.map((row) => row.openMs / MINUTE)).toEqual([101, 102, 106]);
  expect(rows[0]).toMatchObject({ open: 690, high: 693, low: 690, close: 690 });
  expect(rows[2]).toMatchObject({ open: 700, close: 701 });
});
