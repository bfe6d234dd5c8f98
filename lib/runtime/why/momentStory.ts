import type { DecisionRow, ReadModel } from "../../store/readModel.ts";
import type { Side } from "../../units/grid.ts";
import { commandsOf, eventOf, marketThen, outcomeOf, sentOrder } from "./stored.ts";
import type { MarketThen, SentOrder } from "./stored.ts";

/** What stood on one side at one moment, or why nothing did. */
export type MomentStory = {
  readonly atMs: number;
  readonly side: Side;
  /** Ours that rested then, best first; those whose placing was pruned are not among them. */
  readonly orders: readonly SentOrder[];
  /** Why nothing was quoted, since when and until when; null when the side was quoted or nothing is recorded. */
  readonly silence: {
    readonly text: string;
    readonly sinceMs: number;
    /** Null: still so at the end of what is stored. */
    readonly untilMs: number | null;
  } | null;
  readonly mode: {
    readonly mode: string;
    readonly reason: string;
    readonly sinceMs: number;
  } | null;
  /** What was not sent shortly before, newest first. */
  readonly refusals: readonly DecisionRow[];
  readonly market: MarketThen | null;
  readonly missing: readonly string[];
};

const REFUSALS_MAX = 5;
const REFUSALS_WITHIN_MS = 60_000;
const CHANGES_MAX = 200;

/** Reads the records around a moment. Nothing is recomputed: what is told is what was decided. */
export function momentStory(read: ReadModel, atMs: number, side: Side): MomentStory {
  const event = read.eventBefore(atMs);
  const silence = read
    .decisionsUntil(atMs, "silence", CHANGES_MAX)
    .find(({ reason }) => reason === side);
  const mode = read.decisionsUntil(atMs, "mode", 1)[0];
  return {
    atMs,
    side,
    orders: restingAt(read, atMs, side),
    silence:
      silence === undefined || silence.detail === ""
        ? null
        : {
            text: silence.detail,
            sinceMs: silence.atMs,
            untilMs: read.decisionAfter(atMs, "silence", side)?.atMs ?? null,
          },
    mode:
      mode === undefined ? null : { mode: mode.reason, reason: mode.detail, sinceMs: mode.atMs },
    refusals: read
      .decisionsUntil(atMs, "refusal", REFUSALS_MAX)
      .filter((row) => atMs - row.atMs <= REFUSALS_WITHIN_MS),
    market: event === null ? null : marketThen(eventOf(event)),
    missing: missingOf(read, atMs, silence === undefined),
  };
}

/** Follows the exchange's answers up to the moment. A restart begins anew: it cancels what it does not know. */
function restingAt(read: ReadModel, atMs: number, side: Side): readonly SentOrder[] {
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
  return [...resting.values()]
    .filter((order) => order.side === side)
    .toSorted((a, b) => (a.pxTicks - b.pxTicks) * (side === "bid" ? -1 : 1));
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

function missingOf(read: ReadModel, atMs: number, noSilence: boolean): readonly string[] {
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
  if (noSilence)
    missing.push("No record says whether the side was quoted: it is older than what is kept.");
  return missing;
}
