import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isAtLeast } from "../../../lib/runtime/alerts/alert.ts";
import type { Alert } from "../../../lib/runtime/alerts/alert.ts";
import { Absence } from "../../../lib/runtime/alerts/absence.ts";
import { AlertGate } from "../../../lib/runtime/alerts/gate.ts";
import { Storm } from "../../../lib/runtime/alerts/storm.ts";

function alert(key: string, atMs: number): Alert {
  return { kind: "riskMode", severity: "info", key, text: `${key} at ${atMs}`, atMs };
}

describe("repetition", () => {
  test("is held back for the cooldown; the newest follows with the number of the others", () => {
    const gate = new AlertGate(1000);
    expect(gate.offer(alert("a", 0), 0)?.text).toBe("a at 0");
    expect(gate.offer(alert("b", 1), 1)?.text).toBe("b at 1");
    expect(gate.offer(alert("a", 200), 200)).toBeNull();
    expect(gate.offer(alert("a", 300), 300)).toBeNull();
    expect(gate.nextDueMs()).toBe(1000);
    expect(gate.due(999)).toEqual([]);
    const [late, ...others] = gate.due(1000);
    expect(others).toEqual([]);
    expect(late?.text).toBe("a at 300 (and 1 more like it since 00:00:00 UTC)");
    // What followed begins a new cooldown.
    expect(gate.offer(alert("a", 1500), 1500)).toBeNull();
    expect(gate.nextDueMs()).toBe(2000);
  });

  test("does not matter with a cooldown of nothing", () => {
    const gate = new AlertGate(0);
    for (const atMs of [0, 0, 1]) expect(gate.offer(alert("a", atMs), atMs)).not.toBeNull();
    expect(gate.nextDueMs()).toBeNull();
  });

  test("never swallows the last word, and never lets two pass within the cooldown", () => {
    const steps = fc.array(
      fc.record({ key: fc.constantFrom("a", "b", "c"), waitMs: fc.integer({ min: 0, max: 800 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (plan) => {
        const gate = new AlertGate(1000);
        const passed: { readonly alert: Alert; readonly atMs: number }[] = [];
        const last = new Map<string, number>();
        let nowMs = 0;
        for (const { key, waitMs } of plan) {
          nowMs += waitMs;
          for (const one of gate.due(nowMs)) passed.push({ alert: one, atMs: nowMs });
          const one = gate.offer(alert(key, nowMs), nowMs);
          if (one !== null) passed.push({ alert: one, atMs: nowMs });
          last.set(key, nowMs);
        }
        for (const one of gate.due(nowMs + 1000)) passed.push({ alert: one, atMs: nowMs + 1000 });
        for (const [key, atMs] of last) {
          const ofKey = passed.filter((one) => one.alert.key === key);
          expect(ofKey.at(-1)?.alert.atMs).toBe(atMs);
          for (const [index, one] of ofKey.entries()) {
            const before = ofKey[index - 1];
            if (before !== undefined) expect(one.atMs - before.atMs).toBeGreaterThanOrEqual(1000);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("is forgotten for the oldest keys when there are too many", () => {
    const gate = new AlertGate(1e9);
    for (let n = 0; n < 2000; n++) gate.offer(alert(`key ${n}`, n), n);
    expect(gate.offer(alert("key 0", 3000), 3000)).not.toBeNull();
    expect(gate.offer(alert("key 1999", 3000), 3000)).toBeNull();
  });
});

test("a storm is told once, and again only after it was calm", () => {
  const storm = new Storm(1000, 3);
  expect(storm.add(0, "x", 1)).toBeNull();
  expect(storm.add(100, "y", 1)).toBeNull();
  expect(storm.add(200, "y", 1)).toEqual({ count: 3, text: "y" });
  expect(storm.add(300, "y", 5)).toBeNull();
  expect(storm.add(5000, "y", 1)).toBeNull();
  expect(storm.add(5100, "z", 4)).toEqual({ count: 5, text: "z" });
});

test("an absence is told after its grace, once, and its end only when it was told", () => {
  const absence = new Absence(1000);
  expect(absence.note(0, "gone")).toBeNull();
  expect(absence.passed(999)).toBeNull();
  expect(absence.note(999, null)).toBeNull();
  absence.note(2000, "gone");
  absence.note(2500, "still gone");
  expect(absence.isPending).toBe(true);
  expect(absence.passed(3000)).toEqual({ awayMs: 1000, why: "still gone" });
  expect(absence.isPending).toBe(false);
  expect(absence.passed(4000)).toBeNull();
  expect(absence.note(5000, null)).toEqual({ awayMs: 3000 });
  expect(absence.note(6000, null)).toBeNull();
});

test("severities are ordered", () => {
  expect(isAtLeast("critical", "warning")).toBe(true);
  expect(isAtLeast("info", "notice")).toBe(false);
  expect(isAtLeast("notice", "notice")).toBe(true);
});
