import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  compareSessions,
  makerMarkouts,
  recordedEvidence,
  simulatedSweeps,
} from "./compareMakers.ts";
import { compareWeek } from "./compareWeek.ts";
import { loggedJumps, simulatedJumps } from "./jumps.ts";
import { BELL_MS, runMarket, THURSDAY_MS } from "./marketRun.ts";
import { nullTest } from "./nullTests.ts";
import { markoutPlot, spreadPlot, sweepPlot, volatilityPlot } from "./plots.ts";
import { compareMakersText, jumpsText, nullText } from "./report.ts";
import { tableOf } from "./targets.ts";

const HELP = `bun run calibrate [--days 14] [--sessions 20] [--no-nulls] [--seed 1] [--images docs/images] [--json]

Measures the simulated US500 beside its targets and draws docs/images/market-*.svg.
Comparisons with real recordings need AMM500_SHARED_DATA or ../shared/data.`;

const DAY_MS = 86_400_000;
const SESSION_MS = 6.5 * 3_600_000;
const NULL_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    days: { type: "string", default: "14" },
    sessions: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    images: { type: "string", default: join(import.meta.dir, "../../docs/images") },
    "no-nulls": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(name: "days" | "sessions" | "seed"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`--${name} is "${values[name]}"; allowed: a whole number from 1`);
  process.exit(2);
}

function say(text: string): void {
  if (!values.json) console.log(text);
}

function measure(): void {
  const [days, count, seed] = [wholeNumber("days"), wholeNumber("sessions"), wholeNumber("seed")];
  const week = runMarket({
    scenario: "week",
    seed,
    startMs: THURSDAY_MS,
    durationMs: days * DAY_MS,
    distancesBps: [],
    watched: true,
  });
  const weekRows = compareWeek(week);
  say(`${days} days from Thursday 00:00 New York, seed ${seed}\n${tableOf(weekRows)}`);
  const inputsPerSec = week.inputs / (week.durationMs / 1000);
  say(
    `inputs a second: ${inputsPerSec.toFixed(1)}, in the busiest hour ${week.busiestPerSec.toFixed(1)}\n`,
  );
  const jumps = { simulated: simulatedJumps(week), logged: loggedJumps() };
  say(jumpsText(jumps.simulated, jumps.logged));
  const sessions = Array.from({ length: count }, (_, i) =>
    runMarket({
      scenario: "us-session",
      seed: seed + 1000 + i,
      startMs: BELL_MS,
      durationMs: SESSION_MS,
      distancesBps: [0, 1, 2, 4, 8],
      watched: false,
    }),
  );
  const makers = makerMarkouts(sessions);
  const sessionRows = compareSessions(sessions, makers);
  const sweeps = simulatedSweeps(sessions);
  const recorded = recordedEvidence();
  say(`${count} regular sessions\n${tableOf(sessionRows)}\n`);
  say(compareMakersText(makers, sweeps, recorded));
  const nulls = values["no-nulls"] ? null : nullTests();
  if (nulls !== null) say(nullText(nulls));
  mkdirSync(values.images, { recursive: true });
  const draw = (name: string, svg: string): void =>
    writeFileSync(join(values.images, `market-${name}.svg`), svg);
  draw("spread", spreadPlot(week));
  draw("volatility", volatilityPlot(week));
  draw("markout", markoutPlot(makers));
  draw("sweeps", sweepPlot(sweeps, recorded));
  if (values.json) {
    const numbers = { week: weekRows, jumps, sessions: sessionRows, makers, sweeps, recorded };
    console.log(JSON.stringify({ ...numbers, inputsPerSec, ...nulls }));
  }
}

/** Twenty seeds each: most of the time that a short run takes. */
function nullTests() {
  return {
    flat: nullTest("flat", NULL_MS / 4),
    informed: nullTest("informed", NULL_MS),
    crash: nullTest("crash", NULL_MS / 4),
  };
}

if (values.help) console.log(HELP);
else measure();
