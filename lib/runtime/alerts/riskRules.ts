import type { AlertKind, Severity } from "./alert.ts";
import { severityOf } from "../../core/triggers.ts";
import type { RiskMode, RiskSlice, TriggerLevel } from "../../messages/state.ts";

type Make = (kind: AlertKind, severity: Severity, key: string, text: string) => void;

/** Triggers with a kind of their own; the others are told by the mode that they lead to. */
const TRIGGER_KINDS: { readonly [name: string]: AlertKind } = {
  drawdown: "drawdown",
  margin: "margin",
  takers: "takers",
  liquidation: "liquidationNear",
};

const TRIGGER_SEVERITY: { readonly [L in TriggerLevel]: Severity } = {
  pulled: "notice",
  widened: "notice",
  reduceOnly: "warning",
  flatten: "critical",
};

const MODE_SEVERITY: { readonly [M in RiskMode]: Severity } = {
  normal: "info",
  widened: "info",
  reduceOnly: "info",
  flatten: "warning",
  halted: "critical",
};

/** What changed in the risk machine: one alert per fact, not one for the limit and another for the mode it leads to. */
export function riskAlerts(before: RiskSlice, after: RiskSlice, make: Make): void {
  triggerAlerts(before, after, make);
  const drawdown = after.drawdownReason ?? null;
  if (drawdown !== null && (before.drawdownReason ?? null) === null)
    make("drawdown", "critical", "drawdown:total", `${drawdown}; the position is being closed.`);
  if (before.mode !== after.mode) modeAlert(before, after, make);
  const alarm = after.alarm ?? null;
  if (alarm !== null && alarm !== (before.alarm ?? null))
    make("stuck", "critical", "stuck", `The position cannot be closed: ${alarm}`);
}

function triggerAlerts(before: RiskSlice, after: RiskSlice, make: Make): void {
  const [was, is] = [before.triggers ?? {}, after.triggers ?? {}];
  if (was === is) return;
  for (const [name, kind] of Object.entries(TRIGGER_KINDS)) {
    const held = was[name];
    const now = is[name];
    if (now === undefined) continue;
    if (held !== undefined && severityOf(now.level) <= severityOf(held.level)) continue;
    make(kind, triggerSeverity(kind, now.level), `${kind}:${now.level}`, now.text);
  }
}

/**
 * Wider quotes on the way to a limit are worth a notice. The taker ratio has no other level, and of the way to a
 * liquidation people want to hear early.
 */
function triggerSeverity(kind: AlertKind, level: TriggerLevel): Severity {
  if (kind === "takers") return "warning";
  if (kind === "liquidationNear") return level === "widened" ? "warning" : "critical";
  return TRIGGER_SEVERITY[level];
}

function modeAlert(before: RiskSlice, after: RiskSlice, make: Make): void {
  const { mode, reason } = after;
  if (mode === "halted")
    return make("halted", MODE_SEVERITY.halted, "halted", `Trading is halted: ${reason}`);
  if (before.mode === "halted")
    return make("resumed", "notice", "resumed", `Trading goes on: ${mode}, ${reason}`);
  const cause = reason.split(":")[0] ?? "";
  // The limit itself was told above.
  if (cause in TRIGGER_KINDS || cause === "total drawdown") return;
  const operator = cause === "operator";
  make(
    "riskMode",
    operator ? "notice" : MODE_SEVERITY[mode],
    `riskMode:${mode}`,
    `Risk mode ${before.mode} → ${mode}: ${reason}`,
  );
}
