import { describe, expect, test } from "bun:test";
import { blankState, bookEvent, cancelBatch, placeBatch } from "../support/botFixtures.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import type { VirtualClock } from "../../lib/runtime/clock.ts";
import { Dispatcher } from "../../lib/runtime/dispatcher.ts";
import type { DispatcherOptions } from "../../lib/runtime/dispatcher.ts";
import { outcomeKey, outcomeOp } from "../../lib/hyperliquid/submit.ts";
import { openMemoryStore } from "../../lib/store/store.ts";
import type { Store } from "../../lib/store/store.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import type { OrderCommand } from "../../lib/messages/commands.ts";
import type { CommandOutcome, EventOf } from "../../lib/messages/events.ts";

type Answer = (batch: PlannedBatch) => readonly CommandOutcome[] | Error;
type Posted = { readonly id: string; readonly results: readonly string[] };

type Harness = {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly dispatcher: Dispatcher;
  /** Nonces in the order of sending, with the time. */
  readonly sent: { readonly nonce: number; readonly atMs: number }[];
  readonly posted: Posted[];
  readonly resolveErrors: string[];
  readonly fatal: Error[];
};

function outcome(
  command: OrderCommand,
  result: "good" | "rejected" | "unresolved",
): CommandOutcome {
  const cloid = outcomeKey(command);
  const op = outcomeOp(command);
  if (result !== "good") return { cloid, op, result, text: "why" };
  return op === "cancel"
    ? { cloid, op, result: "cancelled" }
    : { cloid, op, result: "resting", oid: 7 };
}

const good: Answer = (batch) => batch.commands.map((command) => outcome(command, "good"));
const unanswered: Answer = () => new Error("connection closed");

/** Answers one after the other; the last one stays. */
function inTurn(...answers: readonly Answer[]): Answer {
  let n = 0;
  return (batch) => (answers[Math.min(n++, answers.length - 1)] ?? good)(batch);
}

function start(
  answer: Answer,
  resolve: DispatcherOptions["resolve"] = () => Promise.resolve([]),
  store = openMemoryStore(),
): Harness {
  const clock = virtualClock(1000);
  const seen = {
    sent: [] as { nonce: number; atMs: number }[],
    posted: [] as Posted[],
    resolveErrors: [] as string[],
    fatal: [] as Error[],
  };
  let nonce = 500;
  const dispatcher = new Dispatcher({
    submitter: {
      submit(batch) {
        seen.sent.push({ nonce: batch.nonce, atMs: clock.nowMs() });
        const given = answer(batch);
        if (given instanceof Error) return Promise.reject(given);
        return Promise.resolve({ outcomes: given, signMs: 1, roundTripMs: 20, queuedMs: 0 });
      },
    },
    store,
    clock,
    nextNonce: () => ++nonce,
    post: (input) => {
      const event = input as EventOf<"outcome">;
      const results = event.outcomes.map(({ result }) => result);
      seen.posted.push({ id: event.id, results });
      const { state, versions } = store.loadState(blankState());
      store.commitStep({
        event: { ...event, atMs: clock.nowMs(), view: null },
        before: state,
        after: state,
        versions,
        batches: [],
        refused: [],
      });
    },
    resolve,
    onResolveError: (error) => seen.resolveErrors.push(String(error)),
    onFatal: (error) => seen.fatal.push(error),
  });
  return { store, clock, dispatcher, ...seen };
}

function stored(store: Store, ...batches: PlannedBatch[]): PlannedBatch[] {
  const { state, versions } = store.loadState(blankState());
  const event = bookEvent(`cause of ${batches.map(({ nonce }) => nonce).join(" ")}`);
  store.commitStep({ event, before: state, after: state, versions, batches, refused: [] });
  return batches;
}

const status = (h: Harness) =>
  h.store.read.outbox(20).map((row) => `${row.nonce} ${row.kind} ${row.status}`);

describe("a batch that is answered", () => {
  test("is marked as sent before it goes, and its answer is an event", () => {
    const h = start((batch) => {
      expect(h.store.unanswered()).toMatchObject([{ nonce: 1, status: "sent", sentMs: 1000 }]);
      return good(batch);
    });
    h.dispatcher.send(stored(h.store, placeBatch(1, 2)));
    expect(h.dispatcher.open).toBe(1);
    h.clock.runUntil(1000);
    expect(h.posted).toEqual([{ id: "outcome:1", results: ["resting", "resting"] }]);
    expect(status(h)).toEqual(["1 place confirmed"]);
    expect(h.dispatcher.open).toBe(0);
  });

  test("with another number of outcomes ends the bot", () => {
    const h = start(() => []);
    h.dispatcher.send(stored(h.store, placeBatch(1, 2)));
    h.clock.runUntil(1000);
    expect(h.fatal[0]?.message).toContain("an answer has 2 outcomes, one per command, got 0");
  });
});

describe("an order without an answer", () => {
  test("is unresolved, never rejected, until the venue was asked", () => {
    const h = start(unanswered, (commands) =>
      Promise.resolve(commands.map(({ cloid }) => ({ cloid, op: "place", result: "neverActed" }))),
    );
    h.dispatcher.send(stored(h.store, placeBatch(1)));
    h.clock.runUntil(1000);
    expect(h.posted).toEqual([{ id: "outcome:1", results: ["unresolved"] }]);
    expect(status(h)).toEqual(["1 place unresolved"]);
    h.clock.runUntil(1250);
    expect(h.posted.slice(1)).toEqual([{ id: "resolved:1:1250", results: ["neverActed"] }]);
    expect(status(h)).toEqual(["1 place expired"]);
    expect(h.dispatcher.open).toBe(0);
    expect(h.sent).toHaveLength(1);
  });

  test("is asked about again, ever more slowly, and only for what is still open", () => {
    const asked: string[] = [];
    let calls = 0;
    const h = start(unanswered, (commands) => {
      asked.push(`${h.clock.nowMs()}: ${commands.length} sent ${commands[0]?.sentMs ?? "never"}`);
      calls++;
      if (calls <= 2) return Promise.reject(new Error("offline"));
      const [first, second] = commands.map(({ cloid }) => cloid);
      if (calls === 3)
        return Promise.resolve([
          { cloid: first ?? "", op: "place", result: "filled", oid: 3 },
          { cloid: second ?? "", op: "place", result: "unresolved", text: "not known" },
        ]);
      return Promise.resolve([{ cloid: first ?? "", op: "place", result: "rejected", text: "no" }]);
    });
    h.dispatcher.send(stored(h.store, placeBatch(1, 2)));
    h.clock.runUntil(60_000);
    expect(asked).toEqual([
      "1250: 2 sent 1000",
      "1500: 2 sent 1000",
      "2000: 2 sent 1000",
      "3000: 1 sent 1000",
    ]);
    expect(h.resolveErrors).toEqual(["Error: offline", "Error: offline"]);
    expect(h.posted.map(({ id, results }) => `${id} ${results.join(" ")}`)).toEqual([
      "outcome:1 unresolved unresolved",
      "resolved:1:2000 filled unresolved",
      "resolved:1:3000 rejected",
    ]);
    expect(h.dispatcher.open).toBe(0);
  });
});

describe("a cancel without an answer", () => {
  test("is sent again under new nonces until the venue has answered", async () => {
    const h = start(inTurn(unanswered, unanswered, good));
    h.dispatcher.send(stored(h.store, cancelBatch(1, 5, 6)));
    const settled = h.dispatcher.settled();
    h.clock.runUntil(60_000);
    await settled;
    expect(h.sent).toEqual([
      { nonce: 1, atMs: 1000 },
      { nonce: 501, atMs: 1250 },
      { nonce: 502, atMs: 1750 },
    ]);
    expect(status(h)).toEqual(["502 cancel confirmed", "501 cancel expired", "1 cancel expired"]);
  });

  test("is sent again only for the orders that were not answered", () => {
    const partly: Answer = (batch) =>
      batch.commands.map((command, i) => outcome(command, i === 0 ? "rejected" : "unresolved"));
    const h = start(inTurn(partly, good));
    h.dispatcher.send(stored(h.store, cancelBatch(1, 5, 6)));
    h.clock.runUntil(60_000);
    expect(h.posted.map(({ results }) => results)).toEqual([
      ["rejected", "unresolved"],
      ["cancelled"],
    ]);
  });
});

describe("a new life", () => {
  test("sends the cancels of the last one again and asks about its orders", () => {
    const store = openMemoryStore();
    stored(store, placeBatch(1), cancelBatch(2, 9), placeBatch(3));
    store.markSent(1, 900);
    const asked: string[] = [];
    const h = start(
      good,
      (commands) => {
        asked.push(...commands.map(({ cloid, sentMs }) => `${cloid.slice(-4)} ${sentMs}`));
        return Promise.resolve(
          commands.map(({ cloid }) => ({ cloid, op: "place", result: "neverActed" })),
        );
      },
      store,
    );
    h.dispatcher.start();
    expect(h.dispatcher.open).toBe(3);
    h.clock.runUntil(1000);
    expect(h.sent).toEqual([{ nonce: 501, atMs: 1000 }]);
    expect(asked).toEqual(["0064 900", "012c 1000"]);
    expect(h.posted.map(({ id, results }) => `${id} ${results.join(" ")}`)).toEqual([
      "outcome:1 unresolved",
      "outcome:3 unresolved",
      "resolved:1:1000 neverActed",
      "resolved:3:1000 neverActed",
      "outcome:501 cancelled",
    ]);
    expect(status(h)).toEqual([
      "501 cancel confirmed",
      "3 place expired",
      "2 cancel expired",
      "1 place expired",
    ]);
    expect(h.dispatcher.open).toBe(0);
  });

  test("goes on asking about what was unresolved before, without saying it twice", () => {
    const store = openMemoryStore();
    stored(store, placeBatch(1));
    const first = start(unanswered, () => Promise.reject(new Error("offline")), store);
    first.dispatcher.send([placeBatch(1)]);
    first.clock.runUntil(1000);
    first.dispatcher.close();
    const h = start(
      good,
      ([command]) =>
        Promise.resolve([{ cloid: command?.cloid ?? "", op: "place", result: "resting", oid: 4 }]),
      store,
    );
    h.dispatcher.start();
    h.clock.runUntil(1000);
    expect(h.posted).toEqual([{ id: "resolved:1:1000", results: ["resting"] }]);
    expect(status(h)).toEqual(["1 place confirmed"]);
  });
});

test("a closed dispatcher sends nothing and leaves the outbox to the next life", () => {
  const h = start(unanswered);
  h.dispatcher.send(stored(h.store, cancelBatch(1, 5)));
  h.clock.runUntil(1000);
  h.dispatcher.close();
  h.dispatcher.send([placeBatch(9)]);
  h.clock.runUntil(60_000);
  expect(h.sent).toHaveLength(1);
  expect(h.store.unanswered()).toMatchObject([{ nonce: 1, status: "unresolved" }]);
});
