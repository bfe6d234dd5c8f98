import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Pulse } from "../../lib/runtime/watchdog/pulse.ts";
import type { Beat } from "../../lib/runtime/watchdog/heartbeat.ts";

const beat = (count: number, changes: Partial<Beat> = {}): Beat => ({
  pid: 7,
  started: "100",
  count,
  phase: "alive",
  ...changes,
});
const newPulse = (): Pulse => new Pulse({ pid: 7, started: "100", frozenAfterMs: 3000 });

/** Looks every 100 ms from `fromMs` for `spanMs` with the same beat. */
function lookOn(pulse: Pulse, fromMs: number, spanMs: number, seen: Beat | null, alive = true) {
  const verdicts = [];
  for (let ms = fromMs; ms <= fromMs + spanMs; ms += 100)
    verdicts.push(pulse.look(ms, seen, alive));
  return verdicts;
}

describe("a bot's pulse", () => {
  test("silence of three seconds is a freeze, less is not", () => {
    const pulse = newPulse();
    const verdicts = lookOn(pulse, 0, 3000, beat(1));
    expect(new Set(verdicts)).toEqual(new Set(["alive"]));
    expect(pulse.look(3100, beat(1), true)).toBe("frozen");
    expect(pulse.look(3200, beat(2), true)).toBe("alive");
  });

  test("a bot that is busy for two seconds at a time, again and again, is not shot", () => {
    const pulse = newPulse();
    for (let count = 1; count < 50; count++)
      for (const verdict of lookOn(pulse, count * 2100, 2000, beat(count)))
        expect(verdict).toBe("alive");
  });

  test("a machine that was suspended for an hour wakes with both alive", () => {
    const pulse = newPulse();
    lookOn(pulse, 0, 1000, beat(1));
    expect(pulse.look(3_601_000, beat(1), true)).toBe("alive");
    expect(pulse.look(3_601_100, beat(2), true)).toBe("alive");
  });

  test("a watchdog that is starved itself still finds a frozen bot, later", () => {
    const pulse = newPulse();
    let looks = 0;
    while (pulse.look(looks * 2000, beat(1), true) === "alive") looks++;
    // Half a second is counted of each pause.
    expect(looks).toBe(7);
  });

  test("a process that is gone is dead at once, unless it said that it ended", () => {
    expect(newPulse().look(0, beat(1), false)).toBe("dead");
    expect(newPulse().look(0, null, false)).toBe("dead");
    expect(newPulse().look(0, beat(1, { phase: "stopped" }), false)).toBe("dead");
    expect(newPulse().look(0, beat(1, { phase: "ended" }), false)).toBe("ended");
    expect(newPulse().look(0, beat(1, { phase: "broke" }), true)).toBe("ended");
  });

  test("another process, or another life of the same number, has taken over", () => {
    expect(newPulse().look(0, beat(1, { pid: 8 }), false)).toBe("replaced");
    expect(newPulse().look(0, beat(1, { started: "101" }), true)).toBe("replaced");
  });

  test("an unreadable heartbeat counts as silence", () => {
    const pulse = newPulse();
    lookOn(pulse, 0, 1000, beat(1));
    expect(lookOn(pulse, 1100, 1900, null)).not.toContain("frozen");
    expect(pulse.look(3100, null, true)).toBe("frozen");
  });

  test("whatever the pauses: a bot that beats at each look is alive, one that never does freezes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 40 }), (pauses) => {
        const beating = newPulse();
        const silent = newPulse();
        let ms = 0;
        let frozen = false;
        let watchedMs = 0;
        pauses.forEach((pause, count) => {
          ms += pause;
          expect(beating.look(ms, beat(count), true)).toBe("alive");
          frozen = silent.look(ms, beat(0), true) === "frozen";
          if (count > 0) watchedMs += Math.min(pause, 500);
        });
        expect(frozen).toBe(watchedMs > 3000);
      }),
      { numRuns: 50 },
    );
  });
});
