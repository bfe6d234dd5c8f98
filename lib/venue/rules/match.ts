import { assert } from "../../units/assert.ts";
import { opposite } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { addMicroUsd, notionalMicroUsd, pxTicks, sizeLots, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd, PxTicks, SizeLots } from "../../units/numbers.ts";
import { crosses } from "./book.ts";
import { addVolume } from "./budget.ts";
import { baseRates, countedVolumeMicroUsd, effectiveRates, feeMicroUsd } from "./fees.ts";
import { noteTraded, tierOf } from "./feeTiers.ts";
import { HOUSE_ADDRESS, tradeId, transactionHash } from "./ids.ts";
import { applyHouseTrade, applyTrade, collectFee } from "./ledger.ts";
import { makerCanAfford, valuePx } from "./margin.ts";
import { ledgerOf, trimOldest } from "./model.ts";
import type { Account, BuilderShare, Entry, Market, Order, World } from "./model.ts";
import { announceOrder, cancelResting, finishOrder } from "./orders.ts";
import { shrinkToPosition } from "./reduceOnly.ts";
import type { FillCause, VenueFill, VenueTrade } from "./types.ts";
import type { FeeRatesView } from "./views.ts";

const KEPT_FILLS = 10_000;
const KEPT_TRADES = 500;

/** Who takes: an account with its order's ids, or (account null) somebody of the anonymous house. */
export type Taker = {
  readonly account: Account | null;
  readonly oid: number;
  readonly cloid: string | null;
  readonly side: Side;
  /** Replaces the fill's `dir`: liquidations. */
  readonly dir: string | null;
  readonly builder?: BuilderShare | null;
  /** The TWAP whose suborder takes. */
  readonly twap?: { readonly id: number } | null;
  /** The account is being liquidated by this trade. */
  readonly liquidates?: boolean;
};

type Party = {
  readonly account: Account | null;
  readonly oid: number;
  readonly cloid: string | null;
  readonly builder?: BuilderShare | null;
};

/** What a taker got: lots and their exact notional. */
export type Taken = { readonly lots: SizeLots; readonly notional: number };

/** One aggressor meeting resting entries: books every trade at once, and tells about them together at the end. */
export class Execution {
  readonly #world: World;
  readonly #market: Market;
  readonly #taker: Taker;
  readonly #hash: string;
  readonly #trades: VenueTrade[] = [];
  readonly #fills: { readonly account: Account; readonly fill: VenueFill }[] = [];
  readonly #filledMakers: Order[] = [];
  #lots = 0;
  #notional = 0;
  #lastPx = 0;

  constructor(world: World, market: Market, taker: Taker) {
    this.#world = world;
    this.#market = market;
    this.#taker = taker;
    this.#hash = transactionHash(world.nowMs, world.txIndex);
  }

  /** Trades `lots` with a resting entry at its price. */
  trade(maker: Entry, lots: number): void {
    const px = maker.pxTicks;
    const size = sizeLots(lots);
    this.#market.book.reduce(maker, lots);
    const order = maker.kind === "account" ? maker : null;
    if (order !== null && order.lots === 0) {
      finishOrder(this.#world, order, "filled");
      this.#filledMakers.push(order);
    }
    if (maker.kind === "crowd" && maker.lots === 0) this.#market.crowd.delete(maker.agentOrderId);
    const buyerIsTaker = this.#taker.side === "bid";
    const tid = tradeId(
      buyerIsTaker ? this.#taker.oid : maker.oid,
      buyerIsTaker ? maker.oid : this.#taker.oid,
    );
    const makerParty = {
      account: order?.account ?? null,
      oid: maker.oid,
      cloid: order?.cloid ?? null,
      builder: order?.builder ?? null,
    };
    this.#bookSides(makerParty, px, size, tid);
    this.#lots += lots;
    this.#notional += lots * px;
    this.#lastPx = px;
    this.printed(px, size, tid, makerParty.account);
  }

  /** Notes a public trade (the part of a recorded print that no account took included). */
  printed(px: PxTicks, lots: SizeLots, tid: number, maker: Account | null): void {
    const makerAddress = maker?.address ?? HOUSE_ADDRESS;
    const takerAddress = this.#taker.account?.address ?? HOUSE_ADDRESS;
    const buys = this.#taker.side === "bid";
    this.#trades.push({
      coin: this.#market.def.coin,
      side: this.#taker.side,
      pxTicks: px,
      sizeLots: lots,
      venueMs: this.#world.nowMs,
      tid,
      hash: this.#hash,
      buyer: buys ? takerAddress : makerAddress,
      seller: buys ? makerAddress : takerAddress,
    });
    this.#market.candles.add(px, lots, this.#world.nowMs);
    this.#market.prices.lastTrade = px;
  }

  /**
   * Tells fills, ended makers and trades. A maker's cause is "through" when the aggressor traded, or printed, at a price
   * worse than the maker's; else its turn in the queue came.
   */
  finish(worstPx: number = this.#lastPx): Taken {
    const taken = { lots: sizeLots(this.#lots), notional: this.#notional };
    if (this.#trades.length === 0) return taken;
    for (const { account, fill } of this.#fills) {
      const through = !fill.crossed && fill.pxTicks !== worstPx;
      const told: VenueFill = through ? { ...fill, cause: "through" } : fill;
      account.fills.push(told);
      trimOldest(account.fills, KEPT_FILLS);
      this.#world.emit({ kind: "fill", fill: told });
    }
    for (const order of this.#filledMakers) announceOrder(this.#world, order);
    const { trades } = this.#market;
    trades.push(...this.#trades);
    trimOldest(trades, KEPT_TRADES);
    this.#world.emit({ kind: "trades", coin: this.#market.def.coin, trades: this.#trades });
    return taken;
  }

  #bookSides(maker: Party, px: PxTicks, lots: SizeLots, tid: number): void {
    const taker = this.#taker;
    if (maker.account === null && taker.account === null) return;
    const makerSide = opposite(taker.side);
    this.#bookSide(maker, makerSide, px, lots, tid, "queue");
    this.#bookSide(taker, taker.side, px, lots, tid, "taker");
    for (const account of [maker.account, taker.account]) {
      if (account !== null) shrinkToPosition(this.#world, account, this.#market);
    }
  }

  #bookSide(
    party: Party,
    side: Side,
    px: PxTicks,
    lots: SizeLots,
    tid: number,
    cause: FillCause,
  ): void {
    const market = this.#market;
    const { account } = party;
    const taker = this.#taker;
    if (account === null) {
      applyHouseTrade(this.#world, market, side, px, lots);
      return;
    }
    const notional = notionalMicroUsd(px, lots);
    const crossed = cause === "taker";
    const traded = (account.master ?? account).traded;
    const { takerPpb, makerPpb } = this.#rates(tierOf(traded, this.#world.nowMs));
    const base = feeMicroUsd(notional, crossed ? takerPpb : makerPpb);
    const builder = party.builder ?? null;
    const share = builder === null ? ZERO_USD : feeMicroUsd(notional, builder.ppb);
    const fee = addMicroUsd(base, share);
    this.#world.solvencyChanged = true;
    const effect = applyTrade(account, market, side, px, lots, fee);
    collectFee(this.#world, market.def.dex, base);
    if (builder !== null) payBuilder(builder.account, market.def.dex, share);
    const counted = countedVolumeMicroUsd(notional, market.def);
    addVolume(account.budget, counted);
    noteTraded(traded, counted, this.#world.nowMs);
    const fill: VenueFill = {
      account: account.address,
      coin: market.def.coin,
      side,
      pxTicks: px,
      sizeLots: lots,
      venueMs: this.#world.nowMs,
      startPositionLots: effect.startLots,
      dir: (crossed ? this.#taker.dir : null) ?? effect.dir,
      closedPnlMicroUsd: effect.closedPnl,
      feeMicroUsd: fee,
      feeToken: market.feeToken,
      ...(share === 0 ? {} : { builderFeeMicroUsd: share }),
      ...this.#liquidation(),
      ...(crossed && taker.twap ? { twapId: taker.twap.id } : {}),
      oid: party.oid,
      cloid: party.cloid,
      crossed,
      tid,
      hash: this.#hash,
      cause,
    };
    this.#fills.push({ account, fill });
  }

  #rates(tier: number): FeeRatesView {
    const { rates, def } = this.#market;
    return tier === 0 ? rates : effectiveRates(baseRates(this.#world.config, tier), def);
  }

  /** Both sides of a trade that liquidates carry whom, and at which mark (captured). */
  #liquidation(): Pick<VenueFill, "liquidation"> {
    const { account, liquidates } = this.#taker;
    if (account === null || liquidates !== true) return {};
    const markPxTicks = pxTicks(valuePx(this.#market));
    return { liquidation: { liquidatedUser: account.address, markPxTicks, method: "market" } };
  }
}

/** A builder's share lies in the dex where it was earned. */
function payBuilder(builder: Account, dex: string, share: MicroUsd): void {
  const ledger = ledgerOf(builder, dex);
  ledger.rawMicroUsd = addMicroUsd(ledger.rawMicroUsd, share);
}

/**
 * Sweeps the other side up to `limitPx` in price-time order. The account's own resting orders expire instead of trading
 * (self-trade prevention "expire maker"); makers that lost their margin are cancelled.
 */
export function sweep(
  world: World,
  market: Market,
  taker: Taker,
  limitPx: number,
  lots: number,
): Taken {
  const execution = new Execution(world, market, taker);
  const makerSide = opposite(taker.side);
  let left = lots;
  while (left > 0) {
    const level = market.book.best(makerSide);
    if (level === undefined || !crosses(taker.side, limitPx, level.pxTicks)) break;
    const maker = level.entries[0];
    assert(maker !== undefined, "a level of the book has an entry");
    if (maker.kind === "account" && expireMaker(world, maker, taker, left)) continue;
    const traded = Math.min(left, maker.lots);
    if (maker.kind === "tape") consumeRecorded(market, makerSide, maker.pxTicks, traded);
    execution.trade(maker, traded);
    left -= traded;
  }
  return execution.finish();
}

function expireMaker(world: World, maker: Order, taker: Taker, left: number): boolean {
  if (maker.account === taker.account) {
    cancelResting(world, maker, "selfTradeCanceled");
    return true;
  }
  return expireUnfunded(world, maker, left);
}

/** Cancels a resting order whose account can no longer carry the fill. True when it is gone. */
export function expireUnfunded(world: World, maker: Order, lots: number): boolean {
  const size = Math.min(lots, maker.lots);
  if (makerCanAfford(maker.account, maker.market, maker.side, maker.pxTicks, size)) return false;
  cancelResting(world, maker, "marginCanceled");
  return true;
}

/** Recorded size that a taker of ours used stays used until the recording shows that the level changed. */
function consumeRecorded(market: Market, side: Side, px: number, lots: number): void {
  const level = market.tape?.recorded[side].get(px);
  if (level !== undefined) level.consumed += lots;
}

/** Average price of what was taken, cut to the market's price decimals (measured). */
export function averagePx(taken: Taken): PxTicks {
  assert(taken.lots > 0, "an average is taken over lots");
  return pxTicks(Math.floor(taken.notional / taken.lots));
}
