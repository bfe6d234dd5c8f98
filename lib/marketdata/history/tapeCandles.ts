import { RowKind } from "../../core/tape/tape.ts";
import type { TapeBlock, TapeSource } from "../../core/tape/tape.ts";
import { pxDecimalsOf } from "../../units/decimal.ts";
import { rowAt } from "../../vol/candles.ts";
import { MidBars } from "../../vol/midBars.ts";
import type { CandleRow } from "../../vol/candles.ts";

/** Mid of a row's best levels in ticks, or null when a side is empty. */
function midOf(block: TapeBlock, row: number): number | null {
  const from = block.levelFrom[row] ?? 0;
  const to = block.levelFrom[row + 1] ?? from;
  const bids = block.bidCount[row] ?? 0;
  if (bids === 0 || from + bids >= to) return null;
  return ((block.levelPx[from] ?? 0) + (block.levelPx[from + bids] ?? 0)) / 2;
}

/**
 * Candles of the mid from a recording: what reaches further back than the venue's newest 5,000. Bars that touch a stretch in
 * which the book is not known are left out, and so are the first and the last one, which need not be whole. Volume is
 * unknown: a tape need not have all prints.
 */
export function candlesFromTape(tape: TapeSource, barMs: number): readonly CandleRow[] {
  const { header } = tape;
  const scale = 10 ** -pxDecimalsOf(header.szDecimals);
  const bars = new MidBars(barMs, Number.MAX_SAFE_INTEGER);
  for (const block of tape.blocks())
    for (let row = 0; row < block.rows; row++) {
      const kind = block.kind[row];
      if (kind !== RowKind.depth && kind !== RowKind.touch) continue;
      const mid = midOf(block, row);
      if (mid !== null) bars.addMid(mid * scale, block.timeMs[row] ?? 0);
    }
  const candles = bars.candles(barMs, bars.count);
  const firstMs = header.fromMs ?? 0;
  return Array.from(candles.openMs, (_, i) => rowAt(candles, i)).filter((row) => {
    const endMs = row.openMs + barMs;
    const whole = !header.gaps.some((gap) => gap.fromMs < endMs && gap.toMs > row.openMs);
    return whole && row.openMs >= firstMs;
  });
}
