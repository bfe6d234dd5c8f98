/** Secrets that are found again wherever they turn up. */
export const ALERT_SECRETS = {
  slack: "SLACKsecretQ1w2E3r4T5y6",
  telegram: "123456789:TELEGRAMsecret-abcdefghij",
  discord: "DISCORDsecret-zyxwvutsrq",
  webhookPath: "WEBHOOKpath-998877",
  webhook: "WEBHOOKsigning-secret-42",
  smtpPassword: "SMTPpassword-secret-77",
} as const;

/** Every channel, sent to one address. */
export function basicEnv(url: string, smtpPort: number): Readonly<Record<string, string>> {
  const { slack, telegram, discord, webhookPath, webhook, smtpPassword } = ALERT_SECRETS;
  return {
    ALERT_SLACK_WEBHOOK: `https://hooks.slack.com/services/T000/B000/${slack}`,
    ALERT_SLACK_BASE_URL: url,
    ALERT_TELEGRAM_TOKEN: telegram,
    ALERT_TELEGRAM_CHAT: "-1001234",
    ALERT_TELEGRAM_BASE_URL: url,
    ALERT_DISCORD_WEBHOOK: `https://discord.com/api/webhooks/42/${discord}`,
    ALERT_DISCORD_BASE_URL: url,
    ALERT_WEBHOOK_URL: `${url}/alerts/${webhookPath}`,
    ALERT_WEBHOOK_SECRET: webhook,
    ALERT_SMTP_URL: `smtp://alerts:${smtpPassword}@127.0.0.1:${smtpPort}`,
    ALERT_EMAIL_FROM: "amm500@example.org",
    ALERT_EMAIL_TO: "one@example.org, two@example.org",
  };
}
