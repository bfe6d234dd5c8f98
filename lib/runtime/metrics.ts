import { assert } from "../units/assert.ts";

type Labels = Readonly<Record<string, string>>;

export type Sample = {
  readonly labels?: Labels;
  /** Ends the name: "_count", "_sum". */
  readonly suffix?: string;
  /** Left out of the answer when null: not known. */
  readonly value: number | null;
};

/** One measured quantity. The name starts with `amm500_`, ends with its unit, and never changes its meaning. */
export type Metric = {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "summary";
  readonly samples: readonly Sample[];
};

const NAME = /^amm500_[a-z0-9_]+$/;

/** Prometheus text format 0.0.4. */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics.map(renderOne).join("");
}

function renderOne({ name, help, type, samples }: Metric): string {
  assert(NAME.test(name), `a metric's name is lower case and starts with amm500_, got ${name}`);
  const lines = samples.flatMap(({ labels = {}, suffix = "", value }) =>
    value === null ? [] : [`${name}${suffix}${renderLabels(labels)} ${renderValue(value)}`],
  );
  if (lines.length === 0) return "";
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escape(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function renderValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}
