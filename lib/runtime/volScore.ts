import type { ScoredWindow, VolScoreView } from "../dashboard/volView.ts";

type Pending = Omit<ScoredWindow, "endMs" | "realised"> & {
  readonly fromMs: number;
  readonly average: number | null;
};

type Scored = { readonly window: ScoredWindow; readonly average: number | null };

const MINUTE_MS = 60_000;
/** A day of minutes. */
const WINDOWS_KEPT = 1440;
/** A flat minute is not told apart from one that moved by less than this: QLIKE has no value at zero. */
const REALISED_MIN = 1e-3;

/** Holds forecasts until their horizon has passed and compares them with what happened. */
export class VolScore {
  readonly #horizonMs: number;
  #pending: readonly Pending[] = [];
  #scored: readonly Scored[] = [];
  #view: VolScoreView = viewOf([]);

  constructor(horizonMs: number) {
    this.#horizonMs = horizonMs;
  }

  /** A forecast made when the bar that ended at `fromMs` was known. */
  add(forecast: Pending): void {
    this.#pending = [...this.#pending, forecast];
  }

  /** Since when minute bars are needed to settle what is pending, one bar before included; null when nothing is. */
  get neededFromMs(): number | null {
    const first = this.#pending[0];
    return first === undefined ? null : first.fromMs - MINUTE_MS;
  }

  /** Compares what has come to its end. @param minutes finished minute bars, oldest first; a window with a hole is dropped. */
  settle(minutes: readonly { readonly openMs: number; readonly close: number }[]): void {
    const endMs = (minutes.at(-1)?.openMs ?? 0) + MINUTE_MS;
    const due = this.#pending.filter(({ fromMs }) => fromMs + this.#horizonMs <= endMs);
    if (due.length === 0) return;
    const closes = new Map(minutes.map(({ openMs, close }) => [openMs + MINUTE_MS, close]));
    this.#pending = this.#pending.filter(({ fromMs }) => fromMs + this.#horizonMs > endMs);
    const scored = due.flatMap(({ fromMs, average, ...forecast }) => {
      const realised = this.#realised(closes, fromMs);
      const window = { ...forecast, realised: realised ?? 0, endMs: fromMs + this.#horizonMs };
      return realised === null ? [] : [{ window, average }];
    });
    this.#scored = [...this.#scored, ...scored].slice(-WINDOWS_KEPT);
    this.#view = viewOf(this.#scored);
  }

  view(): VolScoreView {
    return this.#view;
  }

  #realised(closes: ReadonlyMap<number, number>, fromMs: number): number | null {
    let variance = 0;
    for (let endMs = fromMs + MINUTE_MS; endMs <= fromMs + this.#horizonMs; endMs += MINUTE_MS) {
      const before = closes.get(endMs - MINUTE_MS);
      const close = closes.get(endMs);
      if (before === undefined || close === undefined) return null;
      variance += Math.log(close / before) ** 2;
    }
    return 1e4 * Math.sqrt(variance / (this.#horizonMs / 1000));
  }
}

function viewOf(all: readonly Scored[]): VolScoreView {
  const windows = all.map(({ window }) => window);
  const averages = all.flatMap(({ window, average }) =>
    average === null ? [] : [qlike(window.realised, average)],
  );
  const banded = windows.flatMap(({ band, realised }) =>
    band === null ? [] : [realised >= band.low && realised <= band.high ? 1 : 0],
  );
  return {
    windows: all.length,
    qlike: mean(windows.map(({ forecast, realised }) => qlike(realised, forecast))),
    qlikeOfAverage: mean(averages),
    covered: mean(banded),
    last: windows.at(-1) ?? null,
  };
}

function qlike(realised: number, forecast: number): number {
  const ratio = (Math.max(realised, REALISED_MIN) / Math.max(forecast, REALISED_MIN)) ** 2;
  return ratio - Math.log(ratio) - 1;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}
