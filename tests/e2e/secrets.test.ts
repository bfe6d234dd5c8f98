import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startReceivers } from "../support/alertReceivers.ts";
import { ALERT_SECRETS } from "../support/alertSettings.ts";
import { endProcesses, runCli } from "../support/cliProcess.ts";
import { startExchangeProcess } from "../support/exchangeProcess.ts";
import { startPaperProcess } from "../support/paperProcess.ts";
import { startRecordingProxy } from "../support/recordingProxy.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-secrets-"));
const receivers = startReceivers();
afterAll(async () => {
  await endProcesses();
  await receivers.stop();
  rmSync(folder, { recursive: true });
});

const TOKEN = "operator-token-never-to-be-seen-1";
const WEBHOOK_SECRET = "signing-secret-never-to-be-seen-2";
/** The files that are there to hold a secret, each readable by their owner alone. */
const KEEPERS = new Set(["paper-key", "watchdog-key", "api-token"]);

type Signed = { readonly signature: { readonly r: string; readonly s: string } };

/** Everything in a folder as text, the database's bytes included. */
function textsUnder(dir: string): readonly (readonly [string, string])[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !KEEPERS.has(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [basename(path), readFileSync(path, "latin1")] as const);
}

/** A page of the stream's beginning: enough for the whole first picture. */
async function streamed(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(1500) });
  let text = "";
  try {
    for await (const chunk of answer.body ?? []) text += new TextDecoder().decode(chunk);
  } catch {
    // It never ends by itself.
  }
  return text;
}

test("a run full of errors leaves no token, key, alert secret or signature anywhere", async () => {
  const exchange = await startExchangeProcess(["--seed", "7"]);
  const proxy = startRecordingProxy(exchange.url);
  const dataDir = join(folder, "data");
  const env = {
    ...receivers.env,
    API_TOKEN: TOKEN,
    WEBHOOK_SECRET,
    LOG_LEVEL: "debug",
    WATCHDOG: "true",
  };
  // Refusals that repeat the whole address: some for good, some until the next attempt.
  receivers.answerNext("slack", 404, 500);
  receivers.answerNext("telegram", 401, 502);
  receivers.answerNext("discord", 429);
  receivers.answerNext("webhook", 503);
  const paper = await startPaperProcess(dataDir, ["--exchange", proxy.url], { env });
  await paper.untilQuoting();
  const seen: (readonly [string, string])[] = [];
  const look = async (path: string): Promise<void> => {
    const answer = await fetch(`${paper.url}${path}`);
    seen.push([path, `${JSON.stringify([...answer.headers])}${await answer.text()}`]);
  };
  proxy.refuse(502);
  proxy.cut();
  await until("an action was refused", () => (proxy.actions.length > 4 ? true : null));
  await paper.post("/reduce-only", { enabled: true, reason: "look" }, TOKEN);
  seen.push(["no", JSON.stringify(await paper.post("/halt", { reason: "look" }, `${TOKEN}x`))]);
  seen.push(["bad", JSON.stringify(await paper.post("/halt", { token: TOKEN }, TOKEN))]);
  // Alerts are tried again, and the bot goes on asking.
  await until("every channel was told and actions went on being refused", () => {
    const channels = new Set(receivers.received.map(({ channel }) => channel));
    return channels.size === 5 && proxy.actions.length > 8 ? true : null;
  });
  proxy.refuse(null);
  for (const path of ["/", "/status", "/metrics", "/health", "/nothing"]) await look(path);
  seen.push(["stream", await streamed(`${paper.url}/api/stream`)]);
  for (const words of [["alerts", "test"], ["doctor"], ["status"], ["why", "1"], ["trace", "1"]]) {
    const flags = words[0] === "alerts" ? [] : ["--data", dataDir];
    receivers.answerNext("telegram", 401);
    const { stdout, stderr } = await runCli([...words, ...flags], { env });
    seen.push([words.join(" "), stdout + stderr]);
  }
  paper.process.kill("SIGINT");
  const { stdout, stderr } = await paper.process.ended;
  seen.push(["paper", stdout + stderr]);
  await proxy.stop();

  const [key = "", watchdogKey = ""] = ["paper-key", "watchdog-key"].map((name) =>
    readFileSync(join(dataDir, name), "utf8").trim(),
  );
  const signatures = proxy.actions.flatMap((body) => {
    const { r, s } = (JSON.parse(body) as Signed).signature;
    return [r.slice(2), s.slice(2)];
  });
  expect(signatures.length).toBeGreaterThan(8);
  for (const one of [key, watchdogKey]) expect(one).toMatch(/^[0-9a-f]{64}$/);
  const files = textsUnder(dataDir);
  expect(files.map(([name]) => name)).toContain("bot.sqlite");
  expect(files.find(([name]) => name === "bot.jsonl")?.[1]).toContain("alertFailed");
  const sent = receivers.received.map(({ channel, body }) => [`sent to ${channel}`, body] as const);
  expect(new Set(sent.map(([where]) => where)).size).toBe(5);
  const secrets = [
    TOKEN,
    WEBHOOK_SECRET,
    key,
    watchdogKey,
    ...Object.values(ALERT_SECRETS),
    ...signatures,
  ];
  const found = [...seen, ...files, ...sent].flatMap(([where, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => ({ where, secret })),
  );
  expect(found).toEqual([]);
});
