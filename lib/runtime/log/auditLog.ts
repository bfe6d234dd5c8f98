import type { LogFields, Logger, LogLevel } from "./logger.ts";
import type { Audit } from "../../messages/audit.ts";
import type { EventOf } from "../../messages/events.ts";
import type { BotState } from "../../messages/state.ts";

/**
 * What of the steps is worth a line, and at which level. Errors are told by whoever catches them; here: warnings when
 * something is not as it should be, info for what changes how the bot trades, debug for each order.
 */
export function auditLog(log: Logger): (audit: Audit) => void {
  return (audit) => {
    const { event, before, after } = audit;
    if (before.risk !== after.risk) riskLines(log, before, after, event.atMs);
    if (before.run !== after.run) runLines(log, before, after, event.atMs);
    if (before.account !== after.account) marginLine(log, before, after, event.atMs);
    eventLines(log, audit);
  };
}

function riskLines(log: Logger, before: BotState, after: BotState, atMs: number): void {
  const [was, is] = [before.risk, after.risk];
  if (was.mode !== is.mode) {
    const severe = is.mode === "halted" || is.mode === "flatten";
    const { mode, reason } = is;
    log.write(severe ? "warning" : "info", "riskMode", { from: was.mode, mode, reason }, atMs);
  }
  const alarm = is.alarm ?? null;
  if (alarm !== (was.alarm ?? null)) log.write("warning", "closingAlarm", { alarm }, atMs);
  if (was.triggers === is.triggers) return;
  const [old, now] = [was.triggers ?? {}, is.triggers ?? {}];
  for (const [name, { level, text }] of Object.entries(now))
    if (old[name]?.level !== level)
      log.write("info", "trigger", { name, reaches: level, text }, atMs);
  for (const name of Object.keys(old))
    if (now[name] === undefined) log.write("info", "triggerReleased", { name }, atMs);
}

function runLines(log: Logger, before: BotState, after: BotState, atMs: number): void {
  const [was, is] = [before.run, after.run];
  if (was.phase !== is.phase)
    log.write("info", "phase", { from: was.phase, phase: is.phase }, atMs);
  const failure = is.reconcileFailure;
  if (failure === was.reconcileFailure) return;
  if (failure === null) log.write("info", "reconciled", {}, atMs);
  else log.write("warning", "reconcileFailed", { failure }, atMs);
}

function marginLine(log: Logger, before: BotState, after: BotState, atMs: number): void {
  const [was, is] = [before.account, after.account];
  if (was.failure !== is.failure && is.failure !== null)
    log.write("warning", "marginUnread", { failure: is.failure }, atMs);
  else if (was.failure !== null && is.failure === null) log.write("info", "marginRead", {}, atMs);
  if (was.reading === is.reading || is.reading === null || !log.takes("debug")) return;
  const { equityMicroUsd, marginUsedMicroUsd, positionLots } = is.reading;
  log.write("debug", "account", { equityMicroUsd, marginUsedMicroUsd, positionLots }, atMs);
}

type Line = { readonly level: LogLevel; readonly name: string; readonly fields: LogFields };

function eventLines(log: Logger, audit: Audit): void {
  const { event } = audit;
  if (event.kind === "outcome") return outcomeLines(log, event);
  const line = lineOf(audit);
  if (line !== null) log.write(line.level, line.name, line.fields, event.atMs);
  else if (audit.refused.length > 0 && log.takes("debug")) refusalLines(log, audit);
}

/** Null for what is worth no line. */
function lineOf({ event, before, after }: Audit): Line | null {
  if (event.kind === "runStarted") {
    const { runId, spec } = event;
    return { level: "info", name: "runStarted", fields: { runId, market: spec.market } };
  }
  if (event.kind === "runStopping")
    return { level: "info", name: "runStopping", fields: { reason: event.reason } };
  if (event.kind === "feedState") {
    const { feed, state, detail } = event;
    const level = state === "live" ? "info" : "warning";
    return { level, name: "feed", fields: { feed, state, detail } };
  }
  if (event.kind === "operator")
    return { level: "info", name: "operator", fields: { ...event.order, reason: event.reason } };
  // The same fill comes by two ways; the first one counts.
  if (event.kind === "fill" && before.ledger !== after.ledger) {
    const level = event.fill.liquidatedUser === undefined ? "info" : "error";
    return { level, name: "fill", fields: event.fill };
  }
  return jobLine(event);
}

function jobLine(event: Audit["event"]): Line | null {
  if (event.kind === "funding") {
    const { microUsd, positionLots } = event;
    return { level: "info", name: "funding", fields: { microUsd, positionLots } };
  }
  if (event.kind === "dataFetch") {
    const { used, failure, durationMs } = event;
    const level = failure === null ? "info" : "warning";
    return { level, name: "historyFetch", fields: { used, failure, durationMs } };
  }
  if (event.kind !== "volRetrain") return null;
  const { result, failure, durationMs, source } = event;
  const what = { promoted: result?.promoted ?? null, why: result?.why ?? null };
  const level = failure === null ? "info" : "warning";
  return { level, name: "retrain", fields: { ...what, failure, source, durationMs } };
}

/** Refusals by the venue and unanswered batches are seldom and worth knowing; what goes as it should is detail. */
function outcomeLines(log: Logger, { nonce, outcomes, timing, atMs }: EventOf<"outcome">): void {
  const open = outcomes.filter(({ result }) => result === "unresolved");
  const [first] = open;
  if (first?.result === "unresolved")
    log.write("warning", "unresolved", { nonce, count: open.length, text: first.text }, atMs);
  if (log.takes("debug")) log.write("debug", "outcome", { nonce, outcomes, timing }, atMs);
}

function refusalLines(log: Logger, { refused, event }: Audit): void {
  const counts: { [reason: string]: number } = {};
  for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  log.write("debug", "notSent", counts, event.atMs);
}
