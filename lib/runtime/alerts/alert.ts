/** What people are told about, in the order of the documentation. */
export const ALERT_KINDS = [
  "started",
  "restarted",
  "stopped",
  "crashed",
  "watchdog",
  "crashLoop",
  "riskMode",
  "halted",
  "resumed",
  "drawdown",
  "margin",
  "takers",
  "liquidationNear",
  "liquidated",
  "feedLost",
  "feedBack",
  "reconciliation",
  "reconciled",
  "rejections",
  "unresolved",
  "actionBudget",
  "stuck",
  "retrain",
  "dailySummary",
  "test",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** "info": ordinary; "notice": worth a look today; "warning": look soon; "critical": look now. */
export const SEVERITIES = ["info", "notice", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One message to people. */
export type Alert = {
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** Alerts with the same key say the same: within the cooldown the second one is held back. */
  readonly key: string;
  /** What happened, in one or a few sentences. No secrets. */
  readonly text: string;
  /** Time of what happened, by the bot's clock. */
  readonly atMs: number;
};

/** Whether an alert is at least so severe. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}
