import { describe, expect, test } from "bun:test";
import { blankState, bookEvent, countUp, fillEvent, place } from "../support/botFixtures.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { DuplicateEvent, Sequencer } from "../../lib/runtime/sequencer.ts";
import type { SequencerOptions, StepFunctions, StepTimes } from "../../lib/runtime/sequencer.ts";
import { openMemoryStore } from "../../lib/store/store.ts";
import type { Store } from "../../lib/store/store.ts";
import { defaultParams } from "../../lib/core/params.ts";
import type { Audit, PlannedBatch } from "../../lib/messages/audit.ts";
import type { Approved, Command, OrderCommand, Refusal } from "../../lib/messages/commands.ts";
import { ms } from "../../lib/units/numbers.ts";

/** Books count up and place an order when the mid is even; fills ask for margin; "trade" changes nothing. */
const functions: StepFunctions = {
  dispatch: (event, state) => {
    if (event.kind === "book") return { state: countUp(state), commands: [place(1)] };
    if (event.kind === "fill")
      return { state: countUp(state), commands: [{ kind: "readMargin" }, { kind: "reconcile" }] };
    return { state, commands: [] };
  },
  checkRisk: (_state, commands) => ({ approved: commands.map(pass), refused: [] }),
  recordInFlight: (state) => ({
    ...state,
    orders: { ...state.orders, lastQuoteMs: ms(state.orders.lastQuoteMs + 1) },
  }),
  planBatches: (approved, nextNonce) => [
    { nonce: nextNonce(), lane: "quotes", kind: "place", commands: approved, expiresMs: 9 },
  ],
};

function pass(command: Command): Approved {
  return command as Approved;
}

function refuseAll(reason: () => Refusal["reason"]): StepFunctions["checkRisk"] {
  return (_state, commands) => ({
    approved: [],
    refused: commands.map((command) => ({
      command: command as OrderCommand,
      reason: reason(),
      detail: "limit",
    })),
  });
}

type Harness = {
  readonly sequencer: Sequencer;
  readonly store: Store;
  readonly batches: PlannedBatch[];
  readonly asked: string[];
  readonly audits: Audit[];
  readonly fatal: Error[];
  readonly times: StepTimes[];
  readonly listenerErrors: unknown[];
  /** Runs what was deferred. */
  readonly turn: () => void;
};

function start(overrides: Partial<SequencerOptions> = {}): Harness {
  const store = openMemoryStore();
  const deferred: (() => void)[] = [];
  const seen = {
    batches: [] as PlannedBatch[],
    asked: [] as string[],
    audits: [] as Audit[],
    fatal: [] as Error[],
    times: [] as StepTimes[],
    listenerErrors: [] as unknown[],
  };
  let nonce = 100;
  const sequencer = new Sequencer({
    functions,
    params: defaultParams,
    loaded: store.loadState(blankState()),
    store,
    clock: virtualClock(5000),
    nextNonce: () => ++nonce,
    onBatches: (batches) => seen.batches.push(...batches),
    onReadMargin: () => seen.asked.push("margin"),
    onReconcile: () => seen.asked.push("reconcile"),
    onFatal: (error) => seen.fatal.push(error),
    onListenerError: (error) => seen.listenerErrors.push(error),
    onTimes: (times) => seen.times.push(times),
    defer: (run) => deferred.push(run),
    ...overrides,
  });
  sequencer.onAudit((audit) => seen.audits.push(audit));
  const turn = () => {
    for (const run of deferred.splice(0)) run();
  };
  return { sequencer, store, turn, ...seen };
}

/** Why a promise was rejected. */
function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

const trade = (id: string) => ({ kind: "trade" as const, id, trades: [] });

describe("a step", () => {
  test("is stored before its orders go out, and then told", () => {
    const order: string[] = [];
    const h = start({ onBatches: () => order.push(`sent ${h.store.unanswered().length} stored`) });
    h.sequencer.onAudit(() => order.push("told"));
    h.sequencer.post(bookEvent("b1"));
    expect(h.sequencer.isIdle()).toBe(false);
    h.turn();
    expect(order).toEqual(["sent 1 stored", "told"]);
    expect(h.sequencer.isIdle()).toBe(true);
    expect(h.store.unanswered()).toMatchObject([{ nonce: 101, status: "pending" }]);
    expect(h.sequencer.state.run.orderSeq).toBe(1);
    expect(h.sequencer.state.orders.lastQuoteMs).toBe(ms(1));
    expect(h.store.loadState(blankState()).state).toEqual(h.sequencer.state);
    expect(h.audits).toMatchObject([{ stepSeq: 1, committed: true, event: { id: "b1" } }]);
    expect(h.times).toEqual([
      { queuedMs: 0, handlerMs: 0, riskMs: 0, commitMs: 0, committed: true },
    ]);
  });

  test("hands the questions to the account on", () => {
    const h = start();
    h.sequencer.post(fillEvent(1));
    h.turn();
    expect(h.asked).toEqual(["margin", "reconcile"]);
    expect(h.batches).toEqual([]);
    expect(h.sequencer.state.orders.lastQuoteMs).toBe(ms(0));
  });

  test("that changes nothing stores nothing, but is told", () => {
    const h = start();
    h.sequencer.post(trade("t1"));
    h.turn();
    expect(h.audits).toMatchObject([{ committed: false }]);
    expect(h.store.read.counts()).toMatchObject({ inbox: 0 });
  });

  test("takes its time and the newest view from the sequencer where the input has none", () => {
    const h = start();
    const book = bookEvent("b1", 4000);
    h.sequencer.post(book);
    h.sequencer.post(trade("t1"));
    h.turn();
    expect(h.audits.map(({ event }) => [event.id, event.atMs, event.view])).toEqual([
      ["b1", ms(4000), book.view],
      ["t1", ms(5000), book.view],
    ]);
  });

  test("an id that comes again is dropped, also when the first changed nothing or was an earlier life's", () => {
    const h = start();
    for (const input of [trade("t1"), trade("t1"), bookEvent("b1"), bookEvent("b1")])
      h.sequencer.post(input);
    h.turn();
    expect(h.audits.map(({ event }) => event.id)).toEqual(["t1", "b1"]);
    const next = new Sequencer({
      ...optionsOf(h.store),
      onFatal: (error) => h.fatal.push(error),
    });
    const { orderSeq } = next.state.run;
    next.post(bookEvent("b1"));
    next.post(fillEvent(1));
    next.post(fillEvent(1, "the same under another id"));
    expect(next.state.run.orderSeq).toBe(orderSeq + 1);
    expect(next.counts()).toMatchObject({ steps: 1, duplicates: 2 });
    expect(h.fatal).toEqual([]);
  });

  test("events that steps cause wait for their turn", () => {
    const seen: string[] = [];
    const h = start({ defer: (run) => run() });
    h.sequencer.onAudit(({ event }) => {
      seen.push(`start ${event.id}`);
      if (event.id === "t1") h.sequencer.post(trade("t2"));
      seen.push(`end ${event.id}`);
    });
    h.sequencer.post(trade("t1"));
    expect(seen).toEqual(["start t1", "end t1", "start t2", "end t2"]);
  });

  test("a view that fails is reported and stops nothing", () => {
    const h = start();
    h.sequencer.onAudit(() => {
      throw new Error("broken view");
    });
    h.sequencer.post(bookEvent("b1"));
    h.sequencer.post(bookEvent("b2"));
    h.turn();
    expect(h.listenerErrors.map(String)).toEqual(["Error: broken view", "Error: broken view"]);
    expect(h.sequencer.state.run.orderSeq).toBe(2);
    expect(h.fatal).toEqual([]);
  });
});

describe("refusals", () => {
  test("are stored once while their reasons stay the same", () => {
    let reason: Refusal["reason"] = "margin";
    const quiet: StepFunctions = {
      ...functions,
      dispatch: (event, state) => ({ state, commands: event.kind === "book" ? [place(1)] : [] }),
      checkRisk: refuseAll(() => reason),
    };
    const h = start({ functions: quiet });
    h.sequencer.post(bookEvent("b1"));
    h.sequencer.post(bookEvent("b2"));
    h.sequencer.post(trade("t1"));
    h.sequencer.post(bookEvent("b3"));
    h.turn();
    reason = "halted";
    h.sequencer.post(bookEvent("b4"));
    h.turn();
    expect(h.audits.map(({ committed }) => committed)).toEqual([true, false, false, false, true]);
    expect(h.audits[1]?.refused).toHaveLength(1);
    expect(h.store.read.decisions(9).map((row) => row.reason)).toEqual(["halted", "margin"]);
  });
});

describe("whoever asks", () => {
  test("hears when the step is stored", async () => {
    const h = start();
    const answer = h.sequencer.ask(bookEvent("b1"));
    h.turn();
    expect((await answer).committed).toBe(true);
    const again = reasonOf(h.sequencer.ask(bookEvent("b1")));
    h.turn();
    expect(await again).toBeInstanceOf(DuplicateEvent);
  });

  test("hears when the step failed, and when the bot ends", async () => {
    const h = start({
      functions: {
        ...functions,
        dispatch: () => {
          throw new Error("a bug");
        },
      },
    });
    const failing = reasonOf(h.sequencer.ask(bookEvent("b1")));
    const behind = reasonOf(h.sequencer.ask(bookEvent("b2")));
    h.turn();
    expect(String(await failing)).toBe('Error: handling "book" (b1) failed: Error: a bug');
    expect(String(await behind)).toContain("a bug");
    expect(String(await reasonOf(h.sequencer.ask(bookEvent("b3"))))).toContain("the bot has ended");
  });
});

describe("a contradiction ends the sequencer", () => {
  test("when the database was written by somebody else", () => {
    const h = start();
    const other = new Sequencer(optionsOf(h.store));
    other.post(bookEvent("other"));
    h.sequencer.post(bookEvent("b1"));
    h.sequencer.post(bookEvent("b2"));
    h.turn();
    expect(h.fatal.map(({ message }) => message)).toEqual([
      'handling "book" (b1) failed: VersionConflict: the stored slice "run" is not at version 1: somebody else wrote it',
    ]);
    expect(h.batches).toEqual([]);
    expect(h.audits).toEqual([]);
  });

  test("when an approved order is in no batch", () => {
    const h = start({ functions: { ...functions, planBatches: () => [] } });
    h.sequencer.post(bookEvent("b1"));
    h.turn();
    expect(h.fatal[0]?.message).toContain("every approved order is in one batch");
    expect(h.store.read.counts()).toMatchObject({ inbox: 0 });
  });

  test("when more events wait than there is room for", () => {
    const h = start({ capacity: 3 });
    for (const id of ["t1", "t2", "t3", "t4", "t5"]) h.sequencer.post(trade(id));
    h.turn();
    expect(h.fatal.map(({ message }) => message)).toEqual([
      '3 events wait, no room for "trade" (t4)',
    ]);
    expect(h.audits).toEqual([]);
  });
});

describe("a full queue", () => {
  test("keeps only the newest book, and everything else", () => {
    const h = start({ capacity: 4 });
    for (const input of [
      trade("t1"),
      bookEvent("b1"),
      bookEvent("b2"),
      bookEvent("b3"),
      trade("t2"),
      bookEvent("b4"),
      trade("t3"),
    ])
      h.sequencer.post(input);
    expect(h.sequencer.counts()).toMatchObject({ waiting: 4, booksDropped: 3 });
    h.turn();
    expect(h.audits.map(({ event }) => event.id)).toEqual(["t1", "t2", "b4", "t3"]);
    expect(h.fatal).toEqual([]);
  });
});

test("after many steps inputs are read again before the next", () => {
  const h = start();
  for (let n = 0; n < 300; n++) h.sequencer.post(trade(`t${n}`));
  h.turn();
  expect(h.audits).toHaveLength(256);
  h.turn();
  expect(h.audits).toHaveLength(300);
});

function optionsOf(store: Store): SequencerOptions {
  let nonce = 1000;
  return {
    functions,
    params: defaultParams,
    loaded: store.loadState(blankState()),
    store,
    clock: virtualClock(6000),
    nextNonce: () => ++nonce,
    onBatches: () => {},
    onReadMargin: () => {},
    onReconcile: () => {},
    onFatal: (error) => {
      throw error;
    },
    onListenerError: () => {},
    defer: (run) => run(),
  };
}
