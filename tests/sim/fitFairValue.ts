import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { fairSamples, SIGNALS } from "../support/fairSamples.ts";
import type { FairSample } from "../support/fairSamples.ts";
import { explainedShare, leastSquares } from "../support/leastSquares.ts";

/*
 * Fits the weights of the fair value to recordings: least squares of the mid's move over the next seconds. A set of
 * signals is judged on each recording by weights fitted to the others alone. Usage:
 * bun tests/sim/fitFairValue.ts [--seconds 2] <tape>…
 */

const args = process.argv.slice(2);
const at = args.indexOf("--seconds");
const seconds = at < 0 ? 2 : Number(args.splice(at, 2)[1]);
if (args.length === 0 || !(seconds > 0)) {
  process.stderr.write("bun run fit-fair-value [--seconds 2] <tape>…\n");
  process.exit(2);
}

type Recording = {
  readonly tape: string;
  readonly sha256: string;
  readonly samples: readonly FairSample[];
};
const recordings = args.map((path): Recording => {
  const tape = openTape(path);
  return {
    tape: path.split("/").at(-1) ?? path,
    sha256: tape.sha256,
    samples: scaled(fairSamples(tape, 1000 * seconds)),
  };
});

/** Moves in units of their own deviation count alike, so that the wildest recording does not decide alone. */
function scaled(samples: readonly FairSample[]): FairSample[] {
  const deviation = Math.sqrt(samples.reduce((sum, { y }) => sum + y * y, 0) / samples.length) || 1;
  return samples.map(({ x, y }) => ({ x: x.map((v) => v / deviation), y: y / deviation }));
}

/** Every set of signals that the recordings have. */
function setsOf(count: number): number[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, i) =>
    Array.from({ length: count }, (__, bit) => bit).filter((bit) => ((i + 1) >> bit) & 1),
  );
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
const present = SIGNALS.filter((_, column) =>
  recordings.some(({ samples }) => samples.some(({ x }) => (x[column] ?? 0) !== 0)),
);
const results = setsOf(SIGNALS.length)
  .filter((columns) => columns.every((c) => present.includes(SIGNALS[c] ?? "microprice")))
  .map((columns) => {
    const fitted = leastSquares(
      recordings.flatMap(({ samples }) => samples),
      columns,
    );
    const outside = recordings.map(({ samples }, i) => {
      const others = recordings.filter((_, j) => j !== i);
      if (others.length === 0) return Number.NaN;
      const weights = leastSquares(
        others.flatMap((other) => other.samples),
        columns,
      );
      return round(explainedShare(samples, columns, weights));
    });
    return {
      signals: columns.map((c) => SIGNALS[c]),
      weights: fitted.map(round),
      explainedOnOthers: outside,
      mean: round(outside.reduce((a, b) => a + b, 0) / outside.length),
    };
  })
  .toSorted((a, b) => b.mean - a.mean);
const data = recordings.map(({ tape, sha256, samples }) => ({
  tape,
  sha256,
  samples: samples.length,
  micropriceAsItIs: round(explainedShare(samples, [0], [1])),
}));
process.stdout.write(`${JSON.stringify({ seconds, data, results }, null, 1)}\n`);
