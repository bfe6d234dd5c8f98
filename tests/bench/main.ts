import { parseArgs } from "node:util";
import { BENCHES } from "./benches.ts";
import type { Bench } from "./benches.ts";
import { busyWarning, load, machineFacts, meets, table } from "./report.ts";
import type { BenchResult } from "./report.ts";

/*
 * `bun run bench`: what the budgets are about, measured. A budget that is missed is said and does not fail the command:
 * timings depend on the machine and on who else uses it.
 */

const HELP = `bun run bench [--only <name>]… [--json]

  --only <name>  one bench; may be given more than once
  --json         one object on standard output

${BENCHES.map(({ name, about }) => `  ${name.padEnd(13)}${about}`).join("\n")}
`;

function usage(message: string): never {
  process.stderr.write(`${message}\n\n${HELP}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      options: {
        only: { type: "string", multiple: true },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function chosen(names: readonly string[] | undefined): readonly Bench[] {
  if (names === undefined) return BENCHES;
  return names.map(
    (name) =>
      BENCHES.find((bench) => bench.name === name) ??
      usage(
        `--only: "${name}" is no bench; allowed: ${BENCHES.map((bench) => bench.name).join(" ")}`,
      ),
  );
}

async function measure(bench: Bench): Promise<BenchResult> {
  process.stderr.write(`${bench.name}: ${bench.about} …\n`);
  const before = load();
  const startMs = performance.now();
  const { figures, detail } = await bench.run();
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  process.stderr.write(`${bench.name}: ${seconds} s\n`);
  return { name: bench.name, seconds, load: [before, load()], figures, detail };
}

const flags = parse();
if (flags.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const benches = chosen(flags.only);
const machine = machineFacts();
const { processor, cores, bun, platform } = machine;
const warning = busyWarning(machine);
process.stderr.write(
  `${processor}, ${cores} cores, load ${machine.load}, Bun ${bun}, ${platform}\n`,
);
if (warning !== null) process.stderr.write(`warning: ${warning}\n`);
const results: BenchResult[] = [];
for (const bench of benches) results.push(await measure(bench));
const short = results.flatMap(({ name, figures }) =>
  figures.filter((figure) => meets(figure) === false).map(({ what }) => `${name}: ${what}`),
);
if (flags.json) process.stdout.write(`${JSON.stringify({ machine, warning, results, short })}\n`);
else process.stdout.write(`${table(results)}\n`);
process.exit(0);
