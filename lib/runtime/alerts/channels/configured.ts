import { SETTINGS } from "../../settings.ts";
import type { SettingName, Settings } from "../../settings.ts";
import type { Setting } from "../../settingTypes.ts";
import type { Channel } from "./channel.ts";
import { discordChannel, slackChannel, telegramChannel } from "./chat.ts";
import { emailChannel } from "./email.ts";
import { webhookChannel } from "./webhook.ts";

/** Every channel that the settings name. */
export function channelsOf(settings: Settings, nowMs: () => number): readonly Channel[] {
  const channels: Channel[] = [];
  const { ALERT_TELEGRAM_TOKEN: token, ALERT_TELEGRAM_CHAT: chat } = settings;
  const { ALERT_SMTP_URL: smtpUrl, ALERT_EMAIL_FROM: from, ALERT_EMAIL_TO: to } = settings;
  if (settings.ALERT_SLACK_WEBHOOK !== null)
    channels.push(slackChannel(settings.ALERT_SLACK_WEBHOOK, settings.ALERT_SLACK_BASE_URL));
  if (token !== null && chat !== null)
    channels.push(telegramChannel(token, chat, settings.ALERT_TELEGRAM_BASE_URL));
  if (settings.ALERT_DISCORD_WEBHOOK !== null)
    channels.push(discordChannel(settings.ALERT_DISCORD_WEBHOOK, settings.ALERT_DISCORD_BASE_URL));
  if (settings.ALERT_WEBHOOK_URL !== null)
    channels.push(webhookChannel(settings.ALERT_WEBHOOK_URL, settings.ALERT_WEBHOOK_SECRET, nowMs));
  if (smtpUrl !== null && from !== null && to !== null)
    channels.push(emailChannel({ smtpUrl, from, to }));
  return channels;
}

/** The secrets among the settings: nothing that is written or sent elsewhere may hold one. */
export function secretsOf(settings: Settings): readonly string[] {
  return Object.entries<Setting>(SETTINGS).flatMap(([name, { secret }]) => {
    const value = settings[name as SettingName];
    return secret === true && typeof value === "string" ? [value] : [];
  });
}
