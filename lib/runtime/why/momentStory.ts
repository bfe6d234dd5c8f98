import type { MomentStory, SentOrder, Silence } from "../../dashboard/stories.ts";
import type { DecisionRow, ReadModel } from "../../store/readModel.ts";
import type { Side } from "../../units/grid.ts";
import { commandsOf, eventOf, marketThen, outcomeOf, sentOrder } from "./stored.ts";

const REFUSALS_MAX = 5;
const REFUSALS_WITHIN_MS = 60_000;
const CHANGES_MAX = 200;

/** Reads the records around a moment. Nothing is recomputed: what is told is what was decided. */
export function momentStory(read: ReadModel, atMs: number, side: Side): MomentStory {
  const event = read.eventBefore(atMs);
  return {
    atMs,
    side,
    orders: restingAt(read, atMs).filter((order) => order.side === side),
    silence: silenceAt(read, atMs, side),
    mode: modeAt(read, atMs),
    refusals: refusalsBefore(read, atMs),
    market: event === null ? null : marketThen(eventOf(event)),
    missing: missingOf(read, atMs, [side]),
  };
}

function silenceRow(read: ReadModel, atMs: number, side: Side): DecisionRow | undefined {
  return read.decisionsUntil(atMs, "silence", CHANGES_MAX).find(({ reason }) => reason === side);
}

/** Why a side was not quoted; null when it was, or nothing is recorded. */
export function silenceAt(read: ReadModel, atMs: number, side: Side): Silence | null {
  const row = silenceRow(read, atMs, side);
  if (row === undefined || row.detail === "") return null;
  const untilMs = read.decisionAfter(atMs, "silence", side)?.atMs ?? null;
  return { text: row.detail, sinceMs: row.atMs, untilMs };
}

/** The risk mode then; null before its first change. */
export function modeAt(read: ReadModel, atMs: number): MomentStory["mode"] {
  const row = read.decisionsUntil(atMs, "mode", 1)[0];
  return row === undefined ? null : { mode: row.reason, reason: row.detail, sinceMs: row.atMs };
}

/** What was not sent in the minute before, newest first. */
export function refusalsBefore(read: ReadModel, atMs: number): MomentStory["refusals"] {
  return read
    .decisionsUntil(atMs, "refusal", REFUSALS_MAX)
    .filter((row) => atMs - row.atMs <= REFUSALS_WITHIN_MS);
}

/** Ours that rested, asks from the best out, then bids. Follows the exchange's answers up to the moment. A restart begins anew: it cancels what it does not know. */
export function restingAt(read: ReadModel, atMs: number): readonly SentOrder[] {
  const resting = new Map<string, SentOrder>();
  const sent = sentOrders(read, atMs);
  for (const row of read.eventsUntil(atMs, ["outcome", "orderUpdate", "runStarted"])) {
    if (row.kind === "runStarted") resting.clear();
    else if (row.kind === "outcome") follow(outcomeOf(row).outcomes, sent, resting);
    else {
      const event = eventOf(row);
      if (event.kind === "orderUpdate" && event.cloid !== null && event.status !== "open")
        resting.delete(event.cloid);
    }
  }
  return [...resting.values()].toSorted((a, b) =>
    a.side === b.side
      ? (a.pxTicks - b.pxTicks) * (a.side === "bid" ? -1 : 1)
      : a.side === "ask"
        ? -1
        : 1,
  );
}

function follow(
  outcomes: ReturnType<typeof outcomeOf>["outcomes"],
  sent: ReadonlyMap<string, SentOrder>,
  resting: Map<string, SentOrder>,
): void {
  for (const outcome of outcomes) {
    const order = sent.get(outcome.cloid);
    if (outcome.result === "resting" && order !== undefined) resting.set(outcome.cloid, order);
    if (outcome.op === "cancel" && outcome.result === "cancelled") resting.delete(outcome.cloid);
    const replaces = order?.replaces;
    const acted = outcome.result === "resting" || outcome.result === "filled";
    if (replaces !== undefined && acted) resting.delete(replaces);
  }
}

function sentOrders(read: ReadModel, atMs: number): ReadonlyMap<string, SentOrder> {
  const sent = new Map<string, SentOrder>();
  for (const row of read.outboxWith('"pxTicks"'))
    if ((row.sentMs ?? row.nonce) <= atMs)
      for (const command of commandsOf(row)) {
        const order = sentOrder(command);
        if (order !== null) sent.set(order.cloid, order);
      }
  return sent;
}

/** What is not known of a moment, in sentences. */
export function missingOf(
  read: ReadModel,
  atMs: number,
  sides: readonly Side[],
): readonly string[] {
  const missing: string[] = [];
  const oldest = read.oldestEvent();
  const newest = read.newestEvent();
  const time = (value: number): string => new Date(value).toISOString();
  if (oldest === null || newest === null) return ["Nothing is stored yet."];
  if (atMs < oldest.atMs)
    missing.push(
      `Events before ${time(oldest.atMs)} have been pruned or never were: what rested and what the market was is not known.`,
    );
  else if (oldest.seq > 1)
    missing.push(
      `Events before ${time(oldest.atMs)} have been pruned: orders placed before are not listed.`,
    );
  if (atMs > newest.atMs)
    missing.push(`The newest event is of ${time(newest.atMs)}: what is told is the state then.`);
  if (sides.some((side) => silenceRow(read, atMs, side) === undefined))
    missing.push("No record says whether the side was quoted: it is older than what is kept.");
  return missing;
}
