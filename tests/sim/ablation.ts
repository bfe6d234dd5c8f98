import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { SCENARIOS } from "../../lib/venue/feeds/scenarios.ts";
import type { ScenarioName } from "../../lib/venue/feeds/scenarios.ts";
import { ablate, variantOf } from "../support/ablate.ts";
import { runFigures } from "../support/runFigures.ts";
import type { Setting } from "../support/runFigures.ts";
import { linesOf } from "../support/spareProcesses.ts";
import { VARIANTS } from "../support/variants.ts";

const USAGE = `bun run ablation [--seeds 10] [--from-seed 1] [--days 0.2] [--scenario week] [--only name,name]
                 [--tapes <folder>] [--resume <file>] [--jobs 1] [--json]

Runs a market with each part of quoting left out in turn, the same market for all, and compares.

  --seeds N         runs of the simulated market, with the seeds from --from-seed on
  --days D          length of each
  --scenario S      ${Object.keys(SCENARIOS).join(" ")}
  --tapes <folder>  every *.tape in it instead of the simulated market
  --only <names>    these parts alone, beside "as set"
  --resume <file>   add every result to the file as a line of JSON, and take what is there already, from the same code
                    and settings
  --jobs N          processes at the same time
`;

function usage(message: string): never {
  process.stderr.write(`${message}\n\n${USAGE}\nparts: ${Object.keys(VARIANTS).join(", ")}\n`);
  process.exit(2);
}

function given() {
  try {
    return parseArgs({
      options: {
        seeds: { type: "string", default: "10" },
        "from-seed": { type: "string", default: "1" },
        days: { type: "string", default: "0.2" },
        scenario: { type: "string", default: "week" },
        tapes: { type: "string" },
        only: { type: "string" },
        resume: { type: "string" },
        jobs: { type: "string", default: "1" },
        json: { type: "boolean", default: false },
        worker: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const flags = given();

function numberOf(name: "seeds" | "from-seed" | "days" | "jobs", whole: boolean): number {
  const value = Number(flags[name]);
  if (value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  return usage(`--${name} is a ${whole ? "whole number" : "number"} above 0, not "${flags[name]}"`);
}

function simulatedSettings(): readonly Setting[] {
  const scenario = Object.keys(SCENARIOS).find((name) => name === flags.scenario);
  if (scenario === undefined)
    return usage(`--scenario: "${flags.scenario}" is none of ${Object.keys(SCENARIOS).join(" ")}`);
  const from = numberOf("from-seed", true);
  const days = numberOf("days", false);
  return Array.from({ length: numberOf("seeds", true) }, (_, i) => ({
    kind: "simulated",
    scenario: scenario as ScenarioName,
    seed: from + i,
    days,
  }));
}

function tapeSettings(folder: string): readonly Setting[] {
  const paths = readdirSync(folder).filter((name) => name.endsWith(".tape"));
  if (paths.length === 0) usage(`--tapes: ${folder} has no *.tape`);
  return paths.toSorted().map((name) => {
    const path = join(folder, name);
    const { header, sha256 } = openTape(path);
    const { coin, fromMs, toMs } = header;
    if (fromMs === null || toMs === null) return usage(`--tapes: ${path} has no rows`);
    return { kind: "tape", path, sha256, coin, fromMs, durationMs: toMs - fromMs };
  });
}

/** One line with a name and a market in, one with figures out. */
async function serve(): Promise<void> {
  for await (const line of linesOf(Bun.stdin.stream())) {
    const { name, setting } = JSON.parse(line) as { name: string; setting: Setting };
    process.stdout.write(`${JSON.stringify(await runFigures(variantOf(name), setting))}\n`);
  }
}

async function main(): Promise<void> {
  const only = (flags.only ?? "").split(",").filter(Boolean);
  const unknown = only.find((name) => VARIANTS[name] === undefined);
  if (unknown !== undefined) usage(`--only: no part is called "${unknown}"`);
  const names = only.length > 0 ? ["as set", ...only] : Object.keys(VARIANTS);
  const report = await ablate({
    names: [...new Set(names)],
    settings: flags.tapes === undefined ? simulatedSettings() : tapeSettings(flags.tapes),
    jobs: numberOf("jobs", true),
    ...(flags.resume === undefined ? {} : { resume: flags.resume }),
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${report.table}\n`);
}

if (flags.help) process.stdout.write(USAGE);
else if (flags.worker) await serve();
else await main();
