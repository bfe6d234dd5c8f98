import { describe, expect, test } from "bun:test";
import { Restarts } from "../../lib/runtime/restarts.ts";
import type { LifeEnd } from "../../lib/runtime/restarts.ts";

const crash = (atMs: number, changes: Partial<LifeEnd> = {}): LifeEnd => ({
  atMs,
  ranMs: 5000,
  code: null,
  signal: "SIGKILL",
  orderly: false,
  wasUp: true,
  ...changes,
});
const five = (): Restarts => new Restarts({ crashesMax: 5, windowMs: 600_000 });

describe("a supervised bot", () => {
  test("starts again after a crash, later each time", () => {
    const restarts = five();
    const pauses = [0, 1, 2, 3].map((n) => restarts.next(crash(n * 10_000)));
    expect(pauses.map((verdict) => verdict.kind === "restart" && verdict.afterMs)).toEqual([
      1000, 2000, 4000, 8000,
    ]);
    expect(pauses[0]).toMatchObject({ why: "SIGKILL after 5 s" });
  });

  test("is not started a fifth time within ten minutes, and says why", () => {
    const restarts = five();
    for (let n = 0; n < 4; n++) restarts.next(crash(n * 10_000));
    const verdict = restarts.next(crash(50_000, { code: 1, signal: null }));
    expect(verdict).toMatchObject({ kind: "stop", code: 1 });
    expect(verdict.why).toBe(
      "it crashed 5 times within 10 minutes, the last time by exit code 1 after 5 s: see its log, then start it again",
    );
  });

  test("crashes far apart never end it, and a long life resets the pause", () => {
    const restarts = five();
    for (let n = 0; n < 20; n++)
      expect(restarts.next(crash(n * 700_000, { ranMs: 650_000 }))).toMatchObject({
        kind: "restart",
        afterMs: 1000,
      });
    expect(new Restarts({ crashesMax: 100, windowMs: 1e9 }).next(crash(0))).toMatchObject({
      afterMs: 1000,
    });
  });

  test("the pause grows to a minute and no further", () => {
    const restarts = new Restarts({ crashesMax: 100, windowMs: 1e9 });
    const pauses = Array.from({ length: 10 }, (_, n) => restarts.next(crash(n)));
    expect(pauses.at(-1)).toMatchObject({ afterMs: 60_000 });
  });

  test("what ended as it was asked to, or was used wrongly, is not started again", () => {
    expect(five().next(crash(0, { orderly: true, code: 1, signal: null }))).toMatchObject({
      kind: "stop",
      code: 1,
    });
    expect(five().next(crash(0, { code: 0, signal: null }))).toMatchObject({ code: 0 });
    expect(five().next(crash(0, { code: 2, signal: null }))).toMatchObject({
      kind: "stop",
      code: 2,
    });
  });

  test("what never came up is not started again; after it once did, it is", () => {
    const failing = { code: 1, signal: null, wasUp: false } as const;
    expect(five().next(crash(0, failing))).toMatchObject({ kind: "stop", code: 1 });
    const restarts = five();
    restarts.next(crash(0));
    expect(restarts.next(crash(1, failing))).toMatchObject({ kind: "restart" });
  });
});
