import { garch } from "../forecasters/garch.ts";
import { harWith } from "../forecasters/har.ts";
import { ewma, hourDeviation, lastRealised } from "../forecasters/simple.ts";
import { dieboldMariano, hacLags } from "./dieboldMariano.ts";
import { qlikes, score } from "./losses.ts";
import { walkForward } from "./walkForward.ts";
import type { DieboldMariano } from "./dieboldMariano.ts";
import type { Forecaster } from "../forecasters/forecaster.ts";
import type { Scores } from "./losses.ts";
import type { Problem, Range } from "../problem.ts";

/** Who always competes, the simplest first. */
export const baselines = (pool: readonly Problem[]): readonly Forecaster[] => [
  lastRealised,
  hourDeviation,
  ewma,
  garch,
  harWith(pool),
];

/** One row of the table. `dmVsHar` below zero: better than HAR. */
export type Entry = Scores & {
  readonly name: string;
  readonly dmVsHar: DieboldMariano;
};

export type Tournament = {
  readonly realised: Float64Array;
  readonly forecasts: ReadonlyMap<string, Float64Array>;
  readonly entries: readonly Entry[];
};

/** Scores forecasts of the same samples side by side. `forecasts` must hold "har". */
function compare(
  realised: Float64Array,
  forecasts: ReadonlyMap<string, Float64Array>,
  horizonBars: number,
): readonly Entry[] {
  const baseline = qlikes(realised, forecasts.get("har") ?? new Float64Array());
  const lags = hacLags(realised.length, horizonBars);
  return [...forecasts].map(([name, forecast]) => ({
    name,
    ...score(realised, forecast),
    dmVsHar: dieboldMariano(qlikes(realised, forecast), baseline, lags),
  }));
}

/**
 * Every baseline and every further forecast on the same test samples, refitted `folds` times on what was known.
 * @param pool other series that the HAR learns from as well, as the networks do.
 */
export function runTournament(
  problem: Problem,
  test: Range,
  folds: number,
  more: ReadonlyMap<string, Float64Array>,
  pool: readonly Problem[],
): Tournament {
  const realised = problem.target.subarray(test.from, test.to);
  const forecasts = new Map<string, Float64Array>();
  for (const forecaster of baselines(pool))
    forecasts.set(forecaster.name, walkForward(forecaster, problem, test, folds));
  for (const [name, forecast] of more) forecasts.set(name, forecast);
  return { realised, forecasts, entries: compare(realised, forecasts, problem.horizonBars) };
}
