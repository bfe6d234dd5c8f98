import { defaultParams } from "../../lib/core/params.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import type { VolOptions } from "../../lib/runtime/volFeed.ts";
import { estimate } from "./ablate.ts";
import type { Estimate } from "./ablate.ts";
import { simulatedHistory } from "./simulatedHistory.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const HORIZON_MS = 5 * MINUTE_MS;
const HISTORY_DAYS = 4;
/** Forecast over outcome beyond this, either way, and the spread was set for another market. */
const WRONG_RATIO = 1.5;

/** The same bot; only the source of its volatility differs. */
const SOURCES = ["ewma", "localHar"] as const;
type Source = (typeof SOURCES)[number];

const MEASURES = [
  "pnlPerMillion",
  "edgeBps",
  "spreadBps",
  "markout10sBps",
  "fills",
  "notionalUsd",
  "actions",
  "wrongWidthShare",
  "qlike",
] as const;
type Measure = (typeof MEASURES)[number];
type Figures = { readonly [M in Measure]: number };
type Estimates = { readonly [M in Measure]: Estimate };

export type ForecastComparison = {
  readonly seeds: number;
  readonly days: number;
  readonly horizonMs: number;
  readonly sources: { readonly [S in Source]: Estimates };
  /** localHar less ewma, paired by seed. */
  readonly difference: Estimates;
  readonly table: string;
};

/** Spread set by a HAR on the market's own minutes against spread set by the running average, seed by seed. */
export async function compareForecasts(
  seeds: number,
  days: number,
  onProgress: (text: string) => void,
): Promise<ForecastComparison> {
  const runs: { readonly [S in Source]: Figures[] } = { ewma: [], localHar: [] };
  for (let seed = 1; seed <= seeds; seed++) {
    const history = simulatedHistory(1000 + seed, HISTORY_DAYS);
    for (const source of SOURCES) {
      const figures = await runOnce(seed, days, optionsOf(source, history));
      runs[source].push(figures);
      const { edgeBps, pnlPerMillion, qlike } = figures;
      onProgress(
        `seed ${seed} ${source}: edge ${edgeBps.toFixed(2)} bp, PnL ${pnlPerMillion.toFixed(0)} $/M, QLIKE ${qlike.toFixed(3)}`,
      );
    }
  }
  const over = (pick: (measure: Measure) => readonly number[]): Estimates =>
    Object.fromEntries(MEASURES.map((measure) => [measure, estimate(pick(measure))])) as Estimates;
  const of = (source: Source): Estimates =>
    over((measure) => runs[source].map((run) => run[measure]));
  const sources = { ewma: of("ewma"), localHar: of("localHar") };
  const difference = over((measure) =>
    runs.localHar.map((run, at) => run[measure] - (runs.ewma[at]?.[measure] ?? Number.NaN)),
  );
  const table = tableOf({ ...sources, difference });
  return { seeds, days, horizonMs: HORIZON_MS, sources, difference, table };
}

function optionsOf(
  source: Source,
  history: NonNullable<VolOptions["history"]>,
): Omit<VolOptions, "models"> {
  const options = { horizonMs: HORIZON_MS, history };
  return source === "localHar" ? options : { ...options, fit: () => null };
}

/** What the quotes were set by, minute by minute, and where the mid was. */
class Minutes {
  readonly #sigma = new Map<number, number>();
  readonly #mid = new Map<number, number>();

  onAudit({ event }: Audit): void {
    const { view, kind } = event;
    const [bid] = view?.bids ?? [];
    const [ask] = view?.asks ?? [];
    if (kind !== "book" || view === null || bid === undefined || ask === undefined) return;
    const minute = Math.floor(event.atMs / MINUTE_MS);
    this.#mid.set(minute, bid.pxTicks + ask.pxTicks);
    const { sigmaBpsPerSqrtSec: sigma } = view;
    if (sigma !== null && !this.#sigma.has(minute)) this.#sigma.set(minute, sigma);
  }

  /** Volatility that set the quotes over volatility that came, each minute. */
  ratios(): readonly number[] {
    return [...this.#sigma].flatMap(([minute, sigma]) => {
      let variance = 0;
      for (let k = minute; k < minute + HORIZON_MS / MINUTE_MS; k++) {
        const before = this.#mid.get(k - 1);
        const after = this.#mid.get(k);
        if (before === undefined || after === undefined) return [];
        variance += Math.log(after / before) ** 2;
      }
      const realised = 1e4 * Math.sqrt(variance / (HORIZON_MS / 1000));
      return realised > 0 ? [sigma / realised] : [];
    });
  }
}

async function runOnce(
  seed: number,
  days: number,
  vol: Omit<VolOptions, "models">,
): Promise<Figures> {
  const minutes = new Minutes();
  const { pnl, fills, actions } = await simulate({
    symbol: "US500",
    seed,
    durationMs: days * DAY_MS,
    params: defaultParams,
    vol,
    onProgress: () => {},
    onWarning: () => {},
    onAudit: (audit) => minutes.onAudit(audit),
  });
  const traded = Math.max(1, fills.notionalUsd);
  const bps = (usd: number): number => (1e4 * usd) / traded;
  const ratios = minutes.ratios();
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return {
    pnlPerMillion: (1e6 * pnl.total) / traded,
    edgeBps: bps(pnl.spread + pnl.adverse - pnl.fees),
    spreadBps: bps(pnl.spread),
    markout10sBps: bps(pnl.adverse),
    fills: fills.count,
    notionalUsd: fills.notionalUsd,
    actions: actions.used,
    wrongWidthShare: mean(
      ratios.map((ratio) => Number(ratio > WRONG_RATIO || ratio < 1 / WRONG_RATIO)),
    ),
    qlike: mean(ratios.map((ratio) => ratio ** -2 + 2 * Math.log(ratio) - 1)),
  };
}

const COLUMNS: readonly (readonly [string, Measure, number])[] = [
  ["PnL $/M", "pnlPerMillion", 1],
  ["edge bp", "edgeBps", 3],
  ["spread bp", "spreadBps", 3],
  ["markout 10 s bp", "markout10sBps", 3],
  ["fills", "fills", 0],
  ["traded $", "notionalUsd", 0],
  ["actions", "actions", 0],
  ["wrong width", "wrongWidthShare", 3],
  ["QLIKE", "qlike", 3],
];

function tableOf(rows: { readonly [name: string]: Estimates }): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const shown = ({ mean, ci95 }: Estimate, digits: number): string =>
    `${mean.toFixed(digits)} ± ${ci95.toFixed(digits)}`;
  return [
    line(["", ...COLUMNS.map(([title]) => title)]),
    line(["---", ...COLUMNS.map(() => "---")]),
    ...Object.entries(rows).map(([name, estimates]) =>
      line([name, ...COLUMNS.map(([, measure, digits]) => shown(estimates[measure], digits))]),
    ),
  ].join("\n");
}
