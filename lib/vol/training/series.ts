import { createHash } from "node:crypto";
import { measureBars } from "../bars.ts";
import { poseProblem } from "../problem.ts";
import { splitSamples } from "../evaluation/walkForward.ts";
import type { Session } from "../bars.ts";
import type { Candles } from "../candles.ts";
import type { Problem, Range } from "../problem.ts";
import type { Split } from "../evaluation/walkForward.ts";

/** One market's history, ready to learn from. */
export type Series = {
  readonly name: string;
  readonly candles: Candles;
  readonly session: Session;
};

/** Too little data, or data that do not fit. The text says what is there and what is needed. */
export class NotEnoughData extends Error {
  override readonly name = "NotEnoughData";
}

/** Below this a HAR is not trustworthy, let alone a network. */
const SAMPLES_MIN = 500;

/** The task on one series. @throws NotEnoughData */
export function problemOf(series: Series, horizonMs: number): Problem {
  const { barMs } = series.candles;
  if (horizonMs < barMs || horizonMs % barMs !== 0)
    throw new NotEnoughData(
      `${series.name}: a horizon of ${horizonMs / 1000} s is no multiple of its bars of ${barMs / 1000} s`,
    );
  const problem = poseProblem(measureBars(series.candles, series.session), horizonMs);
  if (problem.at.length < SAMPLES_MIN)
    throw new NotEnoughData(
      `${series.name}: ${problem.at.length} samples from ${problem.bars.count} bars; at least ${SAMPLES_MIN} are needed`,
    );
  return problem;
}

/** SHA-256 over all columns: tells whether two trainings saw the same data. */
export function hashCandles(candles: Candles): string {
  const hash = createHash("sha256");
  for (const column of [candles.openMs, candles.open, candles.high, candles.low, candles.close])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest("hex");
}

/** The split, and the end of what may be learned before the test. */
export function splitOf(problem: Problem): Split & { readonly known: Range } {
  const split = splitSamples(problem);
  return { ...split, known: { from: 0, to: split.validation.to } };
}
