import { meanInterval } from "../../lib/runtime/report/statistics.ts";
import { openResults } from "./ablationResults.ts";
import type { RunFigures, Setting, Sum } from "./runFigures.ts";
import { runFigures } from "./runFigures.ts";
import { SpareProcesses } from "./spareProcesses.ts";
import { VARIANTS } from "./variants.ts";
import type { Variant } from "./variants.ts";

/** A mean and the half-width of its 95 % confidence interval. */
export type Estimate = { readonly mean: number; readonly ci95: number };
type Measure = Exclude<keyof RunFigures, "fillRate" | "markouts">;
/** Mean markout over fills, bps, by placement and seconds: "gap 60". */
type Markouts = { readonly [kindAndSeconds: string]: number };

const MEASURES: readonly Measure[] = [
  "pnlPerMillion",
  "pnlUsd",
  "edgeBps",
  "edgeUsd",
  "markout10sBps",
  "fills",
  "notionalUsd",
  "inventorySpreadUsd",
  "actions",
  "throttled",
  "reduceOnlyShare",
  "haltedShare",
  "drawdownPercent",
  "smartFillShare",
  "fillRateFive",
];

export type VariantReport = {
  readonly name: string;
  readonly about: string;
  readonly figures: { readonly [M in Measure]: Estimate };
  /** Paired by setting with the first variant: what the change makes. */
  readonly difference: { readonly [M in Measure]: Estimate };
  readonly fillRate: { readonly [placement: string]: number };
  readonly markouts: Markouts;
};

export type AblationReport = {
  readonly settings: readonly Setting[];
  readonly variants: readonly VariantReport[];
  readonly table: string;
};

export type AblationOptions = {
  readonly names: readonly string[];
  readonly settings: readonly Setting[];
  /** Every result is added to this file, and those of the same code and settings are taken from it. */
  readonly resume?: string;
  /** Runs at the same time, each in a process of its own; 1 runs in this one. */
  readonly jobs?: number;
  readonly onProgress: (text: string) => void;
};

type Task = { readonly name: string; readonly variant: Variant; readonly setting: Setting };

/** Runs every variant in the same settings. The first name is what the others are compared with. */
export async function ablate(options: AblationOptions): Promise<AblationReport> {
  const { names, settings, onProgress, jobs = 1 } = options;
  const results = openResults(options.resume ?? null);
  const tasks = settings.flatMap((setting) =>
    names.map((name): Task => ({ name, variant: variantOf(name), setting })),
  );
  const missing = tasks.filter((task) => results.find(task.variant, task.setting) === null);
  onProgress(`${tasks.length} runs, ${tasks.length - missing.length} of them known already`);
  const spare = jobs > 1 ? new SpareProcesses(jobs) : null;
  let done = 0;
  const startMs = performance.now();
  const work = async (): Promise<void> => {
    for (let task = missing.shift(); task !== undefined; task = missing.shift()) {
      const { name, variant, setting } = task;
      const figures = await (spare?.run(name, setting) ?? runFigures(variant, setting));
      results.add(name, variant, setting, figures);
      done++;
      onProgress(progressText(task, figures, done, missing.length, performance.now() - startMs));
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    spare?.end();
  }
  const of = (name: string): RunFigures[] =>
    settings.flatMap((setting) => results.find(variantOf(name), setting) ?? []);
  const base = of(names[0] ?? "");
  const variants = names.map((name) => reportOf(name, of(name), base));
  return { settings, variants, table: tableOf(variants) };
}

/** @throws Error for a name that no variant has */
export function variantOf(name: string): Variant {
  const variant = VARIANTS[name];
  if (variant === undefined) throw new Error(`no variant is called "${name}"`);
  return variant;
}

function progressText(
  { name, setting }: Task,
  { edgeBps, pnlUsd, fills, actions }: RunFigures,
  done: number,
  left: number,
  tookMs: number,
): string {
  const where = setting.kind === "tape" ? setting.coin : `seed ${setting.seed}`;
  const minutes = ((tookMs / done) * left) / 60_000;
  return (
    `${where} ${name}: edge ${edgeBps.toFixed(2)} bp, pnl ${pnlUsd.toFixed(2)}, ${fills} fills, ` +
    `${actions} actions; ${left} to begin, some ${minutes.toFixed(1)} min`
  );
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

/** Mean with the half-width of its 95 % confidence interval (Student's t); infinite for one value. */
export function estimate(values: readonly number[]): Estimate {
  const interval = meanInterval(values);
  if (interval === null) return { mean: Number.NaN, ci95: Infinity };
  const { mean, high } = interval;
  return { mean, ci95: high === null ? Infinity : high - mean };
}

const COLUMNS: readonly (readonly [string, Measure, number])[] = [
  ["PnL $ per $1M", "pnlPerMillion", 0],
  ["PnL $", "pnlUsd", 2],
  ["edge bp", "edgeBps", 2],
  ["edge $", "edgeUsd", 2],
  ["markout 10 s bp", "markout10sBps", 2],
  ["fills", "fills", 0],
  ["inventory $", "inventorySpreadUsd", 0],
  ["actions", "actions", 0],
  ["throttled", "throttled", 0],
  ["drawdown %", "drawdownPercent", 2],
];
const AGAINST: readonly (readonly [string, Measure])[] = [
  ["PnL $ against the first", "pnlUsd"],
  ["edge $ against the first", "edgeUsd"],
];

/** Markdown: figures with their interval, and the paired differences of PnL and edge. */
function tableOf(variants: readonly VariantReport[]): string {
  const titles = [...COLUMNS, ...AGAINST].map(([title]) => title);
  const rows = variants.map(({ name, figures, difference }, at) => [
    name,
    ...COLUMNS.map(([, measure, digits]) => shown(figures[measure], digits)),
    ...AGAINST.map(([, measure]) => (at === 0 ? "" : shown(difference[measure], 2))),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(["", ...titles]), line(["", ...titles].map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}

function shown({ mean, ci95 }: Estimate, digits: number): string {
  return `${mean.toFixed(digits)} ± ${ci95.toFixed(digits)}`;
}
