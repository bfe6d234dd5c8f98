import { z } from "zod";
import { channelsOf, secretsOf } from "../runtime/alerts/channels/configured.ts";
import { tryChannels } from "../runtime/alerts/testAlert.ts";
import type { Tried } from "../runtime/alerts/testAlert.ts";
import { redactor } from "../runtime/redact.ts";
import { defineCommand, Switch, UsageError } from "./command.ts";
import { readSettings } from "./readSettings.ts";
import { pairLines } from "./table.ts";

const flags = z.object({ json: Switch.describe("one JSON object on standard output") });

/** Lists the channels that the settings name, or sends a test through each of them. */
export const alertsCommand = defineCommand({
  name: "alerts",
  summary: "Which channels alerts go to; with the word test, send one through each.",
  operands: "[test]",
  flags,
  run: async ({ json }, operands, io) => {
    const [word, ...more] = operands;
    if (more.length > 0 || (word !== undefined && word !== "test"))
      throw new UsageError(`alerts takes the word test or nothing, got "${operands.join(" ")}"`);
    const { settings } = readSettings(io, {});
    const channels = channelsOf(settings, Date.now);
    if (word === undefined) {
      const names = channels.map(({ name }) => name);
      for (const channel of channels) channel.close();
      const { ALERT_MIN_SEVERITY: least, ALERT_COOLDOWN_MINUTES: cooldownMinutes } = settings;
      const text =
        names.length === 0
          ? NO_CHANNEL
          : `${names.join(", ")}: from ${least} on, repetition after ${cooldownMinutes} minutes`;
      io.out(json ? JSON.stringify({ channels: names, least, cooldownMinutes }) : text);
      return 0;
    }
    const redact = redactor(secretsOf(settings));
    const tried = await tryChannels(channels, `test of ${settings.SYMBOL}`, Date.now(), redact);
    const ok = tried.length > 0 && tried.every((one) => one.ok);
    io.out(json ? JSON.stringify({ ok, tried }) : triedText(tried));
    return ok ? 0 : 1;
  },
});

const NO_CHANNEL =
  "no channel is configured; set one of ALERT_SLACK_WEBHOOK, ALERT_TELEGRAM_TOKEN, ALERT_DISCORD_WEBHOOK, ALERT_WEBHOOK_URL, ALERT_SMTP_URL";

function triedText(tried: readonly Tried[]): string {
  if (tried.length === 0) return NO_CHANNEL;
  return pairLines(
    tried.map(({ channel, ok, error }) => [channel, ok ? "ok" : `failed: ${error}`]),
  );
}
