import { BrokenWire } from "./brokenWire.ts";
import { ScriptedFeed } from "./scriptedFeed.ts";
import { Upstream } from "../../lib/marketdata/live/upstream.ts";
import type { LiveMarket } from "../../lib/marketdata/live/liveMarket.ts";
import { virtualClock } from "../../lib/runtime/clock.ts";
import { GatewayTransport } from "../../lib/runtime/gatewayTransport.ts";
import { microUsd, ms } from "../../lib/units/numbers.ts";
import type { Side } from "../../lib/units/grid.ts";
import { FaultLayer } from "../../lib/venue/server/faults/faultLayer.ts";
import { NO_FAULTS } from "../../lib/venue/server/faults/plan.ts";
import type { FaultPlan } from "../../lib/venue/server/faults/plan.ts";
import { Driver } from "../../lib/venue/server/driver.ts";
import { Gateway } from "../../lib/venue/server/gateway.ts";
import { askUpstream, composeMirror, connectMirror } from "../../lib/venue/server/mirror.ts";
import { venueConfig } from "../../lib/venue/server/universe.ts";
import type { MarketFeed, VenueAction, VenueFill } from "../../lib/venue/rules/types.ts";
import type { ActionReply } from "../../lib/venue/rules/requests.ts";

export const COIN = "km:US500";
const EPOCH_MS = 1_790_000_000_000;
const ASSET = 110_000;
const WIRE_MS = 20;
const TRADER = `0x${"7".repeat(40)}`;

/** A book that never moves by itself: bids from 690.00 down, asks from 690.10 up, one contract each, a cent apart. */
export function quietFeed(): ScriptedFeed {
  const feed = new ScriptedFeed(COIN, 3).oracle(0, 690_050);
  for (let i = 0; i < 10; i++) {
    feed.rest(0, "bid", 690_000 - 10 * i, 1_000);
    feed.rest(0, "ask", 690_100 + 10 * i, 1_000);
  }
  return feed;
}

/** An exchange, a wire that breaks, and a mirror of the exchange, all in virtual time. */
export class MirrorWorld {
  readonly clock = virtualClock(EPOCH_MS);
  readonly wire: BrokenWire;
  /** Of the other exchange, over the wire that breaks. */
  readonly client: Upstream;
  upstream: Gateway;
  #upstreamWire: GatewayTransport;
  #faults: FaultLayer | null = null;
  readonly mirror: Gateway;
  readonly #driver: Driver;
  readonly #live: LiveMarket;
  #nonce = EPOCH_MS;

  private constructor(feed: MarketFeed) {
    [this.upstream, this.#upstreamWire] = this.#start(feed);
    this.wire = new BrokenWire(this.#upstreamWire);
    const upstream = new Upstream(this.wire);
    this.client = upstream;
    const listing = this.#soon(askUpstream(upstream, "US500"));
    const epochMs = this.clock.nowMs();
    const { gateway, feed: mirrored } = composeMirror({
      listing,
      upstream: "the other one",
      limits: true,
      clock: { epochMs, speed: 1 },
    });
    this.mirror = gateway;
    this.#driver = new Driver(gateway, this.clock);
    this.#live = connectMirror({
      upstream,
      listing,
      feed: mirrored,
      clock: this.clock,
      random: () => 0,
      onInput: () => this.#driver.run(() => undefined),
    });
  }

  /** Up to where the mirror knows its first book. */
  static begin(feed: MarketFeed = quietFeed()): MirrorWorld {
    const world = new MirrorWorld(feed);
    world.pass(3_000);
    return world;
  }

  pass(spanMs: number): void {
    this.clock.runUntil(this.clock.nowMs() + spanMs);
  }

  /** What goes wrong at the other exchange from now on. */
  arrange(faults: FaultPlan): void {
    this.#faults?.plan(faults);
  }

  /** Ends the other exchange; connections break. */
  kill(): void {
    this.wire.cut();
    this.#upstreamWire.close();
  }

  /** The other exchange again, with another market. */
  restart(feed: MarketFeed): void {
    [this.upstream, this.#upstreamWire] = this.#start(feed);
    this.wire.connect(this.#upstreamWire);
  }

  end(): void {
    this.#live.stop();
    this.#driver.stop();
    this.#upstreamWire.close();
  }

  /** Rests an order of ours in the mirror. */
  place(side: Side, px: string, size: string, tif: "Alo" | "Ioc" = "Alo"): ActionReply {
    const order = { a: ASSET, b: side === "bid", p: px, s: size, r: false, t: { limit: { tif } } };
    return this.#act({ type: "order", orders: [order], grouping: "na" });
  }

  cancel(oid: number): ActionReply {
    return this.#act({ type: "cancel", cancels: [{ a: ASSET, o: oid }] });
  }

  #act(action: VenueAction): ActionReply {
    const { venue } = this.mirror;
    if (this.#nonce === EPOCH_MS) venue.credit(TRADER, "km", microUsd(100_000e6));
    let reply: ActionReply | null = null;
    this.#nonce = Math.max(this.#nonce + 1, this.clock.nowMs());
    const nonce = this.#nonce;
    this.#driver.run(() =>
      venue.submit(
        { account: TRADER, signer: TRADER, nonce, expiresAfterMs: null, action },
        this.clock.nowMs(),
        (given) => {
          reply = given;
        },
      ),
    );
    this.pass(140);
    if (reply === null) throw new Error("no answer");
    return reply;
  }

  fills(): readonly VenueFill[] {
    return this.mirror.venue.latestFills(TRADER, 100).toReversed();
  }

  openOrders() {
    return this.mirror.venue.openOrders(TRADER);
  }

  feedState() {
    const [status] = this.mirror.venue.feeds();
    if (status === undefined) throw new Error("the mirror has a feed");
    return status;
  }

  #start(feed: MarketFeed): [Gateway, GatewayTransport] {
    const nowMs = this.clock.nowMs();
    const gateway = new Gateway(venueConfig(true), { epochMs: nowMs, speed: 1 });
    gateway.venue.attachFeed(COIN, feed, ms(nowMs));
    this.#faults = new FaultLayer(gateway, NO_FAULTS);
    return [gateway, new GatewayTransport(this.#faults, this.clock, WIRE_MS)];
  }

  #soon<T>(promise: Promise<T>): T {
    let settled: { readonly value: T } | { readonly error: unknown } | null = null;
    promise.then(
      (value) => (settled = { value }),
      (error: unknown) => (settled = { error }),
    );
    this.pass(1_000);
    const end = settled as { readonly value: T } | { readonly error: unknown } | null;
    if (end === null) throw new Error("no answer within a second");
    if ("error" in end) throw end.error;
    return end.value;
  }
}

/** Best levels of a side as [ticks, lots] pairs. */
export function levels(
  gateway: Gateway,
  side: Side,
  count: number,
): readonly (readonly number[])[] {
  return gateway.venue
    .book(COIN)
    .levels(side, count)
    .map(({ pxTicks, sizeLots }) => [pxTicks, sizeLots]);
}
