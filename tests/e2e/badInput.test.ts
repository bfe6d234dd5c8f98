import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses, runCli } from "../support/cliProcess.ts";

setDefaultTimeout(60_000);

/*
 * What a user may get wrong, at the real command line: each with a sentence that names it, exit code 2, and with
 * `--json` one object on standard output.
 */

const folder = mkdtempSync(join(tmpdir(), "amm500-bad-"));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const SAMPLE_PATH = join(import.meta.dir, "../../data/samples/us500-simulated.tape");
const SAMPLE = readFileSync(SAMPLE_PATH);

const corrupt = Uint8Array.from(SAMPLE);
corrupt[9000] = (corrupt[9000] ?? 0) ^ 1;
writeFileSync(inFolder("corrupt.tape"), corrupt);
writeFileSync(inFolder("truncated.tape"), SAMPLE.subarray(0, 20_000));
writeFileSync(inFolder("unfinished.tape"), SAMPLE.subarray(0, -40));
writeFileSync(inFolder("text.tape"), "no tape\n");
writeFileSync(inFolder("file"), "in the way\n");
writeFileSync(inFolder("faults.json"), '{"droppedAcks":{"chance":2}}');
writeFileSync(
  inFolder("nowhere.json"),
  '{"market":[{"what":"halt","coin":"km:US5OO","fromMs":0,"lastsMs":1}]}',
);
mkdirSync(inFolder("stray"));
writeFileSync(inFolder("stray", ".env"), "NOBODY_READS_THIS=1\nLEVERAGE=5\n");
mkdirSync(inFolder("bad"));
writeFileSync(inFolder("bad", ".env"), "LEVERAGE=ten\n");

/** Somebody listens already. */
const busy = Bun.listen({ port: 0, hostname: "127.0.0.1", socket: { data: () => {} } });
const BUSY = String(busy.port);
/** A port that was free a moment ago. */
const free = Bun.listen({ port: 0, hostname: "127.0.0.1", socket: { data: () => {} } });
const NOBODY = `http://127.0.0.1:${free.port}`;
free.stop(true);

afterAll(async () => {
  busy.stop(true);
  await endProcesses();
  rmSync(folder, { recursive: true });
});

type Case = {
  readonly what: string;
  readonly words: readonly string[];
  readonly says: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  /** 2 unless said otherwise. */
  readonly code?: number;
};

const paper = (...words: readonly string[]) => [
  "paper",
  ...(words.includes("--port") ? [] : ["--port", "0"]),
  ...(words.includes("--data") ? [] : ["--data", inFolder("data")]),
  ...(words.includes("--duration") ? [] : ["--duration", "1s"]),
  ...words,
];

const COMMANDS: readonly Case[] = [
  {
    what: "unknown flag",
    words: paper("--levrage", "3"),
    says: ["--levrage", "allowed:", "--exchange"],
  },
  { what: "unknown command", words: ["papper"], says: ['"papper"', "allowed:", "paper"] },
  { what: "flag without a value", words: ["paper", "--market"], says: ["--market needs a value"] },
  { what: "flag twice", words: paper("--seed", "1", "--seed", "2"), says: ["--seed", "twice"] },
  { what: "operand", words: paper("now"), says: ['"now"'] },
  { what: "duration", words: paper("--duration", "10x"), says: ["--duration", '"10x"', "s, m, h"] },
  { what: "speed", words: paper("--speed", "0"), says: ["--speed", '"0"', "1000"] },
  { what: "seed", words: paper("--seed", "1.5"), says: ["--seed", '"1.5"', "whole number"] },
  { what: "port number", words: paper("--port", "99999"), says: ["--port", '"99999"', "65535"] },
  {
    what: "seed for an exchange that runs",
    words: paper("--exchange", NOBODY, "--seed", "3"),
    says: ["--seed", "--exchange"],
  },
  {
    what: "tape for an exchange that runs",
    words: paper("--exchange", NOBODY, "--feed", inFolder("corrupt.tape")),
    says: ["--feed", "--exchange"],
  },
  {
    what: "faults for an exchange that runs",
    words: paper("--exchange", NOBODY, "--faults", inFolder("faults.json")),
    says: ["--faults", "--exchange"],
  },
  {
    what: "fault with a wrong field",
    words: paper("--faults", inFolder("faults.json")),
    says: ["--faults", "droppedAcks.chance", "(2)", "<=1"],
  },
  {
    what: "fault in a market that is not listed",
    words: paper("--faults", inFolder("nowhere.json")),
    says: ["market.0.coin", '"km:US5OO"', "allowed:", "km:US500"],
  },
  {
    what: "faults that are no JSON",
    words: paper("--faults", inFolder("text.tape")),
    says: ["--faults", "text.tape", "must be JSON"],
  },
  {
    what: "file of faults that does not exist",
    words: ["exchange", "--port", "0", "--faults", inFolder("absent.json")],
    says: ["--faults", "absent.json", "does not exist"],
  },
  { what: "folder of faults", words: paper("--faults", folder), says: ["--faults", "is no file"] },
  { what: "no URL", words: paper("--exchange", "local"), says: ["--exchange", '"local"', "http"] },
  {
    what: "nobody at the URL, which is no wrong use but a failure",
    words: paper("--exchange", NOBODY),
    says: ["no local exchange answers", NOBODY],
    code: 1,
  },
];

const MARKETS: readonly Case[] = [
  { what: "unknown market", words: paper("--market", "NOPE"), says: ['"NOPE"', "km:US500"] },
  { what: "misspelt market", words: paper("--market", "US5OO"), says: ['"US5OO"', "km:US500"] },
  {
    what: "delisted market",
    words: paper("--market", "km:BABA"),
    says: ["km:BABA", "delisted"],
  },
  {
    what: "delisted market in a simulation",
    words: ["simulate", "--days", "0.001", "--market", "km:BABA"],
    says: ["km:BABA", "delisted"],
  },
  {
    what: "tape that a simulation is to be made up for",
    words: ["simulate", "--tape", SAMPLE_PATH, "--scenario", "calm"],
    says: ["--scenario", "a tape has none"],
  },
  {
    what: "tape for several seeds",
    words: ["simulate", "--tape", SAMPLE_PATH, "--runs", "2"],
    says: ["--runs", "1 is allowed"],
  },
  {
    what: "no tape for a simulation",
    words: ["simulate", "--tape", "none.tape"],
    says: ["--tape", "none.tape"],
  },
  {
    what: "market of an exchange",
    words: ["exchange", "--port", "0", "--market", "km:NOPE"],
    says: ['"km:NOPE"', "allowed:"],
  },
  {
    what: "capital below the minimum",
    words: paper("--capital", "20"),
    says: ["capital", "20 USDH", "allowed"],
  },
  {
    what: "capital that is none",
    words: paper("--capital", "lots"),
    says: ["--capital", '"lots"'],
  },
  {
    what: "leverage above the market's",
    words: paper(),
    env: { LEVERAGE: "40" },
    says: ["LEVERAGE", "40", "1 to 25"],
  },
];

const tape = (path: string) => ({
  inPaper: paper("--feed", path),
  inExchange: ["exchange", "--port", "0", "--feed", path],
  inInfo: ["tape", "info", path],
});
const corruptTape = tape(inFolder("corrupt.tape"));
const truncatedTape = tape(inFolder("truncated.tape"));
const WRONG_SUM = ["checksum", "expected", "found"];

const TAPES: readonly Case[] = [
  { what: "corrupt tape in paper", words: corruptTape.inPaper, says: WRONG_SUM },
  { what: "corrupt tape in the exchange", words: corruptTape.inExchange, says: WRONG_SUM },
  { what: "corrupt tape in tape info", words: corruptTape.inInfo, says: WRONG_SUM },
  { what: "truncated tape in paper", words: truncatedTape.inPaper, says: ["cut off", "20000"] },
  { what: "truncated tape in tape info", words: truncatedTape.inInfo, says: ["cut off", "20000"] },
  {
    what: "tape without its end in the exchange",
    words: tape(inFolder("unfinished.tape")).inExchange,
    says: ["cut off"],
  },
  {
    what: "something else as tape",
    words: tape(inFolder("text.tape")).inPaper,
    says: ["is no tape"],
  },
  { what: "a folder as tape", words: tape(folder).inExchange, says: ["is no file"] },
];

const PLACES: readonly Case[] = [
  {
    what: "tape that does not exist",
    words: paper("--feed", inFolder("absent.tape")),
    says: ["--feed", "absent.tape"],
  },
  {
    what: "port of the page in use",
    words: paper("--port", BUSY),
    says: [`port ${BUSY}`, "--port"],
  },
  {
    what: "port of the exchange in use",
    words: ["exchange", "--port", BUSY],
    says: [BUSY, "in use", "another port"],
  },
  {
    what: "data folder that cannot be made",
    words: paper("--data", "/proc/amm500"),
    says: ["/proc/amm500", "--data"],
  },
  {
    what: "data folder that cannot be written",
    words: paper("--data", "/proc"),
    says: ['"/proc"', "can be written"],
  },
  {
    what: "a file in the data folder's place",
    words: paper("--data", inFolder("file")),
    says: [inFolder("file"), "--data"],
  },
];

const SETTINGS: readonly Case[] = [
  {
    what: "key in .env that nothing reads",
    words: paper(),
    cwd: inFolder("stray"),
    says: ["NOBODY_READS_THIS", ".env", "LEVERAGE"],
  },
  {
    what: "bad value in .env",
    words: paper(),
    cwd: inFolder("bad"),
    says: ["LEVERAGE", '"ten"', "1 to 40"],
  },
  {
    what: "bad value in the environment",
    words: paper(),
    env: { ORDER_LEVELS: "many" },
    says: ["ORDER_LEVELS", '"many"', "1 to 100"],
  },
  {
    what: "settings that contradict each other",
    words: paper(),
    env: { MIN_SPREAD_BPS: "9", MAX_SPREAD_BPS: "4" },
    says: ["MIN_SPREAD_BPS", "MAX_SPREAD_BPS", "4"],
  },
  {
    what: "a secret, which is not repeated",
    words: paper(),
    env: { API_TOKEN: "hunter2" },
    says: ["API_TOKEN", "16 characters"],
  },
];

async function expectRefused({ words, says, env = {}, cwd = folder, code = 2 }: Case) {
  const { stdout, stderr, code: ended } = await runCli([...words, "--json"], { cwd, env });
  expect({ code: ended, stderr }).toMatchObject({ code });
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  const { error, ...rest } = JSON.parse(lines[0] ?? "") as { readonly error: string };
  expect(rest).toEqual({});
  for (const part of says) expect(error).toContain(part);
  expect(stderr).toContain(`error: ${error}`);
  // A sentence for people, not the inside of the program.
  expect(stderr).not.toMatch(/\n\s+at .+:\d+/);
  for (const secret of Object.entries(env).filter(([name]) => name === "API_TOKEN"))
    expect(stderr + stdout).not.toContain(secret[1]);
}

test.each(COMMANDS.map((each) => [each.what, each] as const))("%s", (_, each) =>
  expectRefused(each),
);
test.each(MARKETS.map((each) => [each.what, each] as const))("%s", (_, each) =>
  expectRefused(each),
);
test.each(TAPES.map((each) => [each.what, each] as const))("%s", (_, each) => expectRefused(each));
test.each(PLACES.map((each) => [each.what, each] as const))("%s", (_, each) => expectRefused(each));
test.each(SETTINGS.map((each) => [each.what, each] as const))("%s", (_, each) =>
  expectRefused(each),
);

test("the same without --json: nothing on standard output", async () => {
  const { code, stdout, stderr } = await runCli(paper("--market", "NOPE"));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain('"NOPE"');
});
