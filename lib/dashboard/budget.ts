import type { AccountSlice } from "../messages/state.ts";
import type { BudgetView } from "./types.ts";

const MINUTE_MS = 60_000;
const MINUTES = 60;

/** Actions of the last hour, by minutes. */
export class ActionRate {
  private readonly counts = new Float64Array(MINUTES);
  private minute = Number.NEGATIVE_INFINITY;
  private firstMs: number | null = null;

  private advance(atMs: number): void {
    const minute = Math.floor(atMs / MINUTE_MS);
    const from = Math.max(this.minute + 1, minute - MINUTES + 1);
    for (let m = from; m <= minute; m++) this.counts[m % MINUTES] = 0;
    this.minute = Math.max(this.minute, minute);
  }

  add(atMs: number, actions: number): void {
    this.firstMs ??= atMs;
    this.advance(atMs);
    const slot = this.minute % MINUTES;
    this.counts[slot] = (this.counts[slot] ?? 0) + actions;
  }

  /** Scaled up to an hour while less than an hour was seen, from a minute on. */
  perHour(atMs: number): number {
    if (this.firstMs === null) return 0;
    this.advance(atMs);
    const sum = this.counts.reduce((total, count) => total + count, 0);
    const seenMs = Math.min(MINUTES * MINUTE_MS, Math.max(MINUTE_MS, atMs - this.firstMs));
    return (sum * MINUTES * MINUTE_MS) / seenMs;
  }
}

/** @returns null until the venue's count was read. */
export function budgetView(
  account: AccountSlice,
  rate: ActionRate,
  nowMs: number,
): BudgetView | null {
  const { budget } = account;
  if (budget === null) return null;
  const left = budget.cap - budget.used - account.usedSinceRead;
  const actionsPerHour = rate.perHour(nowMs);
  return {
    used: budget.used + account.usedSinceRead,
    cap: budget.cap,
    left,
    actionsPerHour,
    runwayHours: actionsPerHour > 0 ? Math.max(0, left) / actionsPerHour : null,
  };
}
