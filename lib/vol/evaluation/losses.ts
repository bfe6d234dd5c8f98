/** QLIKE of Patton (2011) on variances: RV/f - ln(RV/f) - 1. Zero when equal; ranks forecasts rightly under a noisy proxy. */
export function qlike(realised: number, forecast: number): number {
  const ratio = realised / forecast;
  return ratio - Math.log(ratio) - 1;
}

/** How good forecasts were, each compared with what came. */
export type Scores = {
  readonly n: number;
  readonly qlike: number;
  readonly mseLog: number;
  /** Out of sample, on variances, against the mean of what came. */
  readonly r2: number;
  /** The same on logs. */
  readonly r2Log: number;
  /** Mincer and Zarnowitz (1969) on logs: ln RV = intercept + slope ln f. Unbiased: 0 and 1. */
  readonly mincerZarnowitz: {
    readonly intercept: number;
    readonly slope: number;
    readonly r2: number;
  };
};

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
}

function rSquared(actual: Float64Array, forecast: Float64Array): number {
  const centre = mean(actual);
  let rest = 0;
  let all = 0;
  for (let i = 0; i < actual.length; i++) {
    rest += ((actual[i] ?? 0) - (forecast[i] ?? 0)) ** 2;
    all += ((actual[i] ?? 0) - centre) ** 2;
  }
  return all === 0 ? Number.NaN : 1 - rest / all;
}

function regress(x: Float64Array, y: Float64Array): Scores["mincerZarnowitz"] {
  const mx = mean(x);
  const my = mean(y);
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += ((x[i] ?? 0) - mx) ** 2;
    xy += ((x[i] ?? 0) - mx) * ((y[i] ?? 0) - my);
    yy += ((y[i] ?? 0) - my) ** 2;
  }
  const slope = xx === 0 ? 0 : xy / xx;
  return {
    intercept: my - slope * mx,
    slope,
    r2: xx === 0 || yy === 0 ? 0 : (xy * xy) / (xx * yy),
  };
}

/** Per-sample QLIKE, for tests between models. */
export function qlikes(realised: Float64Array, forecast: Float64Array): Float64Array {
  return realised.map((value, i) => qlike(value, forecast[i] ?? Number.NaN));
}

export function score(realised: Float64Array, forecast: Float64Array): Scores {
  const logRealised = realised.map(Math.log);
  const logForecast = forecast.map(Math.log);
  return {
    n: realised.length,
    qlike: mean(qlikes(realised, forecast)),
    mseLog: mean(logRealised.map((value, i) => (value - (logForecast[i] ?? 0)) ** 2)),
    r2: rSquared(realised, forecast),
    r2Log: rSquared(logRealised, logForecast),
    mincerZarnowitz: regress(logForecast, logRealised),
  };
}
