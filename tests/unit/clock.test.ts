import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { realClock, scaledClock, virtualClock } from "../../lib/runtime/clock.ts";
import type { WallSource } from "../../lib/runtime/clock.ts";
import { TimerQueue } from "../../lib/runtime/timerQueue.ts";
import { ms } from "../../lib/units/numbers.ts";

/** A wall clock that the test moves; waits end when its time passes. */
function handWall(startMs: number): WallSource & { readonly advance: (byMs: number) => void } {
  const timers = new TimerQueue();
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait: (delayMs, run) => timers.add(nowMs + delayMs, run),
    advance(byMs) {
      const untilMs = nowMs + byMs;
      while (timers.nextMs() <= untilMs) {
        const timer = timers.pop();
        nowMs = Math.max(nowMs, timer?.dueMs ?? 0);
        timer?.run();
      }
      nowMs = untilMs;
    },
  };
}

describe("a timer queue", () => {
  test("gives timers by due time and then by age, without those that were stopped", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 300 }), (plan) => {
        const queue = new TimerQueue();
        const order: number[] = [];
        const stops = plan.map(([dueMs], i) => queue.add(dueMs, () => order.push(i)));
        plan.forEach(([, stopped], i) => {
          if (!stopped) return;
          stops[i]?.();
          stops[i]?.();
        });
        const kept = plan.flatMap(([dueMs, stopped], i) => (stopped ? [] : [{ dueMs, i }]));
        expect(queue.size).toBe(kept.length);
        for (let timer = queue.pop(); timer !== null; timer = queue.pop()) timer.run();
        expect(order).toEqual(
          kept.toSorted((a, b) => a.dueMs - b.dueMs || a.i - b.i).map(({ i }) => i),
        );
        expect(queue.nextMs()).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe("the wall's clock", () => {
  test("stands still while the system's clock is set back", () => {
    const wall = handWall(5000);
    const clock = realClock(wall);
    expect(clock.nowMs()).toBe(ms(5000));
    wall.advance(-2000);
    expect(clock.nowMs()).toBe(ms(5000));
    wall.advance(2500);
    expect(clock.nowMs()).toBe(ms(5500));
  });

  test("calls once when the time has come, however long the wait, and not once stopped", () => {
    const wall = handWall(0);
    const clock = realClock(wall);
    const calls: number[] = [];
    clock.at(ms(60_000), () => calls.push(clock.nowMs()));
    const stop = clock.at(ms(30_000), () => calls.push(-1));
    wall.advance(29_999);
    stop();
    stop();
    wall.advance(30_000);
    expect(calls).toEqual([]);
    wall.advance(1);
    wall.advance(100_000);
    expect(calls).toEqual([60_000]);
  });

  test("calls at once when the time has passed", () => {
    const wall = handWall(1000);
    const calls: number[] = [];
    realClock(wall).at(ms(500), () => calls.push(1));
    wall.advance(0);
    expect(calls).toEqual([1]);
  });
});

describe("a scaled clock", () => {
  test("runs its speed times as fast since its epoch", () => {
    const wall = handWall(1_000_000);
    const clock = scaledClock(1_000_000, 20, wall);
    const calls: number[] = [];
    clock.at(ms(1_020_000), () => calls.push(clock.nowMs()));
    wall.advance(999);
    expect(clock.nowMs()).toBe(ms(1_019_980));
    expect(calls).toEqual([]);
    wall.advance(1);
    expect(calls).toEqual([1_020_000]);
  });

  test("refuses a speed that is not positive", () => {
    expect(() => scaledClock(0, 0)).toThrow("a clock's speed is positive, got 0");
  });
});

describe("a virtual clock", () => {
  test("runs what is due in order, at its own time, and ends where it was told", () => {
    const clock = virtualClock(100);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.nowMs()}`);
    clock.at(ms(300), note("late"));
    clock.at(ms(200), note("first"));
    clock.at(ms(200), note("second"));
    clock.at(ms(50), note("past"));
    clock.at(ms(150), () => clock.at(ms(120), note("nested")));
    clock.runUntil(250);
    expect(seen).toEqual(["past@100", "nested@150", "first@200", "second@200"]);
    expect(clock.nowMs()).toBe(ms(250));
    expect(clock.nextMs()).toBe(300);
    expect(clock.size()).toBe(1);
    expect(() => clock.runUntil(249)).toThrow("virtual time goes forward");
  });

  test("lets promises settle before time moves on", () => {
    const clock = virtualClock(0);
    const seen: string[] = [];
    const sleep = (delayMs: number) =>
      new Promise<void>((resolve) => {
        clock.at(ms(clock.nowMs() + delayMs), resolve);
      });
    const task = async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        await Promise.resolve();
        seen.push(`woke@${clock.nowMs()}`);
      }
    };
    void task();
    clock.runUntil(100);
    expect(seen).toEqual(["woke@10", "woke@20", "woke@30"]);
  });
});
