import { microUsd, ms, sizeLots } from "../../units/numbers.ts";
import type { Ms } from "../../units/numbers.ts";
import { parseSize } from "../../units/decimal.ts";
import { snapDown, snapUp } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { midTicks } from "./book.ts";
import { tradeId } from "./ids.ts";
import { valuePx } from "./margin.ts";
import { trimOldest } from "./model.ts";
import type { Account, Market, World } from "./model.ts";
import { placeOrder } from "./place.ts";
import type { WireTwap } from "./requests.ts";
import { unknownAsset } from "./validate.ts";
import type { TwapEvent, TwapState } from "./views.ts";

/*
 * TWAP orders (trading/order-types): a suborder every 30 s, each an IOC within 3 % of the market, aims at elapsed / total
 * times the size; it catches up on what was missed with at most three times the normal suborder. Not above this: that the
 * market is the middle of the book, that the first suborder comes at once and the last 30 s before the end, that a slice
 * needs no $10, that "randomised" means a fifth more or less than the target, drawn from its number (all assumed).
 */

const SLICE_MS = 30_000;
const SLIPPAGE = 0.03;
const CATCH_UP = 3;
const SPREAD_OF_RANDOM = 0.2;
const MIN_MINUTES = 5;
const MAX_MINUTES = 7 * 24 * 60;
const MIN_MICRO_USD = 100_000_000;
const KEPT_EVENTS = 2_000;
const GONE = "TWAP was never placed, already canceled, or filled.";

/** A running TWAP. */
export type Twap = {
  readonly id: number;
  readonly account: Account;
  readonly market: Market;
  readonly side: Side;
  readonly lots: number;
  readonly reduceOnly: boolean;
  readonly minutes: number;
  readonly randomize: boolean;
  readonly startMs: Ms;
  /** Counted by whoever matches its suborders. */
  executedLots: number;
  executedMicroUsd: number;
  /** Suborders sent. */
  slices: number;
};

/** Starts a TWAP and returns it, or the refusal. */
export function startTwap(world: World, account: Account, wire: WireTwap): Twap | string {
  const market = world.byAssetId.get(wire.a);
  if (market === undefined) return unknownAsset(wire.a);
  const lots = parseSize(wire.s, market.def.szDecimals);
  if (lots === null) return "Order has invalid size.";
  if (lots === 0) return "Order has zero size.";
  if (!Number.isSafeInteger(lots * valuePx(market) * 2)) return "Order has invalid size.";
  if (wire.m < MIN_MINUTES || wire.m > MAX_MINUTES)
    return `Invalid TWAP duration: ${wire.m} min(s)`;
  const suffix = `asset=${wire.a}`;
  if (market.delisted) return `Market is delisted. ${suffix}`;
  if (market.halted) return `Trading is halted. ${suffix}`;
  if (lots * valuePx(market) < MIN_MICRO_USD)
    return `TWAP order must have minimum value of $100. ${suffix}`;
  const twap: Twap = {
    id: world.nextTwapId,
    account,
    market,
    side: wire.b ? "bid" : "ask",
    lots,
    reduceOnly: wire.r,
    minutes: wire.m,
    randomize: wire.t,
    startMs: ms(world.nowMs),
    executedLots: 0,
    executedMicroUsd: 0,
    slices: 0,
  };
  world.nextTwapId += 1;
  world.twaps.set(twap.id, twap);
  note(world, twap, "activated");
  return twap;
}

/** Null when it was stopped, else the refusal. */
export function cancelTwap(
  world: World,
  account: Account,
  asset: number,
  id: number,
): string | null {
  const twap = world.twaps.get(id);
  if (twap === undefined || twap.account !== account || twap.market.def.assetId !== asset)
    return GONE;
  end(world, twap, "terminated");
  return null;
}

/** Stops the TWAPs of a market (or of an account in a dex) that is no longer traded. */
export function stopTwaps(world: World, concerns: (twap: Twap) => boolean): void {
  for (const twap of world.twaps.values()) if (concerns(twap)) end(world, twap, "terminated");
}

/** When the next suborder, or an end, is due; Infinity without one. */
export function nextTwapMs(world: World): number {
  let due = Infinity;
  for (const twap of world.twaps.values()) due = Math.min(due, dueMs(twap));
  return due;
}

function dueMs(twap: Twap): number {
  return twap.startMs + twap.slices * SLICE_MS;
}

function sliceCount(twap: Twap): number {
  return (twap.minutes * 60_000) / SLICE_MS;
}

/** Sends the suborders that are due, by number of the TWAP; ends those that are full or over. */
export function runTwaps(world: World): void {
  for (const twap of world.twaps.values()) {
    if (dueMs(twap) > world.nowMs) continue;
    if (twap.slices < sliceCount(twap)) sendSlice(world, twap);
    if (twap.executedLots >= twap.lots || twap.slices > sliceCount(twap))
      end(world, twap, "finished");
  }
}

function sendSlice(world: World, twap: Twap): void {
  twap.slices += 1;
  const { market, side } = twap;
  const middle = midTicks(market.book) ?? valuePx(market);
  const lots = sliceLots(twap);
  if (lots === 0 || middle === 0) return;
  const limit = middle * (side === "bid" ? 1 + SLIPPAGE : 1 - SLIPPAGE);
  const { szDecimals } = market.def;
  const px = side === "bid" ? snapDown(limit, szDecimals) : snapUp(limit, szDecimals);
  const { reduceOnly, account } = twap;
  const wanted = {
    market,
    side,
    px,
    lots: sizeLots(lots),
    reduceOnly,
    tif: "Ioc" as const,
    cloid: null,
    trigger: null,
  };
  world.txIndex += 1;
  placeOrder(world, account, wanted, null, twap);
}

function sliceLots(twap: Twap): number {
  const normal = twap.lots / sliceCount(twap);
  const isLast = twap.slices >= sliceCount(twap);
  const draw = (tradeId(twap.id, twap.slices) % 1_000) / 999;
  const factor = twap.randomize && !isLast ? 1 + SPREAD_OF_RANDOM * (2 * draw - 1) : 1;
  const target = isLast ? twap.lots : normal * (twap.slices - 1 + factor);
  const missing = Math.ceil(Math.min(twap.lots, target)) - twap.executedLots;
  return Math.max(0, Math.min(missing, Math.ceil(CATCH_UP * normal)));
}

function end(world: World, twap: Twap, status: "finished" | "terminated"): void {
  world.twaps.delete(twap.id);
  note(world, twap, status);
}

export function twapState(twap: Twap): TwapState {
  return {
    coin: twap.market.def.coin,
    side: twap.side,
    sizeLots: sizeLots(twap.lots),
    executedLots: sizeLots(twap.executedLots),
    executedMicroUsd: microUsd(twap.executedMicroUsd),
    minutes: twap.minutes,
    reduceOnly: twap.reduceOnly,
    randomize: twap.randomize,
    startMs: twap.startMs,
  };
}

function note(world: World, twap: Twap, status: TwapEvent["status"]): void {
  const event = { twapId: twap.id, venueMs: world.nowMs, state: twapState(twap), status };
  const { account } = twap;
  account.twapEvents.push(event);
  trimOldest(account.twapEvents, KEPT_EVENTS);
  world.emit({ kind: "twap", account: account.address, event });
}
