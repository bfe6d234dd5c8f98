import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArguments } from "../../lib/cli/command.ts";
import { retrainCommand } from "../../lib/cli/retrain.ts";
import type { RunningVolJob } from "../../lib/dashboard/volView.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { statusOf } from "../../lib/runtime/status.ts";
import { volStatusOf } from "../../lib/runtime/volStatus.ts";
import { ms } from "../../lib/units/numbers.ts";
import { volView } from "../browser/fixtureState.ts";
import { quotingState } from "../support/coreFixtures.ts";

setDefaultTimeout(20_000);

async function run(words: readonly string[], env: Readonly<Record<string, string>>) {
  const [out, err]: [string[], string[]] = [[], []];
  const parsed = parseArguments(retrainCommand, words);
  if (parsed.help) throw new Error("no help was asked for");
  await retrainCommand.run(parsed.flags, parsed.operands, {
    env,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isTerminal: false,
  });
  return { out: out.join("\n"), err: err.join("\n") };
}

describe("retrain where a bot runs", () => {
  const jobs: RunningVolJob[] = [];
  let trainings = 0;
  let fails = false;
  const state = (): BotState => ({
    ...quotingState(),
    vol: {
      ...quotingState().vol,
      lastAttempt:
        trainings === 0
          ? null
          : {
              atMs: ms(trainings),
              durationMs: ms(1),
              text: "on x: har serves. Why",
              failed: fails,
            },
    },
  });
  const posts: (string | null)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      if (request.method === "GET") {
        const vol = { ...volView(1, 0.4), horizonMs: 300_000, jobs: jobs.splice(0, 1) };
        const volatility = volStatusOf(state().vol, vol);
        return Response.json({ ...statusOf(state(), null, null, null), volatility });
      }
      posts.push(request.headers.get("authorization"));
      jobs.push({ kind: "retrain", sinceMs: 1, text: "network 1 of 6", share: 0.5 });
      trainings++;
      return Response.json({ job: "retrain", joined: trainings > 1 }, { status: 202 });
    },
  });
  afterAll(() => server.stop(true));

  test("it is the bot that trains; a failure is this command's", async () => {
    const data = await mkdtemp(join(tmpdir(), "amm500-running-"));
    const run1 = { pid: process.pid, httpPort: server.port, startedMs: 1, mode: "paper" };
    await writeFile(join(data, "run.json"), JSON.stringify(run1));
    const words = ["--data", data, "--symbol", "US500"];
    const env = { API_TOKEN: "t".repeat(40) };
    const ran = await run([...words, "--json"], env);
    expect(JSON.parse(ran.out)).toMatchObject({ by: "bot", joined: false, training: { atMs: 1 } });
    expect(ran.err).toContain(
      `trained by the bot that runs in this folder (process ${process.pid})`,
    );
    expect(ran.err).toContain("50 % network 1 of 6");
    fails = true;
    const failed = run(words, env);
    expect(failed).rejects.toThrow("on x: har serves. Why");
    await failed.catch(() => null);
    expect(posts).toEqual([`Bearer ${env.API_TOKEN}`, `Bearer ${env.API_TOKEN}`]);
    expect(await readdir(data)).toEqual(["run.json"]);
    await rm(data, { recursive: true });
  });
});
