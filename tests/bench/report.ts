import { cpus, loadavg } from "node:os";

/** One measured figure with its budget. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  /** "ms", "µs", "x", "/s", "min", "MB". */
  readonly unit: string;
  /** What design allows; null for a figure that only informs. */
  readonly budget: { readonly kind: "atMost" | "atLeast"; readonly value: number } | null;
};

export type BenchResult = {
  readonly name: string;
  readonly seconds: number;
  /** One-minute load average when it began and ended. */
  readonly load: readonly [number, number];
  readonly figures: readonly Figure[];
  /** Everything that was measured. */
  readonly detail: unknown;
};

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly load: number;
  readonly bun: string;
  readonly platform: string;
};

export function machineFacts(): Machine {
  const cores = cpus();
  return {
    processor: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    load: load(),
    bun: Bun.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** One-minute load average, two decimals. */
export function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

/** Others compete for the processor when the load at the start is more than this share of the cores. */
const BUSY_SHARE = 0.5;

export function busyWarning(machine: Machine): string | null {
  if (machine.load <= BUSY_SHARE * machine.cores) return null;
  return (
    `the load average is ${machine.load} on ${machine.cores} cores: other work competes for them, ` +
    `and latencies, their tails above all, are worse than this program's`
  );
}

export function meets({ value, budget }: Figure): boolean | null {
  if (budget === null) return null;
  return budget.kind === "atMost" ? value <= budget.value : value >= budget.value;
}

function budgetText({ budget, unit }: Figure): string {
  if (budget === null) return "";
  return `${budget.kind === "atMost" ? "≤" : "≥"} ${budget.value} ${unit}`;
}

/** Lines for people: a table of figures, budgets and verdicts. */
export function table(results: readonly BenchResult[]): string {
  const rows = results.flatMap(({ name, figures }) =>
    figures.map((figure) => [
      name,
      figure.what,
      `${figure.value} ${figure.unit}`,
      budgetText(figure),
      verdict(meets(figure)),
    ]),
  );
  const all = [["bench", "what", "measured", "budget", ""], ...rows];
  const widths = (all[0] ?? []).map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function verdict(met: boolean | null): string {
  if (met === null) return "";
  return met ? "pass" : "short";
}
