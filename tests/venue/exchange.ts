import { assert } from "../../lib/units/assert.ts";
import { parsePx, parseSize, parseUsd } from "../../lib/units/decimal.ts";
import type { Side } from "../../lib/units/grid.ts";
import { ms } from "../../lib/units/numbers.ts";
import type { PxTicks, SizeLots } from "../../lib/units/numbers.ts";
import type {
  DexDef,
  FeedInput,
  MarketDef,
  MarketFeed,
  VenueAction,
  VenueConfig,
  VenueFill,
  VenueOutput,
  Tif,
  WireOrder,
} from "../../lib/venue/rules/types.ts";
import type {
  ActionReply,
  OrderStatusReply,
  SignedRequest,
} from "../../lib/venue/rules/requests.ts";
import { Venue } from "../../lib/venue/rules/venue.ts";

/** An hour's start, so that funding is a known time away. */
export const START = ms(Date.UTC(2026, 0, 5, 14));
export const BLOCK = 70;
export const ALICE = "0x00000000000000000000000000000000000a11ce";
export const BOB = "0x0000000000000000000000000000000000000b0b";
export const CAROL = "0x000000000000000000000000000000000000ca01";
export const COIN = "km:US500";
export const ASSET = 110_000;

const US500: MarketDef = {
  coin: COIN,
  dex: "km",
  index: 0,
  assetId: ASSET,
  szDecimals: 3,
  maxLeverage: 25,
  onlyIsolated: false,
  growthMode: true,
  deployerFeeScale: 1,
  isDelisted: false,
};
const BABA: MarketDef = {
  ...US500,
  coin: "km:BABA",
  index: 1,
  assetId: 110_001,
  maxLeverage: 10,
  onlyIsolated: true,
  isDelisted: true,
};
const OIL: MarketDef = {
  ...US500,
  coin: "km:OIL",
  index: 2,
  assetId: 110_002,
  maxLeverage: 10,
  onlyIsolated: true,
  growthMode: false,
};
const BTC: MarketDef = {
  ...US500,
  coin: "BTC",
  dex: "",
  assetId: 0,
  szDecimals: 5,
  maxLeverage: 40,
  growthMode: false,
  deployerFeeScale: 0,
};
const DEXES: readonly DexDef[] = [
  { name: "", fullName: "", index: 0, collateralToken: 0, markets: [BTC] },
  { name: "km", fullName: "Markets", index: 1, collateralToken: 360, markets: [US500, BABA, OIL] },
];

export const CONFIG: VenueConfig = {
  dexes: DEXES,
  tokens: [
    { index: 0, name: "USDC", tokenId: "0x0", szDecimals: 8, weiDecimals: 8 },
    { index: 360, name: "USDH", tokenId: "0x1", szDecimals: 2, weiDecimals: 8 },
  ],
  blockMs: BLOCK,
  commitMs: 140,
  baseMakerMillionths: 150,
  baseTakerMillionths: 450,
  limits: true,
};

/** The configuration with one market changed. */
export function withMarket(coin: string, changes: Partial<MarketDef>): Partial<VenueConfig> {
  const dexes = DEXES.map((dex) => ({
    ...dex,
    markets: dex.markets.map((each) => (each.coin === coin ? { ...each, ...changes } : each)),
  }));
  return { dexes };
}

/** A feed that a test writes while it runs: inputs become due one millisecond after "now". */
class ScriptedFeed implements MarketFeed {
  readonly info;
  readonly pending: { readonly atMs: number; readonly inputs: readonly FeedInput[] }[] = [];

  constructor(
    source: "simulated" | "replayed",
    coin: string,
    szDecimals: number,
    durationMs: number,
  ) {
    const description = "written by a test";
    this.info = { source, coin, szDecimals, description, durationMs, seed: null };
  }

  nextMs(): number {
    return this.pending[0]?.atMs ?? Infinity;
  }

  next(): readonly FeedInput[] {
    return this.pending.shift()?.inputs ?? [];
  }
}

type Options = {
  readonly source?: "simulated" | "replayed";
  readonly coin?: string;
  readonly config?: Partial<VenueConfig>;
  readonly usd?: string;
  /** Of the feed; forever when left out. */
  readonly durationMs?: number;
};

/** All that came into an exchange, in order: enough to make it again. */
export type LogEntry =
  | {
      readonly what: "credit";
      readonly account: string;
      readonly dex: string;
      readonly usd: string;
    }
  | { readonly what: "request"; readonly request: SignedRequest; readonly arrivedMs: number }
  | { readonly what: "market"; readonly atMs: number; readonly inputs: readonly FeedInput[] }
  | { readonly what: "halt"; readonly coin: string; readonly on: boolean }
  | { readonly what: "delist"; readonly coin: string }
  | { readonly what: "postOnly"; readonly untilMs: number }
  | { readonly what: "time"; readonly nowMs: number };

/** A venue with three funded accounts and a scripted market; each `act` or `market` call runs one block. */
export class Exchange {
  readonly venue: Venue;
  readonly outputs: VenueOutput[] = [];
  readonly def: MarketDef;
  readonly log: LogEntry[] = [];
  nowMs: number = START;
  #nonce: number = START;
  readonly #feed: ScriptedFeed;

  constructor(options: Options = {}) {
    const config = { ...CONFIG, ...options.config };
    this.venue = new Venue(config, (output) => this.outputs.push(output));
    const def = this.venue.market(options.coin ?? COIN);
    assert(def !== null, "the coin is configured");
    this.def = def;
    this.#feed = new ScriptedFeed(
      options.source ?? "simulated",
      def.coin,
      def.szDecimals,
      options.durationMs ?? Infinity,
    );
    this.venue.advanceTo(START);
    this.venue.attachFeed(def.coin, this.#feed, START);
    if (options.usd === "0") return;
    for (const account of [ALICE, BOB, CAROL]) this.fund(account, options.usd ?? "1000000");
  }

  /** Makes an exchange again from what came into another. The options are the other's; `usd` is "0", as deposits are in the log. */
  static replay(log: readonly LogEntry[], options: Options): Exchange {
    const exchange = new Exchange({ ...options, usd: "0" });
    for (const entry of log) exchange.#apply(entry);
    return exchange;
  }

  #apply(entry: LogEntry): void {
    switch (entry.what) {
      case "credit":
        return this.fund(entry.account, entry.usd, entry.dex);
      case "request":
        return this.venue.submit(entry.request, ms(entry.arrivedMs), () => undefined);
      case "market":
        this.#feed.pending.push(entry);
        return;
      case "halt":
        return this.halt(entry.on, entry.coin);
      case "delist":
        return this.delist(entry.coin);
      case "postOnly":
        return this.takeOnlyPostOnly(entry.untilMs);
      case "time":
        return this.#advanceTo(entry.nowMs);
    }
  }

  #advanceTo(nowMs: number): void {
    this.nowMs = nowMs;
    this.log.push({ what: "time", nowMs });
    this.venue.advanceTo(ms(nowMs));
  }

  halt(on: boolean, coin: string = this.def.coin): void {
    this.log.push({ what: "halt", coin, on });
    this.venue.haltTrading(coin, on);
  }

  delist(coin: string = this.def.coin): void {
    this.log.push({ what: "delist", coin });
    this.venue.delist(coin);
  }

  takeOnlyPostOnly(untilMs: number): void {
    this.log.push({ what: "postOnly", untilMs });
    this.venue.takeOnlyPostOnly(ms(untilMs));
  }

  fund(account: string, usd: string, dex: string = this.def.dex): void {
    const amount = parseUsd(usd);
    assert(amount !== null, "a plain amount");
    this.log.push({ what: "credit", account, dex, usd });
    this.venue.credit(account, dex, amount);
  }

  px(text: string): PxTicks {
    const px = parsePx(text, this.def.szDecimals);
    assert(px !== null, `a price, got ${text}`);
    return px;
  }

  lots(text: string): SizeLots {
    const lots = parseSize(text, this.def.szDecimals);
    assert(lots !== null, `a size, got ${text}`);
    return lots;
  }

  /** Puts a request into the next block without running it. */
  queue(account: string, action: VenueAction, more: Partial<SignedRequest> = {}): ActionReply[] {
    const replies: ActionReply[] = [];
    this.#nonce += 1;
    const nonce = this.#nonce;
    const request = { account, signer: account, nonce, expiresAfterMs: null, action, ...more };
    this.log.push({ what: "request", request, arrivedMs: this.nowMs + 1 });
    this.venue.submit(request, ms(this.nowMs + 1), (reply) => replies.push(reply));
    return replies;
  }

  /** Puts market inputs into the next block without running it. */
  queueMarket(...inputs: readonly FeedInput[]): void {
    const atMs = this.nowMs + 1 - START;
    this.log.push({ what: "market", atMs, inputs });
    this.#feed.pending.push({ atMs, inputs });
  }

  block(): void {
    this.#advanceTo(this.nowMs + BLOCK - (this.nowMs % BLOCK));
  }

  /** Lets time pass. */
  wait(spanMs: number): void {
    this.#advanceTo(this.nowMs + spanMs);
  }

  act(account: string, action: VenueAction, more: Partial<SignedRequest> = {}): ActionReply {
    const replies = this.queue(account, action, more);
    this.block();
    const [reply] = replies;
    assert(reply !== undefined, "the block answered");
    return reply;
  }

  market(...inputs: readonly FeedInput[]): void {
    this.queueMarket(...inputs);
    this.block();
  }

  order(side: Side, p: string, s: string, tif: Tif = "Alo"): WireOrder {
    return { a: this.def.assetId, b: side === "bid", p, s, r: false, t: { limit: { tif } } };
  }

  /** Places one order and returns its status. */
  place(account: string, order: WireOrder): OrderStatusReply {
    return statuses(this.act(account, { type: "order", orders: [order], grouping: "na" }))[0]!;
  }

  /** Places one order that must rest; returns its oid. */
  rest(account: string, side: Side, p: string, s: string, more: Partial<WireOrder> = {}): number {
    const status = this.place(account, { ...this.order(side, p, s), ...more });
    assert(
      typeof status === "object" && "resting" in status,
      `the order rests, got ${JSON.stringify(status)}`,
    );
    return status.resting.oid;
  }

  /** Gives `account` a position by trading against `other`. */
  trade(account: string, other: string, side: Side, p: string, s: string): void {
    this.rest(other, side === "bid" ? "ask" : "bid", p, s);
    const status = this.place(account, this.order(side, p, s, "Ioc"));
    assert(
      typeof status === "object" && "filled" in status,
      `the order fills, got ${JSON.stringify(status)}`,
    );
  }

  cancel(account: string, oid: number): ActionReply {
    return this.act(account, { type: "cancel", cancels: [{ a: this.def.assetId, o: oid }] });
  }

  agent(id: number, side: Side, p: string, s: string, tif: "Alo" | "Ioc" = "Alo"): FeedInput {
    const [pxTicks, sizeLots] = [this.px(p), this.lots(s)];
    return { kind: "agentPlace", agentOrderId: id, side, pxTicks, sizeLots, tif };
  }

  oracle(p: string): FeedInput {
    return { kind: "oracle", pxTicks: this.px(p) };
  }

  fills(account: string): readonly VenueFill[] {
    return this.venue.fills(account, { fromMs: ms(0), toMs: ms(2 ** 52), limit: 10_000 });
  }

  position(account: string): number {
    const { positions } = this.venue.account(account, this.def.dex);
    return positions.find((each) => each.market.coin === this.def.coin)?.positionLots ?? 0;
  }

  levels(side: Side): readonly (readonly [number, number, number])[] {
    const levels = this.venue.book(this.def.coin).levels(side, 50);
    return levels.map((level) => [level.pxTicks, level.sizeLots, level.orders] as const);
  }

  updates(account: string): readonly (readonly [number, string])[] {
    return this.outputs.flatMap((output) =>
      output.kind === "orderUpdate" && output.order.account === account
        ? [[output.order.oid, output.order.status] as const]
        : [],
    );
  }
}

/** Statuses of an order reply. @throws when the whole request was refused. */
export function statuses(reply: ActionReply): readonly OrderStatusReply[] {
  assert(
    reply.status === "ok" && reply.response.type === "order",
    `an order reply, got ${JSON.stringify(reply)}`,
  );
  return reply.response.data.statuses;
}

/** Error text of a whole request or of its first item; "" when there is none. */
export function errorText(reply: ActionReply): string {
  if (reply.status === "err") return reply.response;
  if (reply.response.type !== "order" && reply.response.type !== "cancel") return "";
  const [first] = reply.response.data.statuses;
  return typeof first === "object" && "error" in first ? first.error : "";
}

/** All money of a dex, wherever it lies, against what came in. */
export function closes(exchange: Exchange, dex: string): boolean {
  const { depositsMicroUsd, accountsMicroUsd, houseMicroUsd, feesMicroUsd } =
    exchange.venue.money(dex);
  return depositsMicroUsd === accountsMicroUsd + houseMicroUsd + feesMicroUsd;
}
