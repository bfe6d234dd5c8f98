import { describe, expect, test } from "bun:test";
import { initialState } from "../../lib/core/initialState.ts";
import { patientTransport } from "../../lib/hyperliquid/patientTransport.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { WorkingOrder } from "../../lib/messages/orders.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { ReconcileRetry } from "../../lib/runtime/reconcileRetry.ts";
import { FakeTransport } from "../support/fakeTransport.ts";

const START_MS = 1_767_225_600_000;
const event = { kind: "reconciled" } as Event;

function after(reconcileFailure: string | null): BotState {
  return { ...initialState, run: { ...initialState.run, reconcileFailure } };
}

function retrying() {
  const clock = virtualClock(START_MS);
  const askedMs: number[] = [];
  const retry = new ReconcileRetry({
    clock,
    reconcile: () => void askedMs.push(clock.nowMs() - START_MS),
  });
  return { clock, retry, askedMs };
}

describe("a reconciliation that did not agree", () => {
  test("is asked for again, ever more patiently", () => {
    const { clock, retry, askedMs } = retrying();
    for (let n = 0; n < 8; n++) {
      retry.onAudit({ event, after: after("different") });
      clock.runUntil(clock.nextMs());
    }
    const gaps = askedMs.map((atMs, n) => atMs - (askedMs[n - 1] ?? 0));
    expect(gaps).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 16_000, 16_000]);
  });

  test("starts over once it agreed, and a newer answer replaces the appointment", () => {
    const { clock, retry, askedMs } = retrying();
    retry.onAudit({ event, after: after("different") });
    clock.runUntil(START_MS + 400);
    retry.onAudit({ event, after: after(null) });
    clock.runUntil(START_MS + 10_000);
    expect(askedMs).toEqual([]);
    retry.onAudit({ event, after: after("different") });
    retry.onAudit({ event: { kind: "book" } as Event, after: after("different") });
    clock.runUntil(START_MS + 20_000);
    expect(askedMs).toEqual([10_500]);
  });

  test("is left alone after the end", () => {
    const { clock, retry, askedMs } = retrying();
    retry.onAudit({ event, after: after("different") });
    retry.close();
    retry.onAudit({ event, after: after("different") });
    clock.runUntil(START_MS + 60_000);
    expect(askedMs).toEqual([]);
  });
});

const order = { phase: "unresolved" } as WorkingOrder;

function withOrders(orders: { readonly [cloid: string]: WorkingOrder }): BotState {
  const working = Object.fromEntries(
    Object.entries(orders).map(([cloid, { phase }]) => [cloid, { ...order, cloid, phase }]),
  );
  return { ...initialState, orders: { ...initialState.orders, working } };
}

describe("an order without the venue's last word", () => {
  const outcome = { kind: "outcome" } as Event;

  test("is asked about when it stays so, and again until it is settled", () => {
    const { clock, retry, askedMs } = retrying();
    retry.onAudit({ event: outcome, after: withOrders({ a: order }) });
    clock.runUntil(START_MS + 2_500);
    expect(askedMs).toEqual([2_000]);
    retry.onAudit({ event, after: withOrders({ a: order }) });
    clock.runUntil(START_MS + 10_000);
    expect(askedMs).toEqual([2_000, 6_500]);
    retry.onAudit({ event, after: withOrders({}) });
    clock.runUntil(START_MS + 60_000);
    expect(askedMs).toHaveLength(2);
  });

  test("that is settled in the meantime needs no question, and another one gets its own time", () => {
    const { clock, retry, askedMs } = retrying();
    retry.onAudit({ event: outcome, after: withOrders({ a: order }) });
    clock.runUntil(START_MS + 1_900);
    retry.onAudit({ event: outcome, after: withOrders({ b: order }) });
    clock.runUntil(START_MS + 3_900);
    expect(askedMs).toEqual([]);
    retry.onAudit({ event: outcome, after: withOrders({ b: { ...order, phase: "resting" } }) });
    clock.runUntil(START_MS + 60_000);
    expect(askedMs).toEqual([]);
  });
});

/** A venue that turns the first `refusals` requests away. */
function busyVenue(refusals: number) {
  const clock = virtualClock(START_MS);
  const asked: { readonly atMs: number; readonly body: string }[] = [];
  const answer = (body: string) => {
    asked.push({ atMs: clock.nowMs() - START_MS, body });
    const status = asked.length > refusals ? 200 : 429;
    return Promise.resolve({ status, text: "null" });
  };
  const venue = Object.assign(new FakeTransport(), { info: answer, exchange: answer });
  const said: string[] = [];
  const patient = patientTransport({
    transport: venue,
    clock,
    onWait: (text) => void said.push(text),
  });
  return { clock, asked, said, patient };
}

describe("a start at a venue that is asked too much", () => {
  test("waits, says so, and repeats the very same request", async () => {
    const { clock, asked, said, patient } = busyVenue(3);
    const answer = patient.exchange("signed");
    clock.runUntil(START_MS + 60_000);
    expect((await answer).status).toBe(200);
    expect(asked).toEqual([0, 1000, 3000, 7000].map((atMs) => ({ atMs, body: "signed" })));
    expect(said).toEqual([expect.stringContaining("429")]);
  });

  test("gives the refusal back in the end", async () => {
    const { clock, asked, patient } = busyVenue(1000);
    const answer = patient.info("{}");
    clock.runUntil(START_MS + 200_000);
    expect((await answer).status).toBe(429);
    expect(asked.at(-1)?.atMs).toBeWithin(80_000, 90_001);
  });
});
