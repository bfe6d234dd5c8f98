import { afterEach, describe, expect, test } from "bun:test";
import { COIN, levels, MirrorWorld, quietFeed } from "../support/mirrorWorld.ts";
import { simulatedFeed } from "../../lib/venue/feeds/simulated.ts";
import type { ScriptedFeed } from "../support/scriptedFeed.ts";
import { NO_FAULTS, parseFaultPlan } from "../../lib/venue/server/faults/plan.ts";
import type { MarketFeed } from "../../lib/venue/rules/types.ts";

let running: MirrorWorld | null = null;
afterEach(() => running?.end());

function begin(feed?: MarketFeed): MirrorWorld {
  running = MirrorWorld.begin(feed);
  return running;
}

const GAP_REFUSAL = "The mirrored exchange is not heard, the book is unknown. asset=110000";

function refusal(reply: unknown): string {
  return JSON.stringify(reply);
}

describe("what a mirror lists", () => {
  test("is what the other exchange lists, by its own meta", () => {
    const { mirror, upstream } = begin();
    const ask = (gateway: typeof mirror, request: object) =>
      JSON.parse(gateway.info(JSON.stringify(request), "application/json").body) as unknown;
    for (const request of [{ type: "perpDexs" }, { type: "allPerpMetas" }, { type: "spotMeta" }])
      expect(ask(mirror, request)).toEqual(ask(upstream, request));
    const user = `0x${"9".repeat(40)}`;
    expect(ask(mirror, { type: "userFees", user })).toEqual(
      ask(upstream, { type: "userFees", user }),
    );
  });
});

describe("a mirrored market", () => {
  test("shows the other exchange's book, oracle and trades", () => {
    const feed = quietFeed().take(10_000, "ask", 689_990, 1_500);
    const { mirror, upstream, pass } = bound(begin(feed));
    for (const side of ["bid", "ask"] as const)
      expect(levels(mirror, side, 20)).toEqual(levels(upstream, side, 20));
    expect(mirror.venue.prices("km:US500").oraclePxTicks).toBe(690_050 as never);
    pass(9_000);
    for (const side of ["bid", "ask"] as const)
      expect(levels(mirror, side, 20)).toEqual(levels(upstream, side, 20));
    const told = (gateway: typeof mirror) =>
      gateway.venue
        .lastTrades("km:US500", 10)
        .map(({ side, pxTicks, sizeLots }) => [side, pxTicks, sizeLots]);
    expect(told(mirror)).toEqual([
      ["ask", 689_990, 500],
      ["ask", 690_000, 1_000],
    ] as never);
    expect(told(mirror)).toEqual(told(upstream));
  });

  test("follows a busy market: the same touches in the same order, every trade once", () => {
    const { mirror, upstream, pass } = bound(begin(busyFeed(7)));
    pass(120_000);
    expect(mirror.venue.feeds()[0]).toMatchObject({ gapCount: 0, link: { live: true, cuts: 0 } });
    expect(mirror.venue.feeds()[0]?.link?.latePrints).toBe(0);
    const rows = (gateway: typeof mirror) =>
      gateway.venue
        .lastTrades("km:US500", 500)
        .map(({ side, pxTicks, sizeLots }) => `${side} ${pxTicks} ${sizeLots}`)
        .toReversed();
    const [here, there] = [rows(mirror), rows(upstream)];
    expect(here.length).toBeGreaterThan(20);
    // What traded before the mirror's first book, and what is still on its way, it does not tell.
    const from = there.join("|").indexOf(here.join("|"));
    expect(from).toBeGreaterThanOrEqual(0);
  });

  test("fills an order of ours when the trades have used up the queue ahead of it", () => {
    const feed = quietFeed()
      .rest(8_000, "bid", 690_000, 500)
      .take(10_000, "ask", 690_000, 400)
      .take(20_000, "ask", 690_000, 600)
      .take(30_000, "ask", 690_000, 60);
    const world = begin(feed);
    expect(world.place("bid", "690", "0.05")).toMatchObject({ status: "ok" });
    world.pass(25_000);
    // The contract that was ahead has traded to the last lot; what came after us has not.
    expect(world.fills()).toEqual([]);
    world.pass(10_000);
    expect(world.fills()).toMatchObject([{ sizeLots: 50, cause: "queue" }] as never);
  });

  test("gives us what a trade takes behind the queue, and all of it when it goes through our price", () => {
    const feed = quietFeed()
      .rest(0, "bid", 690_010, 20)
      .take(10_000, "ask", 690_010, 50)
      .take(20_000, "ask", 689_990, 3_000);
    const world = begin(feed);
    world.place("bid", "690", "0.05");
    world.place("bid", "690.01", "0.07");
    expect(world.fills()).toEqual([]);
    world.pass(30_000);
    const facts = world
      .fills()
      .map(({ pxTicks, sizeLots, cause }) => `${sizeLots} at ${pxTicks} ${cause}`);
    expect(facts).toEqual(["70 at 690010 through", "50 at 690000 through"]);
  });
});

describe("when the other exchange is lost", () => {
  test("a cut connection stops fills at once, is told with its reason, and ends with the next book", () => {
    const world = begin(quietFeed());
    world.place("bid", "690", "0.05");
    world.kill();
    world.pass(200);
    expect(world.feedState()).toMatchObject({
      bookKnown: false,
      gapCount: 1,
      gaps: [{ untilMs: null, reason: "the connection was lost: cut by the test" }],
      link: { live: false },
    });
    expect(levels(world.mirror, "ask", 5)).toEqual([]);
    expect(refusal(world.place("bid", "690", "0.05"))).toContain(GAP_REFUSAL);
    expect(refusal(world.place("bid", "690.2", "0.05", "Ioc"))).toContain(GAP_REFUSAL);
    world.pass(30_000);
    // While nobody listened a trade went through our price, and another one comes afterwards.
    world.restart(tradedFeed());
    world.pass(12_000);
    const { bookKnown, gaps, link } = world.feedState();
    expect({ bookKnown, link }).toMatchObject({ bookKnown: true, link: { live: true, cuts: 1 } });
    expect(gaps[0]?.untilMs).toBeGreaterThan((gaps[0]?.fromMs ?? 0) + 30_000);
    expect(world.fills()).toEqual([]);
    expect(world.openOrders()).toHaveLength(1);
    // Everything recorded queues ahead of us after a gap.
    world.pass(20_000);
    expect(world.fills().map(({ sizeLots, cause }) => `${sizeLots} ${cause}`)).toEqual([
      "50 through",
    ]);
  });

  test("a half-open connection is noticed by its missing books, given up, and replaced", () => {
    const world = begin(quietFeed());
    const { opened } = world.wire;
    world.wire.freeze();
    world.pass(2_400);
    expect(world.feedState()).toMatchObject({ bookKnown: false, gapCount: 1 });
    expect(world.feedState().gaps[0]?.reason).toContain("no book for");
    world.pass(20_000);
    expect(world.wire.opened).toBeGreaterThan(opened);
    world.wire.thaw();
    world.pass(20_000);
    expect(world.feedState()).toMatchObject({ bookKnown: true, gapCount: 1 });
    expect(levels(world.mirror, "bid", 20)).toEqual(levels(world.upstream, "bid", 20));
  });

  test("no book is told to anybody, and the first one afterwards is the whole", () => {
    const world = begin(quietFeed());
    const frames: { channel: string; data: { levels?: unknown[][] } }[] = [];
    const session = world.mirror.openSession(
      (text) => frames.push(JSON.parse(text)),
      () => undefined,
    );
    for (const subscription of [
      { type: "bbo", coin: COIN },
      { type: "l2Book", coin: COIN, fast: true },
    ])
      session.receive(JSON.stringify({ method: "subscribe", subscription }));
    const books = () => {
      const found = frames.filter(({ channel }) => channel === "bbo" || channel === "l2Book");
      frames.length = 0;
      return found;
    };
    world.pass(1_100);
    expect(books().length).toBeGreaterThan(2);
    world.kill();
    world.pass(200);
    books();
    world.pass(10_000);
    expect(books()).toEqual([]);
    world.restart(quietFeed());
    world.pass(12_000);
    const [first] = books().filter(({ channel }) => channel === "l2Book");
    expect(first?.data.levels?.map((side) => side.length)).toEqual([5, 5]);
  });

  test("our orders can be cancelled in a gap", () => {
    const world = begin(quietFeed());
    world.place("bid", "690", "0.05");
    world.kill();
    world.pass(500);
    const [order] = world.openOrders();
    expect(world.cancel(order?.oid ?? 0)).toMatchObject({
      response: { data: { statuses: ["success"] } },
    });
    expect(world.openOrders()).toEqual([]);
  });
});

describe("whatever goes wrong on the wire", () => {
  test.each([1, 2, 3])(
    "seed %i: no fill in a gap, no trade twice, and the same book in the end",
    (seed) => {
      const world = begin(until(280_000, busyFeed(seed)));
      world.arrange(
        parseFaultPlan({
          seed,
          latency: { frame: { kind: "uniform", fromMs: 0, toMs: 300 } },
          sockets: { cutEveryMs: 9_000, halfOpenChance: 0.3 },
          frames: {
            duplicateChance: 0.05,
            delayChance: 0.05,
            delay: { kind: "uniform", fromMs: 0, toMs: 1_500 },
          },
        }),
      );
      for (let minute = 0; minute < 24; minute++) {
        for (const side of ["bid", "ask"] as const) {
          const [best] = levels(world.mirror, side, 1);
          if (best?.[0] !== undefined) world.place(side, String(best[0] / 1_000), "0.5");
        }
        world.pass(10_000);
      }
      world.arrange(NO_FAULTS);
      world.pass(60_000);
      const { gaps, gapCount, link, bookKnown } = world.feedState();
      expect(gapCount).toBeGreaterThan(10);
      expect({ bookKnown, live: link?.live, cuts: link?.cuts }).toEqual({
        bookKnown: true,
        live: true,
        cuts: gapCount,
      });
      const fills = world.fills();
      expect(fills.length).toBeGreaterThan(0);
      for (const { fromMs, untilMs } of gaps) {
        expect(untilMs).not.toBeNull();
        const inside = fills.filter(
          ({ venueMs }) => venueMs > fromMs && venueMs < (untilMs ?? Infinity),
        );
        expect(inside).toEqual([]);
      }
      for (const { oid } of world.openOrders()) world.cancel(oid);
      world.pass(10_000);
      for (const side of ["bid", "ask"] as const)
        expect(levels(world.mirror, side, 20)).toEqual(levels(world.upstream, side, 20));
      const volume = ({ venue }: typeof world.mirror) =>
        venue.lastTrades(COIN, 100_000).reduce((sum, { sizeLots }) => sum + sizeLots, 0);
      expect(volume(world.mirror)).toBeLessThanOrEqual(volume(world.upstream));
    },
  );
});

/** A market in which 689.90 traded before anybody listens, and again twenty seconds later. */
function tradedFeed(): ScriptedFeed {
  return quietFeed()
    .take(70, "ask", 690_000, 1_000)
    .rest(140, "bid", 690_000, 1_000)
    .take(20_000, "ask", 689_990, 1_100);
}

function busyFeed(seed: number): MarketFeed {
  return simulatedFeed({ coin: COIN, szDecimals: 3, seed, startPxTicks: 693_000 });
}

/** Nothing moves any more from then on, so that what is seen and what is can be compared. */
function until(endMs: number, feed: MarketFeed): MarketFeed {
  const nextMs = () => (feed.nextMs() <= endMs ? feed.nextMs() : Infinity);
  return { info: feed.info, nextMs, next: (book) => feed.next(book) };
}

function bound(world: MirrorWorld) {
  return { mirror: world.mirror, upstream: world.upstream, pass: world.pass.bind(world) };
}
