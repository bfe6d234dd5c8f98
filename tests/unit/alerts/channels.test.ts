import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { startReceivers } from "../../support/alertReceivers.ts";
import { ALERT_SECRETS } from "../../support/alertSettings.ts";
import { cliRun } from "../../support/cliRun.ts";
import { alertsCommand } from "../../../lib/cli/alerts.ts";
import { channelsOf, secretsOf } from "../../../lib/runtime/alerts/channels/configured.ts";
import { DeliveryError } from "../../../lib/runtime/alerts/channels/channel.ts";
import type { Message } from "../../../lib/runtime/alerts/channels/channel.ts";
import { emailChannel } from "../../../lib/runtime/alerts/channels/email.ts";
import { webhookSignature } from "../../../lib/runtime/webhookSignature.ts";
import { alertsFinding } from "../../../lib/runtime/doctor/alerts.ts";
import { loadSettings, SettingsError } from "../../../lib/runtime/settings.ts";

const receivers = startReceivers();
afterAll(() => receivers.stop());

const settings = loadSettings({ env: receivers.env, dotenv: null });
const MESSAGE: Message = {
  id: "run-1",
  source: "paper km:US500",
  alert: {
    kind: "halted",
    severity: "critical",
    key: "halted",
    text: "Trading is halted: <operator> & friends – @everyone",
    atMs: Date.UTC(2026, 0, 14, 14, 30),
  },
};
const WORDS = "[critical] halted · paper km:US500";

async function sendBy(name: string): Promise<void> {
  const channel = channelsOf(settings, () => 1_768_401_000_999).find((one) => one.name === name);
  if (channel === undefined) throw new Error(`${name} is not configured`);
  await channel.send(MESSAGE);
  channel.close();
}

async function failureBy(name: string, status: number): Promise<DeliveryError> {
  receivers.answerNext(name, status);
  try {
    await sendBy(name);
  } catch (error) {
    if (error instanceof DeliveryError) return error;
    throw error;
  }
  throw new Error("it went");
}

describe("a channel", () => {
  beforeEach(() => receivers.clear());

  test("of Slack escapes what has a meaning there", async () => {
    await sendBy("slack");
    const [got] = receivers.of("slack");
    expect(got?.path).toBe(`/services/T000/B000/${ALERT_SECRETS.slack}`);
    const { text } = JSON.parse(got?.body ?? "") as { readonly text: string };
    expect(text.split("\n")).toEqual([
      WORDS,
      "Trading is halted: &lt;operator&gt; &amp; friends – @everyone",
      "2026-01-14T14:30:00.000Z",
    ]);
  });

  test("of Telegram writes to the chat by its bot", async () => {
    await sendBy("telegram");
    const [got] = receivers.of("telegram");
    expect(got?.path).toBe(`/bot${ALERT_SECRETS.telegram}/sendMessage`);
    expect(JSON.parse(got?.body ?? "")).toMatchObject({
      chat_id: "-1001234",
      text: expect.stringContaining("<operator> & friends"),
    });
  });

  test("of Discord calls nobody", async () => {
    await sendBy("discord");
    const [got] = receivers.of("discord");
    expect(got?.path).toBe(`/api/webhooks/42/${ALERT_SECRETS.discord}`);
    expect(JSON.parse(got?.body ?? "")).toMatchObject({
      content: expect.stringContaining(WORDS),
      allowed_mentions: { parse: [] },
    });
  });

  test("of one's own is signed over time and body", async () => {
    await sendBy("webhook");
    const [got] = receivers.of("webhook");
    const body = got?.body ?? "";
    expect(JSON.parse(body)).toEqual({
      id: "run-1",
      source: "paper km:US500",
      kind: "halted",
      severity: "critical",
      key: "halted",
      text: MESSAGE.alert.text,
      time: "2026-01-14T14:30:00.000Z",
    });
    expect(got?.headers).toMatchObject({
      "content-type": "application/json",
      "x-amm500-id": "run-1",
      "x-amm500-timestamp": "1768401000",
      "x-amm500-signature": webhookSignature(ALERT_SECRETS.webhook, "1768401000", body),
    });
    expect(webhookSignature("k", "1", "{}")).toBe(
      `sha256=${new Bun.CryptoHasher("sha256", "k").update("1.{}").digest("hex")}`,
    );
  });

  test("of mail reaches every receiver, with a subject and an id of its own", async () => {
    await sendBy("email");
    const [mail] = receivers.of("email");
    expect(mail?.body).toContain("To: one@example.org, two@example.org");
    expect(mail?.body).toContain("Message-ID: <run-1@amm-500.invalid>");
    expect(mail?.body).toContain("Subject:");
    expect(mail?.body.replaceAll("_", " ")).toContain(WORDS);
    expect(mail?.body).toContain("<operator> & friends – @everyone");
  });

  test.each([
    ["slack", 404, true],
    ["telegram", 401, true],
    ["discord", 429, false],
    ["webhook", 503, false],
    ["webhook", 302, true],
  ])("%s answered %d: refused for good is %p", async (name, status, permanent) => {
    const error = await failureBy(name, status);
    expect(error.permanent).toBe(permanent);
    expect(error.message).toStartWith(`HTTP ${status}`);
  });

  test("hears how long it is to wait", async () => {
    const patient = await failureBy("slack", 429);
    expect(patient.retryAfterMs).toBe(7000);
  });

  test("of mail that nobody listens to may be tried again", async () => {
    const channel = emailChannel({
      smtpUrl: "smtp://user:hunter2@127.0.0.1:1",
      from: "a@example.org",
      to: "b@example.org",
    });
    const error: unknown = await channel.send(MESSAGE).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeliveryError);
    expect((error as DeliveryError).permanent).toBe(false);
    channel.close();
  });
});

describe("the command", () => {
  beforeEach(() => receivers.clear());

  test("sends a test through each channel and says how it went, without secrets", async () => {
    const good = await cliRun(alertsCommand, ["test", "--json"], receivers.env);
    expect(good.code).toBe(0);
    expect(good.json()).toMatchObject({ ok: true });
    expect(new Set(receivers.received.map(({ channel }) => channel)).size).toBe(5);
    receivers.answerNext("telegram", 401);
    receivers.answerNext("webhook", 500);
    const bad = await cliRun(alertsCommand, ["test"], receivers.env);
    expect(bad.code).toBe(1);
    expect(bad.out.split("\n").map((line) => line.split(/ {2,}/)[1])).toEqual([
      "ok",
      expect.stringMatching(/^failed: HTTP 401: no: .*\/bot\[secret\]/),
      "ok",
      expect.stringMatching(/^failed: HTTP 500/),
      "ok",
    ]);
    for (const secret of Object.values(ALERT_SECRETS)) expect(bad.out).not.toContain(secret);
  });

  test("lists the channels, and says what to set when there is none", async () => {
    const listed = await cliRun(alertsCommand, ["--json"], receivers.env);
    expect(listed.json()).toEqual({
      channels: ["slack", "telegram", "discord", "webhook", "email"],
      least: "notice",
      cooldownMinutes: 15,
    });
    const none = await cliRun(alertsCommand, ["test"], {});
    expect(none.code).toBe(1);
    expect(none.out).toContain("ALERT_SLACK_WEBHOOK");
    expect((await cliRun(alertsCommand, [], {})).code).toBe(0);
    expect((await cliRun(alertsCommand, ["send"], {})).failure).toContain("the word test");
  });
});

describe("the settings", () => {
  const problem = (env: Readonly<Record<string, string>>): string => {
    try {
      loadSettings({ env, dotenv: null });
    } catch (error) {
      if (error instanceof SettingsError) return error.message;
      throw error;
    }
    return "none";
  };

  test("want both halves of a channel, and never show a secret", () => {
    expect(problem({ ALERT_TELEGRAM_TOKEN: ALERT_SECRETS.telegram })).toBe(
      "ALERT_TELEGRAM_TOKEN needs ALERT_TELEGRAM_CHAT, which is not set",
    );
    expect(problem({ ALERT_WEBHOOK_SECRET: ALERT_SECRETS.webhook })).toContain("ALERT_WEBHOOK_URL");
    expect(problem({ ALERT_SMTP_URL: "smtp://mail.example.org" }).split("\n").length).toBe(2);
    const elsewhere = `https://evil.example.org/services/${ALERT_SECRETS.slack}`;
    const refused = problem({ ALERT_SLACK_WEBHOOK: elsewhere });
    expect(refused).toStartWith("ALERT_SLACK_WEBHOOK: the value is not allowed; allowed is");
    expect(refused).not.toContain(ALERT_SECRETS.slack);
    expect(problem({ ALERT_MIN_SEVERITY: "loud" })).toContain("info, notice, warning or critical");
  });

  test("name their secrets by themselves", () => {
    const secrets = secretsOf(settings).join(" ");
    for (const secret of Object.values(ALERT_SECRETS)) expect(secrets).toContain(secret);
  });

  test("are what the doctor reports", () => {
    expect(alertsFinding(settings, true)).toMatchObject({ status: "ok" });
    expect(alertsFinding(settings, true).found).toContain(
      "slack, telegram, discord, webhook, email",
    );
    const none = loadSettings({ env: {}, dotenv: null });
    expect(alertsFinding(none, true)).toMatchObject({ status: "warning" });
    expect(alertsFinding(none, false)).toMatchObject({ status: "ok" });
  });
});
