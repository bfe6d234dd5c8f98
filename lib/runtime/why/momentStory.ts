import type { MomentStory, Silence } from "../../dashboard/stories.ts";
import type { DecisionRow, ReadModel } from "../../store/readModel.ts";
import type { Side } from "../../units/grid.ts";
import { RestingIndex } from "./restingIndex.ts";
import { eventOf, marketThen } from "./stored.ts";

const REFUSALS_MAX = 5;
const REFUSALS_WITHIN_MS = 60_000;
const CHANGES_MAX = 200;

/** Reads the records around a moment. Nothing is recomputed: what is told is what was decided. */
export function momentStory(read: ReadModel, atMs: number, side: Side): MomentStory {
  const event = read.eventBefore(atMs);
  return {
    atMs,
    side,
    orders: new RestingIndex(read).at(atMs).filter((order) => order.side === side),
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
    missing.push(
      "No record says whether the side was quoted: the moment is before what is kept, or before the bot began.",
    );
  return missing;
}
