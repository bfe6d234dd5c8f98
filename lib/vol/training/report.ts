import { bySession, calibrationOf } from "../evaluation/breakdown.ts";
import { hashCandles } from "./series.ts";
import type { Calibration, SessionScore } from "../evaluation/breakdown.ts";
import type { Entry, Tournament } from "../evaluation/tournament.ts";
import type { Split } from "../evaluation/walkForward.ts";
import type { Problem } from "../problem.ts";
import type { Verdict } from "./gate.ts";
import type { Series } from "./series.ts";

type EntryReport = Entry & {
  readonly calibration: Calibration | null;
  readonly bySession: readonly SessionScore[];
};

/** Everything a training found. Plain data. */
export type RunReport = {
  readonly series: string;
  readonly horizonMs: number;
  readonly horizonBars: number;
  readonly measure: Problem["measure"];
  readonly session: Series["session"];
  readonly bars: number;
  readonly samples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly testFromMs: number;
  readonly testToMs: number;
  readonly entries: readonly EntryReport[];
  readonly verdict: Verdict;
  readonly network: null | {
    readonly loss: string;
    readonly epochs: readonly number[];
    readonly validation: { readonly har: number; readonly lstm: number };
    /** Largest difference of log variance between the file as served and the trainer. */
    readonly servedDifference: number;
  };
  readonly championRefused: string | null;
  readonly dataHash: string;
  /** The end of the test, for plots: variances over the horizon. */
  readonly sample: {
    readonly endMs: readonly number[];
    readonly realised: readonly number[];
    readonly forecasts: Readonly<Record<string, readonly number[]>>;
  };
};

const SAMPLE_MAX = 400;

/** What a training has at its end. */
type Findings = {
  readonly series: Series;
  readonly options: { readonly horizonMs: number };
  readonly problem: Problem;
  readonly split: Split;
  readonly tournament: Tournament;
  readonly verdict: Verdict;
  readonly network: RunReport["network"];
  readonly championRefused: string | null;
};

/** Everything worth keeping of a training, as plain data. */
export function reportOf(findings: Findings): RunReport {
  const { series, problem, split, network } = findings;
  const { realised, forecasts, entries } = findings.tournament;
  const at = problem.at.subarray(split.test.from, split.test.to);
  const endOf = (bar: number): number => problem.bars.endMs[bar] ?? 0;
  const tail = (values: Float64Array): number[] => Array.from(values.subarray(-SAMPLE_MAX));
  return {
    series: series.name,
    horizonMs: findings.options.horizonMs,
    horizonBars: problem.horizonBars,
    measure: problem.measure,
    session: series.session,
    bars: problem.bars.count,
    samples: {
      train: split.train.to,
      validation: split.validation.to - split.validation.from,
      test: split.test.to - split.test.from,
    },
    testFromMs: endOf(at[0] ?? 0),
    testToMs: endOf(at.at(-1) ?? 0),
    entries: entries.map((entry) => {
      const forecast = forecasts.get(entry.name) ?? new Float64Array();
      const calibration = calibrationOf(realised, forecast);
      return {
        ...entry,
        calibration,
        bySession: bySession(problem.bars, at, realised, forecast),
      };
    }),
    verdict: findings.verdict,
    network:
      network === null
        ? null
        : {
            loss: network.loss,
            epochs: network.epochs,
            validation: network.validation,
            servedDifference: network.servedDifference,
          },
    championRefused: findings.championRefused,
    dataHash: hashCandles(series.candles),
    sample: {
      endMs: Array.from(at.slice(-SAMPLE_MAX), endOf),
      realised: tail(realised),
      forecasts: Object.fromEntries(
        [...forecasts].map(([name, forecast]) => [name, tail(forecast)]),
      ),
    },
  };
}
