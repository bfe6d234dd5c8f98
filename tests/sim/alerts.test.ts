import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceivers } from "../support/alertReceivers.ts";
import type { Received } from "../support/alertReceivers.ts";
import { ALERT_SECRETS } from "../support/alertSettings.ts";
import { actWithinHour, MINUTE_MS, ProvokedHour } from "../support/provokedHour.ts";
import { until } from "../support/until.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { addressOf, initSigning } from "../../lib/hyperliquid/signing/signature.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import type { Params } from "../../lib/messages/params.ts";
import { ALERT_KINDS } from "../../lib/runtime/alerts/alert.ts";
import { openOperations } from "../../lib/runtime/operations.ts";
import type { Operations } from "../../lib/runtime/operations.ts";
import { loadSettings } from "../../lib/runtime/settings.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { ms } from "../../lib/units/numbers.ts";
import type { Clock } from "../../lib/units/time.ts";
import { CARELESS } from "../support/eager.ts";

const folder = mkdtempSync(join(tmpdir(), "amm500-alerts-"));
const receivers = startReceivers();
afterAll(async () => {
  await receivers.stop();
  rmSync(folder, { recursive: true });
});

const SEED = 4;
const TOKEN = "API-token-secret-1234567890";
/** Near the touch, so that the hour sees fills, and limits that a single trouble exceeds. */
const PARAMS: Params = {
  ...defaultParams,
  ...CARELESS,
  takerRatioCap: 0.0001,
  flattenPassiveMs: ms(0),
  closingAlarmMs: ms(20_000),
};
const listeners: ((audit: Audit) => void)[] = [];
/** Sent by other processes; they have tests of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(["test", "watchdog", "crashLoop"]);
const CHANNELS = ["slack", "telegram", "discord", "webhook", "email"];

/** Kind and id of what arrived; only the webhook carries the id, and the mail in its headers. */
function kindIn({ channel, body }: Received): string {
  if (channel === "webhook") return (JSON.parse(body) as { readonly kind: string }).kind;
  return /\[\w+\] (\w+) ·/.exec(body)?.[1] ?? `none in ${body}`;
}

test("an hour in which everything goes wrong: every kind of alert arrives once on every channel, and no secret with it", async () => {
  await initSigning();
  const privateKey = new Bun.CryptoHasher("sha256").update(`simulated account ${SEED}`).digest();
  const account = addressOf(privateKey);
  const keyHex = Buffer.from(privateKey).toString("hex");
  const settings = loadSettings({
    env: { ...receivers.env, ALERT_MIN_SEVERITY: "info", LOG_LEVEL: "debug", API_TOKEN: TOKEN },
    dotenv: null,
  });
  const warnings: string[] = [];
  const open = (clock: Clock, cameBack: boolean): Operations =>
    openOperations({
      dataDir: folder,
      settings,
      params: PARAMS,
      account,
      clock,
      source: "simulate km:US500",
      secrets: [keyHex],
      onWarning: (text) => warnings.push(text),
      cameBack,
    });
  let operations: Operations | null = null;
  let positionLots = 0;
  const summary = await simulate({
    symbol: "US500",
    seed: SEED,
    durationMs: 60 * MINUTE_MS,
    params: PARAMS,
    scenario: "trend",
    between: (transport, clock) => {
      operations = open(clock, false);
      operations.follow({
        onAudit: (listener) => {
          listeners.push(listener);
        },
      });
      return new ProvokedHour(transport, clock, account, () => positionLots);
    },
    onAudit: (audit) => {
      positionLots = audit.after.ledger.positionLots;
      for (const listener of listeners) listener(audit);
    },
    onStarted: (bot, clock) => {
      operations?.up("a simulated hour");
      actWithinHour(bot, clock);
    },
    onProgress: () => {},
    onWarning: (text) => operations?.warn(text),
  });
  const first = operations as Operations | null;
  first?.ended("the hour is over", summary.errors);
  await first?.close();
  const again = open(
    { nowMs: () => ms(Date.now()), monotonicMs: () => 0, at: () => () => {} },
    true,
  );
  again.up("the next life");
  again.broke(new Error(`a contradiction near ${keyHex} and ${TOKEN}`));
  await again.close();

  const kinds = ALERT_KINDS.filter((kind) => !ELSEWHERE.has(kind));
  const made = receivers.of("webhook").map((one) => one.headers["x-amm500-id"]);
  await until("every channel has them all", () =>
    CHANNELS.every((name) => receivers.of(name).length >= made.length) ? true : null,
  );
  expect(new Set(made).size).toBe(made.length);
  const byWebhook = receivers.of("webhook").map(kindIn);
  expect(kinds.filter((kind) => !byWebhook.includes(kind))).toEqual([]);
  for (const name of CHANNELS)
    expect({ name, kinds: receivers.of(name).map(kindIn) }).toEqual({ name, kinds: byWebhook });

  const logs = readdirSync(join(folder, "logs")).map((name) =>
    readFileSync(join(folder, "logs", name), "utf8"),
  );
  const metrics = JSON.stringify(first?.metrics());
  const all = [...receivers.received.map(({ body }) => body), ...logs, ...warnings, metrics].join(
    "\n",
  );
  for (const secret of [keyHex, TOKEN, "hunter2-password", ...Object.values(ALERT_SECRETS)])
    expect({ secret, found: all.includes(secret) }).toEqual({ secret, found: false });
  const counts = Object.fromEntries(
    kinds.map((kind) => [kind, byWebhook.filter((one) => one === kind).length]),
  );
  console.log(`alerts of the hour: ${JSON.stringify(counts)}`);
}, 120_000);
