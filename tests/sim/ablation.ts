import { ablate } from "../support/ablate.ts";
import { VARIANTS } from "../support/variants.ts";

const USAGE = `bun tests/sim/ablation.ts [--seeds 10] [--days 0.2] [--only name,name] [--json]

Runs the simulated market with each part of quoting left out in turn, seed by seed, and compares.
`;

function textOf(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
}

function numberOf(name: string, fallback: number): number {
  const value = Number(textOf(name, String(fallback)));
  if (Number.isFinite(value) && value > 0) return value;
  process.stderr.write(`--${name} is a number above 0\n${USAGE}`);
  process.exit(2);
}

const only = textOf("only", "").split(",").filter(Boolean);
const unknown = only.filter((name) => VARIANTS[name] === undefined);
if (process.argv.includes("--help") || unknown.length > 0) {
  process.stderr.write(`${USAGE}\nparts: ${Object.keys(VARIANTS).join(" ")}\n`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const names = only.length > 0 ? ["as set", ...only] : Object.keys(VARIANTS);
const report = await ablate({
  names: [...new Set(names)],
  seeds: Math.round(numberOf("seeds", 10)),
  days: numberOf("days", 0.2),
  onProgress: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(
  process.argv.includes("--json") ? `${JSON.stringify(report)}\n` : `${report.table}\n`,
);
