import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { recordInFlight } from "../../lib/core/orderPhase.ts";
import { checkRisk } from "../../lib/core/risk.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { ClosingVenue } from "../support/closingVenue.ts";
import type { Mood } from "../support/closingVenue.ts";
import { dispatch, order, params, quotingState, withOrders } from "../support/coreFixtures.ts";

fc.configureGlobal({ includeErrorInReport: true });
const PARAMS = params({ reduceTakeAfterMs: ms(60_000), closingAlarmMs: ms(30_000) });
const MOODS: readonly Mood[] = [
  "fair",
  "thin",
  "empty",
  "far",
  "postOnly",
  "throttled",
  "margin",
  "unanswered",
  "lost",
  "crossed",
  "busy",
  "exhausted",
  "cancelsRefused",
];

function hold(condition: boolean, statement: () => string): void {
  if (!condition) throw new Error(`expected: ${statement()}`);
}

/** The bot on the way to flat at a venue; everything that must hold is checked in every step. */
class Way {
  readonly venue: ClosingVenue;
  state: BotState;
  readonly #startLots: number;
  #ordersBefore = 0;

  constructor(lots: number, plain: readonly (readonly ["bid" | "ask", number])[]) {
    const resting = plain.map(([side, size], i) =>
      order({
        cloid: `0xa500aaaaaaaa0000000000010000000${i}`,
        oid: i + 1,
        side,
        pxTicks: pxTicks(side === "bid" ? 769_900 - 10 * i : 770_100 + 10 * i),
        origLots: sizeLots(size),
        leavesLots: sizeLots(size),
      }),
    );
    this.venue = new ClosingVenue(lots, resting);
    const start = quotingState(lots);
    this.state = withOrders(
      { ...start, account: { ...start.account, reading: this.venue.reading() } },
      resting,
    );
    this.#startLots = Math.abs(lots);
  }

  tell(op: "flatten" | "reduceOnly"): void {
    const said = op === "flatten" ? ({ op } as const) : ({ op, enabled: true } as const);
    this.step({ ...this.venue.stamp(), kind: "operator", order: said, reason: "test" });
  }

  step(event: Event): void {
    const handled = dispatch(event, this.state, PARAMS);
    const { approved, refused } = checkRisk(handled.state, handled.commands, event, PARAMS);
    hold(refused.length === 0, () => `nothing is refused: ${JSON.stringify(refused)}`);
    this.state = recordInFlight(handled.state, approved, event);
    for (const command of approved) {
      if (command.kind === "place" || command.kind === "modify")
        hold(command.reduceOnly, () => "only reducing orders are made");
      this.venue.take(command);
    }
    hold(!this.venue.flipped, () => "a reducing order never takes the position through zero");
    hold(this.venue.grown <= 0, () => "a reducing order never grows the position");
  }

  /** Whatever the venue has said arrives. */
  hear(): void {
    for (let n = 0; n < 100; n++) {
      const event = this.venue.events.shift();
      if (event === undefined) return;
      this.step({ ...event, ...this.venue.stamp() });
    }
  }

  wait(spanMs: number, next: "book" | "margin" = "book"): void {
    this.venue.nowMs += spanMs;
    this.step(next === "margin" ? this.venue.margin() : { ...this.venue.stamp(), kind: "book" });
  }

  /** Half a minute in which the venue is asked, as it is in reality. */
  settle(): void {
    this.venue.nowMs += 10_000;
    this.venue.resolve();
    this.hear();
    this.step(this.venue.margin());
    this.step(this.venue.reconciled());
    this.hear();
  }

  /** Orders until flat with a fair venue; more than the limit is more than was promised. */
  converge(limit: number): number {
    this.#ordersBefore = this.venue.orders;
    for (let n = 0; n < 2_000 && !this.isDone() && !this.mayNotTake(); n++) {
      this.wait(n % 10 === 9 ? 5_000 : 600, n % 10 === 9 ? "margin" : "book");
      this.hear();
      if (n % 20 === 19) this.settle();
    }
    const used = this.venue.orders - this.#ordersBefore;
    hold(
      this.isDone() || this.mayNotTake(),
      () => `${this.#startLots} lots are closed, ${this.venue.positionLots} left`,
    );
    hold(used <= limit, () => `at most ${limit} orders, used ${used}`);
    return used;
  }

  /**
   * Nobody trades with the resting order, and the taker limit forbids taking what is left (after a journey of one-lot
   * trades even a single lot is too large a share of the volume): then an alarm has to say just that.
   */
  mayNotTake(): boolean {
    return this.state.risk.alarm?.includes("taking is beyond its share of the volume") === true;
  }

  isDone(): boolean {
    return this.venue.positionLots === 0 && this.state.ledger.positionLots === 0;
  }
}

type Move =
  | { readonly kind: "wait"; readonly ms: number; readonly mid: number }
  | { readonly kind: "moods"; readonly moods: readonly Mood[] }
  | { readonly kind: "trade"; readonly index: number; readonly lots: number }
  | { readonly kind: "hear" | "settle" | "margin" };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.integer({ min: 1, max: 3_000 }),
      mid: fc.integer({ min: -300, max: 300 }),
    }),
  },
  {
    weight: 3,
    // Two at once: throttled and post-only, a thin book and cancels that are refused, …
    arbitrary: fc.record({
      kind: fc.constant("moods" as const),
      moods: fc.array(fc.constantFrom(...MOODS), { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("trade" as const),
      index: fc.nat(9),
      lots: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("hear" as const, "hear" as const, "settle" as const, "margin" as const),
    }),
  },
);

const journeys = fc.record({
  lots: fc.integer({ min: -600, max: 600 }).filter((lots) => lots !== 0),
  plain: fc.array(
    fc.tuple(fc.constantFrom("bid" as const, "ask" as const), fc.integer({ min: 13, max: 60 })),
    { maxLength: 4 },
  ),
  op: fc.constantFrom("flatten" as const, "reduceOnly" as const),
  moves: fc.array(move, { maxLength: 80, size: "max" }),
});

function play(way: Way, next: Move): void {
  switch (next.kind) {
    case "wait":
      way.venue.midTicks += next.mid;
      return way.wait(next.ms);
    case "moods":
      way.venue.moods = next.moods;
      return;
    case "trade":
      return way.venue.trade(next.index, next.lots);
    case "hear":
      return way.hear();
    case "settle":
      return way.settle();
    case "margin":
      return way.wait(1, "margin");
  }
}

/** What a fair venue needs for any position: a resting order or two, and the rungs of the ladder. */
const ORDERS_MAX = 12;

describe("the way to flat", () => {
  test("the last lot waits with an alarm when taking it would pass the taker limit", () => {
    const way = new Way(75, []);
    way.tell("reduceOnly");
    for (let i = 0; i < 17; i++) play(way, { kind: "trade", index: 0, lots: 1 });
    way.venue.mood = "fair";
    way.venue.midTicks = 770_010;
    way.settle();
    way.settle();
    way.converge(ORDERS_MAX);
    expect([way.venue.positionLots, way.mayNotTake()]).toEqual([1, true]);
  });

  test("from any state, after any refusals, a fair venue ends flat within the stated number of orders, unless taking is barred", () => {
    let most = 0;
    fc.assert(
      fc.property(journeys, ({ lots, plain, op, moves }) => {
        const way = new Way(lots, plain);
        way.tell(op);
        for (const next of moves) play(way, next);
        way.venue.mood = "fair";
        way.venue.midTicks = 770_010;
        way.settle();
        way.settle();
        most = Math.max(most, way.converge(ORDERS_MAX));
      }),
      { numRuns: 300 },
    );
    expect(most).toBeGreaterThan(0);
  }, 20_000);

  test.each(MOODS.filter((mood) => mood !== "fair"))(
    "a venue that stays %s: flat, or an alarm that says why, within the stated number of orders",
    (mood) => {
      for (const op of ["flatten", "reduceOnly"] as const) {
        const way = new Way(200, []);
        way.venue.mood = mood;
        way.tell(op);
        for (let n = 0; n < 700 && !way.isDone(); n++) {
          way.wait(1_000, n % 5 === 4 ? "margin" : "book");
          way.hear();
          if (n % 30 === 29) way.settle();
        }
        const { alarm } = way.state.risk;
        if (!way.isDone()) expect(alarm).toMatch(ALARMS[mood] ?? /never/);
        // After the alarm one order per ten seconds is all that is still tried.
        expect(way.venue.orders).toBeLessThanOrEqual(PARAMS.closingActionsMax + 100);
      }
    },
  );

  test.each([
    [["exhausted", "thin"], null],
    [["exhausted", "postOnly"], /Only post-only orders allowed/],
    [["throttled", "postOnly"], /Too many cumulative requests|Only post-only orders allowed/],
    [["busy", "thin"], /HTTP 429: too many requests/],
    [["cancelsRefused", "thin"], /Too many cumulative requests/],
    [["cancelsRefused", "postOnly"], /Too many cumulative requests/],
  ] as const)("%s at once, with ordinary orders still resting: flat, or why not", (moods, why) => {
    const way = new Way(200, [
      ["bid", 40],
      ["ask", 60],
      ["ask", 90],
    ]);
    way.venue.moods = moods;
    way.tell("flatten");
    for (let n = 0; n < 700 && !way.isDone(); n++) {
      way.wait(1_000, n % 5 === 4 ? "margin" : "book");
      way.hear();
    }
    if (why === null) expect(way.isDone()).toBe(true);
    if (!way.isDone()) expect(way.state.risk.alarm).toMatch(why ?? /never/);
    // One action in ten seconds, and what it takes to notice.
    if (!way.isDone()) expect(way.venue.actions).toBeLessThanOrEqual(700 / 10 + 80);
  });

  test("refused cancels are asked for again ever more seldom, a person's at once, and an alarm says why", () => {
    const way = new Way(200, [["bid", 40]]);
    way.venue.mood = "cancelsRefused";
    const halt = { op: "halt" } as const;
    const say = () =>
      way.step({ ...way.venue.stamp(), kind: "operator", order: halt, reason: "test" });
    say();
    const watch = (seconds: number): number => {
      const before = way.venue.actions;
      for (let n = 0; n < 10 * seconds; n++) {
        way.wait(100);
        way.hear();
      }
      return way.venue.actions - before;
    };
    expect(watch(10)).toBeLessThanOrEqual(5);
    const minute = watch(60);
    expect(minute).toBeWithin(1, 4);
    expect(way.state.risk.alarm).toMatch(/orders of ours cannot be cancelled: Too many cumulative/);
    const before = way.venue.actions;
    say();
    expect(way.venue.actions).toBe(before + 1);
    way.venue.mood = "fair";
    watch(31);
    expect(way.venue.resting.size).toBe(0);
    expect(way.state.orders.cancelRefusals).toBeNull();
    expect(way.state.risk.alarm).toBeNull();
  });

  test("where even cancels are throttled, one action goes in ten seconds: cancels first, then what reduces", () => {
    const way = new Way(200, [
      ["bid", 40],
      ["ask", 60],
    ]);
    way.venue.mood = "exhausted";
    way.wait(1, "margin");
    way.tell("flatten");
    const kinds: string[] = [];
    let before = way.venue.orders;
    let actions = way.venue.actions;
    expect([before, actions]).toEqual([0, 1]);
    for (let n = 0; n < 600; n++) {
      way.wait(100, n % 50 === 49 ? "margin" : "book");
      way.hear();
      if (way.venue.actions === actions) continue;
      expect(way.venue.actions).toBe(actions + 1);
      actions = way.venue.actions;
      kinds.push(way.venue.orders > before ? "order" : "cancel");
      before = way.venue.orders;
    }
    expect(kinds.slice(0, 2)).toEqual(["cancel", "order"]);
    expect(kinds.length).toBeLessThanOrEqual(6);
    expect(way.venue.positionLots).toBe(0);
  });

  test("a thin book is taken slice by slice, and a small rest is closed whole", () => {
    const way = new Way(50, []);
    way.venue.mood = "thin";
    way.tell("flatten");
    expect(way.converge(ORDERS_MAX)).toBeGreaterThan(1);
    expect(way.state.risk.mode).toBe("halted");
  });

  test("orders that only the venue knows are cancelled when the flatten begins", () => {
    const way = new Way(40, []);
    const event = {
      ...way.venue.stamp(),
      kind: "operator",
      order: { op: "flatten" },
      reason: "x",
    } as const;
    expect(dispatch(event, way.state, PARAMS).commands).toContainEqual({ kind: "reconcile" });
  });
});

const ALARMS: { readonly [M in Mood]?: RegExp } = {
  thin: /still open .*: nobody trades with us, and taking is beyond its share/,
  empty: /still open .*: (nothing is offered within 100 bp of the mark|feedUnsafe)/,
  far: /still open .*: nothing is offered within 100 bp of the mark/,
  postOnly: /still open .*: Only post-only orders allowed/,
  throttled: /still open .*: Too many cumulative requests/,
  margin: /still open .*: Insufficient margin/,
  unanswered: /still open/,
  lost: /still open/,
  crossed: /still open .*: the book is crossed/,
  busy: /still open .*: HTTP 429: too many requests/,
};
