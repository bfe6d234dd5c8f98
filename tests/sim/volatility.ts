import { parseArgs } from "node:util";
import { compareForecasts } from "../support/compareForecasts.ts";

/*
 * The simulated market, seed by seed, with the spread set by a HAR on the market's own minutes and with the spread set by
 * the running average of the mid; everything else alike.
 */

const USAGE = `bun tests/sim/volatility.ts [--seeds 10] [--days 0.2] [--json]
`;

function usage(message: string): never {
  process.stderr.write(`${message}\n${USAGE}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      options: {
        seeds: { type: "string", default: "10" },
        days: { type: "string", default: "0.2" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : usage(`--${name} is a number above 0`);
}

const flags = parse();
if (flags.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const report = await compareForecasts(
  Math.round(positive("seeds", flags.seeds)),
  positive("days", flags.days),
  (text) => process.stderr.write(`${text}\n`),
);
process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `${report.table}\n`);
