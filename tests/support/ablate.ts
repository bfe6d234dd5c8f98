import { defaultParams } from "../../lib/core/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import type { MarkoutCell } from "../../lib/messages/state.ts";
import { QuoteMeter } from "./quoteMeter.ts";
import type { PlacementTally } from "./quoteMeter.ts";
import { VARIANTS } from "./variants.ts";

const DAY_MS = 86_400_000;

/** Figures of one run. Dollars are of the collateral token. */
type RunFigures = {
  readonly pnlPerMillion: number;
  readonly pnlUsd: number;
  /** Spread earned and markout after ten seconds less fees, per dollar traded: what the mid's drift does not blur. */
  readonly edgeBps: number;
  readonly markout10sBps: number;
  readonly fills: number;
  readonly notionalUsd: number;
  readonly inventorySpreadUsd: number;
  readonly actions: number;
  readonly throttled: number;
  readonly reduceOnlyShare: number;
  readonly smartFillShare: number;
  /** Lots filled per million lot-seconds that the five best levels rested. */
  readonly fillRateFive: number;
  /** Fills in lots per million lot-seconds at rest, by placement. */
  readonly fillRate: { readonly [placement: string]: number };
  readonly markouts: { readonly [kindAndSeconds: string]: Sum };
};

/** A mean and the half-width of its 95 % confidence interval. */
export type Estimate = { readonly mean: number; readonly ci95: number };
type Measure = Exclude<keyof RunFigures, "fillRate" | "markouts">;
/** Mean markout over fills, bps, by placement and seconds: "gap 60". */
type Markouts = { readonly [kindAndSeconds: string]: number };

const MEASURES: readonly Measure[] = [
  "pnlPerMillion",
  "pnlUsd",
  "edgeBps",
  "markout10sBps",
  "fills",
  "notionalUsd",
  "inventorySpreadUsd",
  "actions",
  "throttled",
  "reduceOnlyShare",
  "smartFillShare",
  "fillRateFive",
];

export type VariantReport = {
  readonly name: string;
  readonly about: string;
  readonly figures: { readonly [M in Measure]: Estimate };
  /** Paired by seed with the first variant: what the change makes. */
  readonly difference: { readonly [M in Measure]: Estimate };
  readonly fillRate: { readonly [placement: string]: number };
  readonly markouts: Markouts;
};

export type AblationReport = {
  readonly seeds: number;
  readonly days: number;
  readonly variants: readonly VariantReport[];
  readonly table: string;
};

export type AblationOptions = {
  readonly names: readonly string[];
  readonly seeds: number;
  readonly days: number;
  readonly onProgress: (text: string) => void;
};

/** Runs every variant on the same seeds, one after the other. The first name is what the others are compared with. */
export async function ablate(options: AblationOptions): Promise<AblationReport> {
  const { names, seeds, days, onProgress } = options;
  const runs = new Map<string, RunFigures[]>(names.map((name) => [name, []]));
  for (let seed = 1; seed <= seeds; seed++)
    for (const name of names) {
      const figures = await runOnce(name, seed, days);
      runs.get(name)?.push(figures);
      const { edgeBps, pnlUsd, actions } = figures;
      onProgress(
        `seed ${seed} ${name}: edge ${edgeBps.toFixed(2)} bp, pnl ${pnlUsd.toFixed(2)}, actions ${actions}`,
      );
    }
  const base = runs.get(names[0] ?? "") ?? [];
  const variants = names.map((name) => reportOf(name, runs.get(name) ?? [], base));
  return { seeds, days, variants, table: tableOf(variants) };
}

async function runOnce(name: string, seed: number, days: number): Promise<RunFigures> {
  const variant = VARIANTS[name];
  if (variant === undefined) throw new Error(`no variant is called "${name}"`);
  const meter = new QuoteMeter();
  const summary = await simulate({
    symbol: "US500",
    seed,
    durationMs: days * DAY_MS,
    params: { ...defaultParams, ...variant.params },
    onProgress: () => {},
    onWarning: () => {},
    onAudit: (audit) => meter.onAudit(audit),
  });
  const { pnl, fills, actions, orders } = summary;
  const traded = Math.max(1, fills.notionalUsd);
  const smart =
    (meter.placements.get("gap")?.fills ?? 0) + (meter.placements.get("queue")?.fills ?? 0);
  return {
    pnlPerMillion: (1e6 * pnl.total) / traded,
    pnlUsd: pnl.total,
    edgeBps: (1e4 * (pnl.spread + pnl.adverse - pnl.fees)) / traded,
    markout10sBps: (1e4 * pnl.adverse) / traded,
    fills: fills.count,
    notionalUsd: fills.notionalUsd,
    inventorySpreadUsd: meter.inventorySpreadUsd(),
    actions: actions.used + (variant.cancelAndReplace === true ? orders.modified : 0),
    throttled: meter.throttled,
    reduceOnlyShare: meter.modeShare("reduceOnly"),
    smartFillShare: smart / Math.max(1, fills.count),
    fillRateFive: rateOf(meter.placements.get("five best")),
    markouts: markoutSums(meter.quality.cells),
    fillRate: Object.fromEntries(
      [...meter.placements].map(([placement, tally]) => [placement, rateOf(tally)]),
    ),
  };
}

function rateOf(tally: PlacementTally | undefined): number {
  if (tally === undefined || tally.lotSeconds === 0) return 0;
  return (1e6 * tally.filledLots) / tally.lotSeconds;
}

type Sum = { readonly fills: number; readonly bps: number };

function markoutSums(cells: readonly MarkoutCell[]): { readonly [key: string]: Sum } {
  const sums: { [key: string]: Sum } = {};
  for (const { kind, seconds, fills, bps } of cells) {
    const key = `${kind} ${seconds}`;
    const known = sums[key] ?? { fills: 0, bps: 0 };
    sums[key] = { fills: known.fills + fills, bps: known.bps + bps };
  }
  return sums;
}

function meanMarkouts(runs: readonly RunFigures[]): Markouts {
  const all: { [key: string]: Sum } = {};
  for (const { markouts } of runs)
    for (const [key, { fills, bps }] of Object.entries(markouts)) {
      const known = all[key] ?? { fills: 0, bps: 0 };
      all[key] = { fills: known.fills + fills, bps: known.bps + bps };
    }
  return Object.fromEntries(Object.entries(all).map(([key, { fills, bps }]) => [key, bps / fills]));
}

function reportOf(
  name: string,
  runs: readonly RunFigures[],
  base: readonly RunFigures[],
): VariantReport {
  const each = (pick: (run: RunFigures, at: number) => number): Estimate =>
    estimate(runs.map(pick));
  const over = (pick: (measure: Measure) => Estimate): { [M in Measure]: Estimate } =>
    Object.fromEntries(MEASURES.map((measure) => [measure, pick(measure)])) as {
      [M in Measure]: Estimate;
    };
  const placements = new Set(runs.flatMap(({ fillRate }) => Object.keys(fillRate)));
  return {
    name,
    about: VARIANTS[name]?.about ?? "",
    figures: over((measure) => each((run) => run[measure])),
    difference: over((measure) =>
      each((run, at) => run[measure] - (base[at]?.[measure] ?? Number.NaN)),
    ),
    fillRate: Object.fromEntries(
      [...placements].map((placement) => [
        placement,
        each(({ fillRate }) => fillRate[placement] ?? 0).mean,
      ]),
    ),
    markouts: meanMarkouts(runs),
  };
}

/** Two-sided 97.5 % points of Student's t for 1 to 20 degrees of freedom. */
const T975 = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12,
  2.11, 2.1, 2.09, 2.09,
];

/** Mean with the half-width of its 95 % confidence interval (Student's t); infinite for one value. */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return { mean, ci95: Infinity };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, ci95: (T975[n - 2] ?? 1.96) * Math.sqrt(variance / n) };
}

const COLUMNS: readonly (readonly [string, Measure, number])[] = [
  ["PnL $/M", "pnlPerMillion", 0],
  ["edge bp", "edgeBps", 2],
  ["markout 10 s", "markout10sBps", 2],
  ["fills", "fills", 0],
  ["inventory $", "inventorySpreadUsd", 0],
  ["actions", "actions", 0],
];

/** Markdown: figures with their interval, and the paired difference of the edge. */
function tableOf(variants: readonly VariantReport[]): string {
  const head = ["", ...COLUMNS.map(([title]) => title), "edge against the first"];
  const rows = variants.map(({ name, figures, difference }) => [
    name,
    ...COLUMNS.map(([, measure, digits]) => shown(figures[measure], digits)),
    shown(difference.edgeBps, 2),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function shown({ mean, ci95 }: Estimate, digits: number): string {
  return `${mean.toFixed(digits)} ± ${ci95.toFixed(digits)}`;
}
