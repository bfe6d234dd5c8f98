import { describe, expect, test } from "bun:test";
import type { Alert, Severity } from "../../../lib/runtime/alerts/alert.ts";
import { ChannelQueue } from "../../../lib/runtime/alerts/channelQueue.ts";
import { DeliveryError } from "../../../lib/runtime/alerts/channels/channel.ts";
import type { Message } from "../../../lib/runtime/alerts/channels/channel.ts";
import { virtualClock } from "../../../lib/runtime/clock.ts";

function message(n: number, severity: Severity = "notice"): Message {
  const alert: Alert = { kind: "test", severity, key: "k", text: `text ${n}`, atMs: n };
  return { id: `id-${n}`, alert, source: "test" };
}

/** A queue whose channel answers as the plan says: an error to throw, or null for "taken". */
function world(plan: (Error | null)[], random = 0) {
  const clock = virtualClock(0);
  const tries: { readonly atMs: number; readonly id: string; readonly text: string }[] = [];
  const told: string[] = [];
  const queue = new ChannelQueue({
    channel: {
      name: "stub",
      close: () => void told.push("closed"),
      send: ({ id, alert }) => {
        tries.push({ atMs: clock.nowMs(), id, text: alert.text });
        const error = plan.shift() ?? null;
        return error === null ? Promise.resolve() : Promise.reject(error);
      },
    },
    clock,
    random: () => random,
    onSent: ({ id }) => void told.push(`sent ${id}`),
    onFailed: ({ id }, { message: text }, final) =>
      void told.push(`${final ? "gave up" : "failed"} ${id}: ${text}`),
    onDropped: ({ id }) => void told.push(`lost ${id}`),
  });
  return { clock, tries, told, queue };
}

const passing = (text = "HTTP 500", retryAfterMs: number | null = null): DeliveryError =>
  new DeliveryError(text, { permanent: false, retryAfterMs });

describe("a channel's queue", () => {
  test("delivers in order, after the step that pushed", () => {
    const { clock, tries, queue, told } = world([]);
    for (const n of [1, 2, 3]) queue.push(message(n));
    expect(tries).toEqual([]);
    clock.runUntil(10);
    expect(told).toEqual(["sent id-1", "sent id-2", "sent id-3"]);
    expect(queue.stats()).toEqual({ channel: "stub", waiting: 0, sent: 3, failed: 0, dropped: 0 });
  });

  test("tries again with growing pauses, half of them random, and gives up", () => {
    const { clock, tries, queue, told } = world(Array.from({ length: 8 }, () => passing()));
    queue.push(message(1));
    queue.push(message(2));
    clock.runUntil(600_000);
    const ofFirst = tries.filter(({ id }) => id === "id-1").map(({ atMs }) => atMs);
    expect(ofFirst).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500, 61_500]);
    expect(told.slice(-2)).toEqual(["gave up id-1: HTTP 500", "sent id-2"]);
    expect(queue.stats()).toMatchObject({ sent: 1, failed: 1 });
    const jittered = world([passing()], 0.999);
    jittered.queue.push(message(1));
    jittered.clock.runUntil(2000);
    expect(jittered.tries[1]?.atMs).toBe(1000);
  });

  test("waits as long as the service asks for, within reason", () => {
    const { clock, tries, queue } = world([passing("429", 30_000), passing("429", 1e12)]);
    queue.push(message(1));
    clock.runUntil(2_000_000);
    expect(tries.map(({ atMs }) => atMs)).toEqual([0, 30_000, 630_000]);
  });

  test("does not repeat what is refused for good", () => {
    const refusal = new DeliveryError("HTTP 401", { permanent: true });
    const { clock, tries, queue, told } = world([refusal]);
    queue.push(message(1));
    clock.runUntil(600_000);
    expect(tries.length).toBe(1);
    expect(told).toEqual(["gave up id-1: HTTP 401"]);
  });

  test("is bounded: the least severe and oldest is lost, and the next one says so", () => {
    const { clock, tries, queue, told } = world([passing()]);
    queue.push(message(0, "info"));
    clock.runUntil(1);
    queue.push(message(1, "critical"));
    for (let n = 2; n < 103; n++) queue.push(message(n, n === 50 ? "info" : "warning"));
    // 103 for 100 places, the first of which is being delivered: the info goes, then the two oldest warnings.
    expect(told.slice(-3)).toEqual(["lost id-50", "lost id-2", "lost id-3"]);
    expect(queue.stats()).toMatchObject({ waiting: 100, dropped: 3 });
    clock.runUntil(60_000);
    expect(tries[1]?.text).toBe("text 0 (3 alerts before this one were lost: too many waited)");
    expect(tries[2]?.text).toBe("text 1");
    expect(queue.stats()).toMatchObject({ waiting: 0, sent: 100, dropped: 3 });
  });

  test("says when it is empty, and gives up what waits when it is closed", async () => {
    const { clock, queue, told } = world([passing()]);
    await queue.settled();
    queue.push(message(1));
    queue.push(message(2));
    const settled = queue.settled();
    clock.runUntil(100);
    queue.close();
    await settled;
    clock.runUntil(10_000);
    expect(told).toEqual(["failed id-1: HTTP 500", "lost id-1", "lost id-2", "closed"]);
    queue.push(message(3));
    expect(queue.stats()).toMatchObject({ waiting: 0, dropped: 2 });
  });
});
