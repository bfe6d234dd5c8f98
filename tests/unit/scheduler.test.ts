import { describe, expect, test } from "bun:test";
import { virtualClock } from "../../lib/runtime/clock.ts";
import type { EventInput } from "../../lib/runtime/eventInput.ts";
import { Scheduler, systemCron } from "../../lib/runtime/scheduler.ts";
import type { CronStarter } from "../../lib/runtime/scheduler.ts";
import { startDailyReport, startHousekeeping, startTicks } from "../../lib/runtime/ticks.ts";
import type { Clock } from "../../lib/units/time.ts";
import { ms } from "../../lib/units/numbers.ts";

function schedulerOn(clock: Clock, cron: CronStarter | null = null) {
  const errors: string[] = [];
  const onError = (name: string, error: unknown) => errors.push(`${name}: ${String(error)}`);
  return { scheduler: new Scheduler({ clock, onError, cron }), errors };
}

describe("a scheduler", () => {
  test("stays on the grid of its start", () => {
    const clock = virtualClock(1003);
    const { scheduler } = schedulerOn(clock);
    const due: number[] = [];
    scheduler.every("tick", 100, (dueMs) => void due.push(dueMs));
    clock.runUntil(1303);
    expect(due).toEqual([1103, 1203, 1303]);
    scheduler.stop();
    clock.runUntil(2000);
    expect(due).toHaveLength(3);
  });

  test("collapses ticks that were missed into one", () => {
    const inner = virtualClock(0);
    let lateMs = 0;
    const clock: Clock = { ...inner, nowMs: () => ms(inner.nowMs() + lateMs) };
    const { scheduler } = schedulerOn(clock);
    const due: number[] = [];
    scheduler.every("tick", 100, (dueMs) => {
      due.push(dueMs);
      // The program was held up for 350 ms.
      lateMs = due.length === 1 ? 350 : 0;
    });
    inner.runUntil(500);
    expect(due).toEqual([100, 500]);
  });

  test("joins a job that is still running", async () => {
    const clock = virtualClock(0);
    const { scheduler } = schedulerOn(clock);
    const { promise, resolve } = Promise.withResolvers<void>();
    let runs = 0;
    scheduler.every("slow", 100, async () => {
      runs++;
      await promise;
    });
    clock.runUntil(350);
    expect(runs).toBe(1);
    const joined = scheduler.trigger("slow");
    resolve();
    await joined;
    expect(runs).toBe(1);
    await scheduler.trigger("slow");
    expect(runs).toBe(2);
  });

  test("reports a job that fails and runs it again", () => {
    const clock = virtualClock(0);
    const { scheduler, errors } = schedulerOn(clock);
    scheduler.every("bad", 100, () => {
      throw new Error("no");
    });
    clock.runUntil(200);
    expect(errors).toEqual(["bad: Error: no", "bad: Error: no"]);
  });

  test("follows the calendar only where time is the wall's", () => {
    const clock = virtualClock(86_400_000);
    const { scheduler } = schedulerOn(clock);
    const nothing = () => {};
    expect(() => scheduler.calendar("dailyReport", "0 0 * * *", "UTC", nothing)).toThrow(
      "the clock is the wall's",
    );
    let fire = nothing;
    const started: string[] = [];
    const { scheduler: real } = schedulerOn(clock, (expression, timeZone, run) => {
      started.push(`${expression} ${timeZone}`);
      fire = run;
      return () => started.push("stopped");
    });
    const posted: EventInput[] = [];
    startDailyReport(real, "Europe/Zurich", (input) => posted.push(input));
    fire();
    expect(posted).toEqual([
      { kind: "timer", timer: "dailyReport", id: "timer:dailyReport:86400000" },
    ]);
    real.stop();
    expect(started).toEqual(["0 0 * * * Europe/Zurich", "stopped"]);
  });

  test("the system's own calendar accepts the expression", () => {
    expect(() => systemCron("0 0 * * *", "America/New_York", () => {})()).not.toThrow();
    expect(() => systemCron("0 0 * *", "UTC", () => {})).toThrow();
  });

  test("refuses the same name twice and a period that is none", () => {
    const { scheduler } = schedulerOn(virtualClock(0));
    scheduler.every("a", 1, () => {});
    expect(() => scheduler.every("a", 1, () => {})).toThrow('"a" is scheduled once');
    expect(() => scheduler.every("b", 0, () => {})).toThrow("positive number of milliseconds");
  });
});

describe("the ticks", () => {
  test("are timer events that carry their due time in the id", () => {
    const clock = virtualClock(0);
    const { scheduler } = schedulerOn(clock);
    const posted: string[] = [];
    const periods = { requoteMs: 100, marginTickMs: 250, reconcileMs: 300 };
    startTicks(
      scheduler,
      periods,
      (input) => posted.push(input.id),
      () => clock.nowMs(),
    );
    clock.runUntil(300);
    expect(posted).toEqual([
      "timer:requote:100",
      "timer:requote:200",
      "timer:marginTick:250",
      "timer:reconcile:300",
      "timer:requote:300",
    ]);
  });

  test("housekeeping waits for an idle moment", () => {
    const clock = virtualClock(0);
    const { scheduler } = schedulerOn(clock);
    const done: string[] = [];
    let idle = false;
    const store = {
      checkpoint: () => void done.push("checkpoint"),
      prune: () => done.push("prune"),
    };
    startHousekeeping(scheduler, store, () => idle);
    clock.runUntil(1500);
    idle = true;
    clock.runUntil(2000);
    expect(done).toEqual(["checkpoint"]);
    clock.runUntil(60_000);
    expect(done.filter((what) => what === "prune")).toHaveLength(1);
  });
});
