import { z } from "zod";
import { address, number, whole } from "./settingTypes.ts";
import type { Setting } from "./settingTypes.ts";

const SLACK_HOOK = /^https:\/\/hooks\.slack(-gov)?\.com\/[\w/-]+$/;
const DISCORD_HOOK = /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+$/;
const TELEGRAM_TOKEN = /^\d+:[\w-]{20,}$/;
const ADDRESS = /^[^\s@<>,]+@[^\s@<>,]+$/;

/** Text that is unset unless given, and is never shown. */
function secret(
  allowed: string,
  about: string,
  schema: z.ZodType<string, string>,
): Setting<string> & { readonly fallback: null } {
  return { schema, fallback: null, allowed, about, secret: true };
}

/** Who is told what happened, and what is written down. Secrets go to their service and nowhere else. */
export const ALERT_SETTINGS = {
  ALERT_MIN_SEVERITY: {
    schema: z.enum(["info", "notice", "warning", "critical"]),
    fallback: "notice",
    allowed: "info, notice, warning or critical",
    about: "Alerts below this are not sent. Ordinary changes of the risk mode are `info`.",
  },
  ALERT_COOLDOWN_MINUTES: number(15, [0, 1440], {
    about:
      "An alert that repeats is held back for this long after it was sent; the newest of those held back follows, with their number.",
  }),
  ALERT_SLACK_WEBHOOK: secret(
    "an incoming webhook such as https://hooks.slack.com/services/…",
    "Alerts go to this Slack webhook.",
    z.string().regex(SLACK_HOOK),
  ),
  ALERT_SLACK_BASE_URL: address("https://hooks.slack.com", {
    about: "Stands in for Slack's host, such as a proxy.",
  }),
  ALERT_TELEGRAM_TOKEN: secret(
    "a bot's token: digits, a colon, letters",
    "Alerts are sent by this Telegram bot; `ALERT_TELEGRAM_CHAT` says where to.",
    z.string().regex(TELEGRAM_TOKEN),
  ),
  ALERT_TELEGRAM_CHAT: {
    schema: z.string().regex(/^(-?\d+|@\w+)$/),
    fallback: null,
    allowed: "a chat's number, or @ and a channel's name",
    about: "Chat that the Telegram bot writes to.",
  },
  ALERT_TELEGRAM_BASE_URL: address("https://api.telegram.org", {
    about: "Stands in for Telegram's host, such as a proxy.",
  }),
  ALERT_DISCORD_WEBHOOK: secret(
    "a webhook such as https://discord.com/api/webhooks/…",
    "Alerts go to this Discord webhook.",
    z.string().regex(DISCORD_HOOK),
  ),
  ALERT_DISCORD_BASE_URL: address("https://discord.com", {
    about: "Stands in for Discord's host, such as a proxy.",
  }),
  ALERT_WEBHOOK_URL: secret(
    "an address that begins with http:// or https://",
    "Alerts are posted here as JSON.",
    z.url({ protocol: /^https?$/ }),
  ),
  ALERT_WEBHOOK_SECRET: secret(
    "at least 16 characters",
    "Signs what goes to `ALERT_WEBHOOK_URL`: HMAC-SHA256 over time stamp, a dot and the body.",
    z.string().min(16),
  ),
  ALERT_SMTP_URL: secret(
    "an address such as smtps://user:password@mail.example.org:465, or smtp:// with port 587",
    "Mail server that alerts are handed to.",
    z.url({ protocol: /^smtps?$/ }),
  ),
  ALERT_EMAIL_FROM: {
    schema: z.string().regex(ADDRESS),
    fallback: null,
    allowed: "one mail address",
    about: "Sender of alerts by mail.",
  },
  ALERT_EMAIL_TO: {
    schema: z.string().refine((text) => text.split(",").every((one) => ADDRESS.test(one.trim()))),
    fallback: null,
    allowed: "mail addresses with commas between them",
    about: "Receivers of alerts by mail.",
  },
  LOG_LEVEL: {
    schema: z.enum(["off", "error", "warning", "info", "debug"]),
    fallback: "info",
    allowed: "off, error, warning, info or debug",
    about: "What is written to `logs/` in the data folder; `debug` writes every order's outcome.",
  },
  LOG_FILE_MB: number(10, [0.01, 1000], {
    about: "Size at which a log file is closed and the next one begun.",
  }),
  LOG_FILES: whole(10, [2, 1000], { about: "Log files kept, the one in use included." }),
} as const satisfies Record<string, Setting>;

type Values = { readonly [name: string]: string | number | boolean | null };

/** Pairs of which the first needs the second. */
const NEEDS: readonly (readonly [string, string])[] = [
  ["ALERT_TELEGRAM_TOKEN", "ALERT_TELEGRAM_CHAT"],
  ["ALERT_TELEGRAM_CHAT", "ALERT_TELEGRAM_TOKEN"],
  ["ALERT_WEBHOOK_SECRET", "ALERT_WEBHOOK_URL"],
  ["ALERT_SMTP_URL", "ALERT_EMAIL_FROM"],
  ["ALERT_SMTP_URL", "ALERT_EMAIL_TO"],
  ["ALERT_EMAIL_FROM", "ALERT_SMTP_URL"],
  ["ALERT_EMAIL_TO", "ALERT_SMTP_URL"],
];

/** Channels that are configured by half, one sentence each. */
export function halfConfigured(settings: Values): readonly string[] {
  return NEEDS.flatMap(([name, needed]) =>
    settings[name] !== null && settings[needed] === null
      ? [`${name} needs ${needed}, which is not set`]
      : [],
  );
}

/** The same settings as a process beside the bot finds them in its environment. */
export function alertEnv(settings: Values): { readonly [name: string]: string } {
  const named = Object.keys(ALERT_SETTINGS).flatMap((name): [string, string][] => {
    const value = settings[name];
    return name.startsWith("ALERT_") && value !== null ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(named);
}
