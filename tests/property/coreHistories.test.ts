import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { deriveCloid } from "../../lib/core/cloid.ts";
import { initialState } from "../../lib/core/initialState.ts";
import { recordInFlight } from "../../lib/core/orderPhase.ts";
import { closePnl } from "../../lib/core/pnl.ts";
import { quoteBlock } from "../../lib/core/safety.ts";
import { checkRisk, worstCaseLots } from "../../lib/core/risk.ts";
import type { Approved } from "../../lib/messages/commands.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { onGrid } from "../../lib/units/grid.ts";
import { ms } from "../../lib/units/numbers.ts";
import { ChaosVenue } from "../support/chaosVenue.ts";
import { SPEC, dispatch, params } from "../support/coreFixtures.ts";

fc.configureGlobal({ includeErrorInReport: true });

/** Limits so close that they bind, and quotes that replace at every chance. */
const PARAMS = params({
  positionLimitFraction: 0.03,
  reduceOnlySkew: 0.022,
  priceToleranceSteps: 1,
  sizeToleranceFraction: 0.1,
  markoutHorizonMs: ms(3_000),
  requoteMinMs: ms(100),
  rejectHoldMs: ms(1_000),
});
const RUN_ID = 1_760_000_000_000;

const LEAST_MICRO_USD = 10_000_000;

/** What every order that leaves is, whatever the history: legal on the grid, worth it, clear of the touch, and expiring. */
function checkOrder(
  command: Extract<Approved, { kind: "place" | "modify" }>,
  event: Event,
  { ledger }: BotState,
): void {
  const { side, pxTicks, sizeLots, tif, reduceOnly, reason } = command;
  const untilMs = command.expiresMs - event.atMs;
  hold(untilMs > 0 && untilMs <= PARAMS.orderExpiryMs, () => "an order expires, soon");
  hold(onGrid(pxTicks, SPEC.szDecimals), () => `${pxTicks} is on the grid`);
  hold(Number.isInteger(sizeLots) && sizeLots >= 1, () => `${sizeLots} are whole lots`);
  const isWhole = reduceOnly && sizeLots === Math.abs(ledger.positionLots);
  hold(pxTicks * sizeLots >= LEAST_MICRO_USD || isWhole, () => "an order is worth the minimum");
  const facing = (side === "bid" ? event.view?.asks : event.view?.bids)?.[0]?.pxTicks;
  const clear = facing === undefined || (side === "bid" ? pxTicks < facing : pxTicks > facing);
  hold(tif === "Ioc" || clear, () => `${side} at ${pxTicks} is clear of the touch at ${facing}`);
  const edge = reason?.edgeBps ?? -Infinity;
  hold(reduceOnly || edge >= PARAMS.edgeBpsMin - 1e-9, () => `${edge} bp is the least edge`);
}

/** Cheaper than `expect` where millions are checked. */
function hold(condition: boolean, statement: () => string): void {
  if (!condition) throw new Error(`expected: ${statement()}`);
}

/** A bot and a venue, and everything that must hold after each step. */
class History {
  state: BotState = initialState;
  readonly venue: ChaosVenue;
  steps = 0;
  placed = 0;
  highestLimit = 0;

  constructor(choose: (below: number) => number) {
    this.venue = new ChaosVenue(choose);
    this.step({ ...this.venue.stamp(), kind: "runStarted", runId: RUN_ID, spec: SPEC });
    for (const feed of ["market", "account"] as const) this.feed(feed, "live");
    this.step(this.venue.reconciled());
    this.venue.nowMs++;
  }

  feed(feed: "market" | "account", state: "live" | "lost"): void {
    this.step({ ...this.venue.stamp(), kind: "feedState", feed, state, detail: "" });
  }

  step(event: Event): readonly Approved[] {
    const before = this.state;
    const handled = dispatch(event, before, PARAMS);
    this.checkTwice(event, handled.state);
    const { approved } = checkRisk(handled.state, handled.commands, event, PARAMS);
    this.state = recordInFlight(handled.state, approved, event);
    this.venue.send(approved);
    this.steps++;
    this.check(event, handled.state, approved);
    return approved;
  }

  /** A report that comes twice says nothing new. */
  checkTwice(event: Event, handled: BotState): void {
    if (event.kind !== "outcome" && event.kind !== "orderUpdate") return;
    const again = dispatch(event, handled, PARAMS);
    hold(again.state === handled, () => `a second ${JSON.stringify(event)} changes nothing`);
    hold(again.commands.length === 0, () => `a second ${event.kind} asks for nothing`);
  }

  check(event: Event, judged: BotState, approved: readonly Approved[]): void {
    const { reading } = judged.account;
    const limit =
      reading === null
        ? 0
        : (PARAMS.positionLimitFraction * Math.min(reading.equityMicroUsd, 1e9) * 10) / 760_000;
    this.highestLimit = Math.max(this.highestLimit, limit);
    this.checkOrders(event, judged, approved);
    this.checkWorstCase();
    this.checkLedger();
    for (const order of Object.values(this.state.orders.working)) {
      hold((order.queueAheadLots ?? 0) >= 0, () => "a queue is not negative");
      hold(order.leavesLots > 0, () => "an open order has something left");
    }
  }

  checkOrders(event: Event, judged: BotState, approved: readonly Approved[]): void {
    for (const command of approved) {
      if (command.kind !== "place" && command.kind !== "modify") continue;
      this.placed++;
      hold(quoteBlock(judged, event, PARAMS) === null, () => "orders are made only when safe");
      checkOrder(command, event, judged);
      const { mode } = judged.risk;
      if (mode !== "reduceOnly" && mode !== "flatten") continue;
      const held = judged.ledger.positionLots;
      hold(command.reduceOnly, () => `only reducing orders in ${mode}`);
      hold(command.side === (held > 0 ? "ask" : "bid"), () => "the reducing side");
      hold(command.sizeLots <= Math.abs(held), () => "no more than the position");
    }
  }

  checkWorstCase(): void {
    const believed = worstCaseLots(this.state);
    const limit = this.highestLimit;
    const worsts = [
      believed.bid,
      -believed.ask,
      this.venue.trueWorstLots("bid"),
      -this.venue.trueWorstLots("ask"),
    ];
    hold(Math.max(...worsts) <= limit, () => `worst cases ${worsts.join(" ")} within ${limit}`);
    const open = [...this.venue.resting.values()];
    const bids = open.filter(({ side }) => side === "bid").map((order) => order.pxTicks);
    const asks = open.filter(({ side }) => side === "ask").map((order) => order.pxTicks);
    const [bid, ask] = [Math.max(0, ...bids), Math.min(Infinity, ...asks)];
    hold(bid < ask, () => `own bid ${bid} below own ask ${ask}`);
  }

  /** spread + adverse + inventory is cash and position at the mark, exactly; the baseline was flat. */
  checkLedger(): void {
    const { pnl, cashMicroUsd, positionLots, markX2Ticks } = this.state.ledger;
    const value = positionLots === 0 ? 0 : positionLots * (markX2Ticks ?? Number.NaN);
    const [parts, whole] = [pnl.spread + pnl.adverse + pnl.inventory, 2 * cashMicroUsd + value];
    hold(parts === whole, () => `parts of profit ${parts} are the whole ${whole}`);
  }

  /** Everything under way arrives, the venue is asked, and both sides agree. */
  settle(): void {
    const { venue } = this;
    for (let round = 0; round < 200; round++) {
      const busy = venue.inTransit.length + venue.stream.length + venue.answers.length;
      if (busy === 0) break;
      while (venue.inTransit.length > 0) venue.deliver(0, true);
      venue.resolveLost();
      for (const event of [...venue.stream.splice(0), ...venue.answers.splice(0)]) this.step(event);
    }
    venue.nowMs += 10_000;
    this.step(venue.reconciled());
  }
}

type Move =
  | { readonly kind: "market"; readonly ticks: number; readonly ms: number }
  | { readonly kind: "deliver" | "answer" | "fill"; readonly index: number; readonly lots: number }
  | { readonly kind: "stream" | "resolve" | "margin" | "reconcile" | "requote" }
  | { readonly kind: "feed"; readonly lost: boolean }
  | { readonly kind: "operator"; readonly op: "halt" | "resume" | "on" | "off" };

const indexed = (kind: "deliver" | "answer" | "fill") =>
  fc.record({ kind: fc.constant(kind), index: fc.nat(30), lots: fc.integer({ min: 1, max: 100 }) });

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("market" as const),
      ticks: fc.integer({ min: -700, max: 700 }),
      ms: fc.integer({ min: 1, max: 900 }),
    }),
  },
  { weight: 8, arbitrary: indexed("deliver") },
  { weight: 8, arbitrary: indexed("answer") },
  { weight: 6, arbitrary: indexed("fill") },
  { weight: 8, arbitrary: fc.constant({ kind: "stream" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "resolve" as const,
        "margin" as const,
        "reconcile" as const,
        "requote" as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("feed" as const), lost: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("operator" as const),
      op: fc.constantFrom("halt" as const, "resume" as const, "on" as const, "off" as const),
    }),
  },
);

function play(history: History, next: Move): void {
  const { venue } = history;
  switch (next.kind) {
    case "market":
      venue.nowMs += next.ms;
      venue.midTicks += next.ticks;
      history.step({ ...venue.stamp(), kind: "book" });
      return;
    case "deliver":
      venue.deliver(next.index);
      return;
    case "answer": {
      const event = venue.answers.splice(next.index % Math.max(1, venue.answers.length), 1)[0];
      if (event !== undefined) history.step({ ...event, ...venue.stamp() });
      return;
    }
    case "fill": {
      const order = [...venue.resting.values()][next.index % Math.max(1, venue.resting.size)];
      if (order !== undefined) venue.fill(order.cloid, next.lots);
      return;
    }
    case "stream": {
      const event = venue.stream.shift();
      if (event !== undefined) history.step({ ...event, ...venue.stamp() });
      return;
    }
    case "resolve":
      return venue.resolveLost();
    case "margin":
      history.step({
        ...venue.stamp(),
        kind: "margin",
        reading: venue.reading(),
        failure: null,
        budget: null,
      });
      return;
    case "reconcile":
      for (const event of venue.stream.splice(0)) history.step({ ...event, ...venue.stamp() });
      history.step(venue.reconciled());
      return;
    case "requote":
      history.step({ ...venue.stamp(), kind: "timer", timer: "requote" });
      return;
    case "feed":
      return history.feed("market", next.lost ? "lost" : "live");
    case "operator":
      return operate(history, next.op);
  }
}

function operate(history: History, op: "halt" | "resume" | "on" | "off"): void {
  const order =
    op === "on" || op === "off" ? ({ op: "reduceOnly", enabled: op === "on" } as const) : { op };
  history.step({ ...history.venue.stamp(), kind: "operator", order, reason: "test" });
}

const histories = fc.record({
  seed: fc.array(fc.nat(999), { minLength: 7, maxLength: 50 }),
  moves: fc.array(move, { minLength: 20, maxLength: 150, size: "max" }),
});

function start(seed: readonly number[]): History {
  let n = 0;
  return new History((below) => (seed[n++ % seed.length] ?? 0) % below);
}

describe("random histories against a venue that reorders, loses and rejects", () => {
  let quoted = 0;
  test("limits, own spread, safety, books and the shape of orders hold at every step", () => {
    fc.assert(
      fc.property(histories, ({ seed, moves }) => {
        const history = start(seed);
        for (const next of moves) play(history, next);
        quoted += history.placed;
      }),
      { numRuns: 300 },
    );
    expect(quoted).toBeGreaterThan(3_000);
  }, 20_000);

  test("when everything has arrived, both sides agree to the last order and micro-dollar", () => {
    fc.assert(
      fc.property(histories, ({ seed, moves }) => {
        const history = start(seed);
        for (const next of moves) play(history, next);
        history.settle();
        const { venue } = history;
        for (const feed of ["market", "account"] as const) history.feed(feed, "live");
        operate(history, "resume");
        operate(history, "off");
        history.settle();
        history.settle();
        const { state } = history;
        expect(state.run.reconcileFailure).toBeNull();
        expect(state.run.phase).toBe("quoting");
        expect(Number(state.ledger.positionLots)).toBe(venue.positionLots);
        const pnl = closePnl(state.ledger, venue.reading());
        expect(Number(pnl?.residualMicroUsd)).toBe(0);
        history.step({ ...venue.stamp(), kind: "runStopping", reason: "test" });
        for (let i = 0; i < 5; i++) history.settle();
        expect(venue.resting.size).toBe(0);
        expect(history.state.orders.working).toEqual({});
      }),
      { numRuns: 100 },
    );
  }, 20_000);

  test("a restart in the middle adopts, or cancels, what the venue still has", () => {
    fc.assert(
      fc.property(histories, fc.boolean(), ({ seed, moves }, forgets) => {
        const history = start(seed);
        for (const next of moves) play(history, next);
        const { venue } = history;
        venue.answers.length = 0;
        venue.nowMs += 20_000;
        if (forgets) {
          for (const event of venue.stream.splice(0)) history.step({ ...event, ...venue.stamp() });
          history.state = { ...history.state, orders: { ...history.state.orders, working: {} } };
        }
        history.step({ ...venue.stamp(), kind: "runStarted", runId: RUN_ID + 1, spec: SPEC });
        for (const event of venue.stream.splice(0)) history.step({ ...event, ...venue.stamp() });
        venue.inTransit.length = 0;
        history.step(venue.reconciled());
        for (let i = 0; i < 3; i++) history.settle();
        for (const cloid of venue.resting.keys())
          expect(history.state.orders.working[cloid]).toBeDefined();
        expect(history.state.run.phase).toBe("quoting");
      }),
      { numRuns: 60 },
    );
  }, 20_000);

  test("ids of two runs never meet", () => {
    const ids = new Set(
      [0, 1, 2].flatMap((seq) => [1, 2].map((run) => deriveCloid("km:US500", run, seq))),
    );
    expect(ids.size).toBe(6);
  });
});
