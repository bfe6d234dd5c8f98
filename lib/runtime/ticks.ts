import type { EventInput } from "./eventInput.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TimerName } from "../messages/events.ts";
import type { Store } from "../store/store.ts";

export type TickPeriods = {
  readonly requoteMs: number;
  readonly marginTickMs: number;
  readonly reconcileMs: number;
};

/**
 * Turns due times into timer events. The due time is in the id, so a tick acts once. The tick that looks at the quotes
 * says how late it is: a program that cannot keep its own time sees the market late too.
 */
export function startTicks(
  scheduler: Scheduler,
  periods: TickPeriods,
  post: (input: EventInput) => void,
  nowMs: () => number,
): void {
  const tick = (timer: TimerName) => (dueMs: number) =>
    post({ kind: "timer", timer, id: `timer:${timer}:${dueMs}` });
  scheduler.every("requote", periods.requoteMs, (dueMs) =>
    post({
      kind: "timer",
      timer: "requote",
      id: `timer:requote:${dueMs}`,
      lagMs: Math.max(0, nowMs() - dueMs),
    }),
  );
  scheduler.every("marginTick", periods.marginTickMs, tick("marginTick"));
  scheduler.every("reconcile", periods.reconcileMs, tick("reconcile"));
}

/** The daily report is due at midnight of `timeZone`. Only where time is the wall's. */
export function startDailyReport(
  scheduler: Scheduler,
  timeZone: string,
  post: (input: EventInput) => void,
): void {
  scheduler.calendar("dailyReport", "0 0 * * *", timeZone, (dueMs) =>
    post({ kind: "timer", timer: "dailyReport", id: `timer:dailyReport:${dueMs}` }),
  );
}

const CHECKPOINT_PERIOD_MS = 1000;
const PRUNE_PERIOD_MS = 60_000;

/** Keeps the database small and its log short, in moments when no event waits. */
export function startHousekeeping(
  scheduler: Scheduler,
  store: Pick<Store, "checkpoint" | "prune">,
  isIdle: () => boolean,
): void {
  scheduler.every("checkpoint", CHECKPOINT_PERIOD_MS, () => {
    if (isIdle()) store.checkpoint();
  });
  scheduler.every("prune", PRUNE_PERIOD_MS, () => {
    store.prune();
  });
}
