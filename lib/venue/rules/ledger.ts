import { assert } from "../../units/assert.ts";
import { microUsd, positionLots, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd, PositionLots, PxTicks, SizeLots } from "../../units/numbers.ts";
import type { Side } from "../../units/grid.ts";
import { divCeil, mulDivTrunc } from "./integers.ts";
import { addHouseLots, addToHouse, ledgerOf, leverageOf } from "./model.ts";
import type { Account, Ledger, Market, Position, World } from "./model.ts";

/** What a trade did to a position; `closedPnl` is without the fee (measured). */
export type TradeEffect = {
  readonly startLots: PositionLots;
  readonly dir: string;
  readonly closedPnl: MicroUsd;
};

/**
 * Books one side of a trade and its fee. Entry price: size-weighted average while opening, unchanged while closing;
 * closedPnl = proceeds of the closed lots minus their share of the entry cost (cut towards zero, the rest stays with the position).
 */
export function applyTrade(
  account: Account,
  market: Market,
  side: Side,
  px: PxTicks,
  lots: SizeLots,
  fee: MicroUsd,
): TradeEffect {
  const ledger = ledgerOf(account, market.def.dex);
  const signed = side === "bid" ? lots : -lots;
  const position = obtainPosition(ledger, account, market);
  const startLots = position.lots;
  const opens = startLots === 0 || startLots > 0 === signed > 0;
  const closing = opens ? 0 : Math.min(lots, Math.abs(startLots));
  const closedCost =
    closing === 0 ? 0 : mulDivTrunc(position.costMicroUsd, closing, Math.abs(startLots));
  const closedPnl = closing === 0 ? 0 : Math.sign(startLots) * closing * px - closedCost;
  const openingSigned = Math.sign(signed) * (lots - closing);
  if (position.isolatedRaw !== null) {
    moveIsolatedMargin(position, account, px, startLots, closing, openingSigned);
  }
  position.costMicroUsd = microUsd(position.costMicroUsd - closedCost + openingSigned * px);
  position.lots = positionLots(startLots + signed);
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd - signed * px);
  chargeFee(ledger, position, fee);
  if (position.lots === 0) closePosition(ledger, position);
  return { startLots, dir: direction(startLots, position.lots), closedPnl: microUsd(closedPnl) };
}

function obtainPosition(ledger: Ledger, account: Account, market: Market): Position {
  const found = ledger.positions.get(market.def.coin);
  if (found !== undefined) return found;
  const fresh: Position = {
    market,
    lots: positionLots(0),
    costMicroUsd: ZERO_USD,
    isolatedRaw: leverageOf(account, market.def).isCross ? null : ZERO_USD,
    fundingSinceOpen: ZERO_USD,
  };
  ledger.positions.set(market.def.coin, fresh);
  return fresh;
}

/**
 * Isolated collateral: an opening part brings its notional / leverage from the free cash; a closing part releases its share
 * of the position's equity at the fill price (assumed: the venue documents neither rounding nor order).
 */
function moveIsolatedMargin(
  position: Position,
  account: Account,
  px: number,
  startLots: number,
  closing: number,
  openingSigned: number,
): void {
  let raw: number = position.isolatedRaw ?? 0;
  if (closing > 0) {
    const equity = raw + startLots * px;
    const released = mulDivTrunc(equity, closing, Math.abs(startLots));
    const remaining = startLots - Math.sign(startLots) * closing;
    raw = equity - released - remaining * px;
  }
  if (openingSigned !== 0) {
    const { leverage } = leverageOf(account, position.market.def);
    raw += divCeil(Math.abs(openingSigned) * px, leverage) - openingSigned * px;
  }
  position.isolatedRaw = microUsd(raw);
}

/** Fees come from free cash, and from the isolated position itself when there is too little of it. */
function chargeFee(ledger: Ledger, position: Position, fee: MicroUsd): void {
  const free = crossRaw(ledger);
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd - fee);
  if (position.isolatedRaw === null || fee <= free || position.lots === 0) return;
  position.isolatedRaw = microUsd(position.isolatedRaw - (fee - Math.max(0, free)));
}

/** A closed position's isolated collateral is free cash again. */
function closePosition(ledger: Ledger, position: Position): void {
  assert(
    position.costMicroUsd === 0,
    `a closed position has no cost, got ${position.costMicroUsd}`,
  );
  ledger.positions.delete(position.market.def.coin);
}

/** Raw money outside isolated positions. */
export function crossRaw(ledger: Ledger): number {
  let raw: number = ledger.rawMicroUsd;
  for (const position of ledger.positions.values()) raw -= position.isolatedRaw ?? 0;
  return raw;
}

/** The venue's `dir` of a perp fill. */
export function direction(start: number, end: number): string {
  if (start > 0 && end < 0) return "Long > Short";
  if (start < 0 && end > 0) return "Short > Long";
  if (start >= 0 && end > start) return "Open Long";
  if (start <= 0 && end < start) return "Open Short";
  return start > 0 ? "Close Long" : "Close Short";
}

/** The house's side of a trade with an account: only its cash leg and lots are kept. */
export function applyHouseTrade(
  world: World,
  market: Market,
  side: Side,
  px: number,
  lots: number,
): void {
  const signed = side === "bid" ? lots : -lots;
  addToHouse(world.house.rawMicroUsd, market.def.dex, -signed * px);
  addHouseLots(world.house, market.def.coin, signed);
}

export function collectFee(world: World, dex: string, fee: MicroUsd): void {
  addToHouse(world.house.feesMicroUsd, dex, fee);
}
