import { moneyText, signedMoneyText, stampText } from "../dashboard/format.ts";
import { meanInterval } from "../runtime/report/statistics.ts";
import type { Interval } from "../runtime/report/statistics.ts";
import type { SimulateSummary } from "../runtime/simulate.ts";
import { textTable } from "./table.ts";

/** Several runs that differ in their seed alone. Money in whole collateral tokens. */
export type RunsSummary = {
  readonly runs: readonly SimulateSummary[];
  /** Means over the runs with Student's 95 % interval. Null without runs. */
  readonly mean: { readonly [F in keyof typeof FIGURES]: Interval | null };
};

type Figure = {
  readonly of: (run: SimulateSummary) => number;
  readonly text: (value: number) => string;
};

const whole = (value: number): string => String(Math.round(value));
const signed = (value: number): string => signedMoneyText(value * 1e6);

const FIGURES = {
  fills: { of: ({ fills }) => fills.count, text: whole },
  notionalUsd: {
    of: ({ fills }) => fills.notionalUsd,
    text: (value: number) => moneyText(value * 1e6),
  },
  pnl: { of: ({ pnl }) => pnl.total, text: signed },
  actions: { of: ({ actions }) => actions.used, text: whole },
} as const satisfies Readonly<Record<string, Figure>>;

const HEAD = ["seed", "fills", "traded", "pnl", "actions"];

/** The runs and their means. */
export function summariseRuns(runs: readonly SimulateSummary[]): RunsSummary {
  const meanOf = ({ of }: Figure): Interval | null => meanInterval(runs.map(of));
  const { fills, notionalUsd, pnl, actions } = FIGURES;
  return {
    runs,
    mean: {
      fills: meanOf(fills),
      notionalUsd: meanOf(notionalUsd),
      pnl: meanOf(pnl),
      actions: meanOf(actions),
    },
  };
}

/** A row per run, then the means: says first that it was a simulation. */
export function renderRuns({ runs, mean }: RunsSummary): string {
  const [first] = runs;
  if (first === undefined) return "no runs";
  const figures = Object.values(FIGURES) as readonly Figure[];
  const rows = runs.map((run) => [
    String(run.seed),
    ...figures.map(({ of, text }) => text(of(run))),
  ]);
  const means = Object.entries(mean).map(([name, interval]) =>
    intervalText(interval, FIGURES[name as keyof typeof FIGURES].text),
  );
  const stamp = stampText({ ...first, seed: null, speed: 1 });
  const errors = runs.flatMap(({ seed, errors: own }) =>
    own.map((error) => `seed ${seed}: ${error}`),
  );
  return [
    `${first.market}  ${stamp}. No real money.`,
    "",
    textTable(HEAD, [...rows, ["mean", ...means]]),
    `the mean's range holds the true one in 95 of 100 such samples (${runs.length} seeds)`,
    ...errors,
  ].join("\n");
}

function intervalText(interval: Interval | null, text: (value: number) => string): string {
  if (interval === null) return "-";
  if (interval.high === null) return text(interval.mean);
  return `${text(interval.mean)} ± ${text(interval.high - interval.mean).replace("+", "")}`;
}
