import type { Side } from "../../units/grid.ts";
import { microUsd, ms, pxTicks, sizeLots, ZERO_USD } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";
import { divCeil, mulDivTrunc } from "./integers.ts";
import { crossRaw } from "./ledger.ts";
import { liquidationPx, maintenanceMargin } from "./marginTables.ts";
import { ledgerOf, leverageOf } from "./model.ts";
import type { Account, Ledger, Market, Position, World } from "./model.ts";
import type { AccountView, AssetDataView, PositionView } from "./views.ts";

/*
 * Initial margin, the rule chosen: per market the larger of the two worst cases counts,
 *   exposure = max(|position| at mark, position + resting bids, -position + resting asks), orders at their limit price,
 *   margin = exposure / leverage, summed over the cross markets of the dex;
 * an isolated market adds only what its orders would need beyond the position, whose collateral has already left the free cash.
 * Reduce-only orders need none. An order passes when the sum with it fits into the cross equity, or does not grow by it.
 * Why: the venue says that withdrawable deducts the initial margin including resting orders (measured), checks at placement
 * and again when a maker matches (documented), and shows what is available per side, so that a closing order is free until it flips.
 * How both sides of a quote combine is not published: larger-side-counts is assumed.
 */

/** Price for valuing: mark, and before there is one the oracle or the last trade. */
export function valuePx(market: Market): number {
  return market.prices.mark ?? market.prices.oracle ?? market.prices.lastTrade ?? 0;
}

export type Totals = {
  accountValue: number;
  ntl: number;
  marginUsed: number;
  crossValue: number;
  crossNtl: number;
  crossMarginUsed: number;
  crossMaintenance: number;
};

/** Sums over an account's positions in one dex, at mark. */
export function totals(account: Account, ledger: Ledger): Totals {
  const free = crossRaw(ledger);
  const sums: Totals = {
    accountValue: ledger.rawMicroUsd,
    ntl: 0,
    marginUsed: 0,
    crossValue: free,
    crossNtl: 0,
    crossMarginUsed: 0,
    crossMaintenance: 0,
  };
  for (const position of ledger.positions.values()) {
    const { def } = position.market;
    const value = position.lots * valuePx(position.market);
    sums.accountValue += value;
    sums.ntl += Math.abs(value);
    sums.marginUsed += marginUsed(account, position, value);
    if (position.isolatedRaw !== null) continue;
    sums.crossValue += value;
    sums.crossNtl += Math.abs(value);
    sums.crossMarginUsed += marginUsed(account, position, value);
    sums.crossMaintenance += maintenanceMargin(def, Math.abs(value));
  }
  return sums;
}

/** Cross: value / leverage. Isolated: collateral + unrealised PnL = rawUsd + signed value (measured). */
function marginUsed(account: Account, position: Position, value: number): number {
  if (position.isolatedRaw !== null) return position.isolatedRaw + value;
  return divCeil(Math.abs(value), leverageOf(account, position.market.def).leverage);
}

/** An order that does not rest yet, for asking what it would need. */
export type Prospect = { readonly market: Market; readonly side: Side; readonly notional: number };

type Resting = { bid: number; ask: number };

function restingNotionals(
  account: Account,
  dex: string,
  extra: Prospect | null,
): Map<Market, Resting> {
  const sums = new Map<Market, Resting>();
  const add = (market: Market, side: Side, notional: number): void => {
    let sum = sums.get(market);
    if (sum === undefined) {
      sum = { bid: 0, ask: 0 };
      sums.set(market, sum);
    }
    sum[side] += notional;
  };
  for (const position of account.ledgers.get(dex)?.positions.values() ?? []) {
    add(position.market, "bid", 0);
  }
  for (const order of account.open.values()) {
    if (order.waiting || order.reduceOnly || order.market.def.dex !== dex) continue;
    add(order.market, order.side, order.lots * order.pxTicks);
  }
  if (extra !== null) add(extra.market, extra.side, extra.notional);
  return sums;
}

/** Initial margin claimed from the cross equity of a dex: positions, resting orders, and the prospect. */
export function requiredMargin(account: Account, dex: string, extra: Prospect | null): number {
  let total = 0;
  for (const [market, resting] of restingNotionals(account, dex, extra)) {
    total += marketMargin(account, market, resting);
  }
  return total;
}

function marketMargin(account: Account, market: Market, resting: Resting): number {
  const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
  const value = (position?.lots ?? 0) * valuePx(market);
  const held = Math.abs(value);
  const exposure = Math.max(held, value + resting.bid, -value + resting.ask);
  const setting = leverageOf(account, market.def);
  return divCeil(setting.isCross ? exposure : exposure - held, setting.leverage);
}

/**
 * Unified mode: what the spot balance and the other dexes with the same collateral add to the equity of a dex, each dex
 * less what it `needs` itself. Zero in standard mode.
 */
function sharedEquity(
  account: Account,
  dex: string,
  needs: (sums: Totals, dex: string) => number,
): number {
  const token = account.unified?.get(dex);
  if (token === undefined) return 0;
  let shared: number = account.spot.get(token) ?? 0;
  for (const ledger of account.ledgers.values()) {
    if (ledger.dex === dex || account.unified?.get(ledger.dex) !== token) continue;
    const sums = totals(account, ledger);
    shared += sums.crossValue - needs(sums, ledger.dex);
  }
  return shared;
}

/** Equity of a dex that may back new orders. */
export function backingEquity(account: Account, dex: string): number {
  const ledger = account.ledgers.get(dex);
  const own = ledger === undefined ? 0 : totals(account, ledger).crossValue;
  return own + sharedEquity(account, dex, (_sums, other) => requiredMargin(account, other, null));
}

/** An account's whole value behind a dex: its own, and in unified mode what else carries it. */
export function backingValue(account: Account, dex: string): number {
  const ledger = account.ledgers.get(dex);
  const own = ledger === undefined ? 0 : totals(account, ledger).accountValue;
  return own + sharedEquity(account, dex, () => 0);
}

/** What stands in for a dex's positions when they lose. */
export function sharedSolvency(account: Account, dex: string): number {
  return sharedEquity(account, dex, (sums) => sums.crossMaintenance);
}

/** True when the account may place the prospect (rule above). */
export function canAfford(account: Account, prospect: Prospect): boolean {
  const { dex } = prospect.market.def;
  const after = requiredMargin(account, dex, prospect);
  return after <= backingEquity(account, dex) || after <= requiredMargin(account, dex, null);
}

/**
 * Margin check of a resting order at its match (documented: "again when it matches"): the positions alone, without other
 * resting orders, must be carried by the equity after the fill, its gain or loss against the mark included. A fill that
 * reduces always passes.
 */
export function makerCanAfford(
  account: Account,
  market: Market,
  side: Side,
  px: number,
  lots: number,
): boolean {
  const { dex } = market.def;
  const ledger = ledgerOf(account, dex);
  const start = ledger.positions.get(market.def.coin)?.lots ?? 0;
  const signed = side === "bid" ? lots : -lots;
  const grownLots = Math.abs(start + signed) - Math.abs(start);
  if (grownLots <= 0) return true;
  const sums = totals(account, ledger);
  const equity = sums.crossValue + sharedEquity(account, dex, (other) => other.crossMarginUsed);
  const setting = leverageOf(account, market.def);
  const mark = valuePx(market) || px;
  if (!setting.isCross) {
    return sums.crossMarginUsed + divCeil(grownLots * px, setting.leverage) <= equity;
  }
  const gain = signed * (mark - px);
  const needed = sums.crossMarginUsed + divCeil(grownLots * mark, setting.leverage);
  return needed <= equity + gain;
}

/** withdrawable = max(0, value - max(initial margin with resting orders, a tenth of the positions)) (measured). */
function withdrawable(sums: Totals, initial: number): MicroUsd {
  const kept = Math.max(initial, mulDivTrunc(sums.ntl, 1, 10));
  return microUsd(Math.max(0, sums.accountValue - kept));
}

/** What `clearinghouseState` shows. Zeros for an account that is not there. */
export function accountView(
  world: World,
  account: Account | undefined,
  address: string,
  dex: string,
): AccountView {
  const ledger = account?.ledgers.get(dex);
  if (account === undefined || ledger === undefined) return emptyAccount(world, address, dex);
  const sums = totals(account, ledger);
  const isolatedMargin = sums.marginUsed - sums.crossMarginUsed;
  const initial = requiredMargin(account, dex, null) + isolatedMargin;
  return {
    address,
    dex,
    venueMs: world.nowMs,
    accountValueMicroUsd: microUsd(sums.accountValue),
    totalNtlPosMicroUsd: microUsd(sums.ntl),
    totalRawUsdMicroUsd: ledger.rawMicroUsd,
    totalMarginUsedMicroUsd: microUsd(sums.marginUsed),
    crossAccountValueMicroUsd: microUsd(sums.crossValue),
    crossNtlPosMicroUsd: microUsd(sums.crossNtl),
    crossRawUsdMicroUsd: microUsd(crossRaw(ledger)),
    crossMarginUsedMicroUsd: microUsd(sums.crossMarginUsed),
    crossMaintenanceMicroUsd: microUsd(sums.crossMaintenance),
    initialMarginMicroUsd: microUsd(initial),
    withdrawableMicroUsd: withdrawable(sums, initial),
    positions: [...ledger.positions.values()].map((position) =>
      positionView(account, position, sums),
    ),
  };
}

function emptyAccount(world: World, address: string, dex: string): AccountView {
  return {
    address,
    dex,
    venueMs: ms(world.nowMs),
    accountValueMicroUsd: ZERO_USD,
    totalNtlPosMicroUsd: ZERO_USD,
    totalRawUsdMicroUsd: ZERO_USD,
    totalMarginUsedMicroUsd: ZERO_USD,
    crossAccountValueMicroUsd: ZERO_USD,
    crossNtlPosMicroUsd: ZERO_USD,
    crossRawUsdMicroUsd: ZERO_USD,
    crossMarginUsedMicroUsd: ZERO_USD,
    crossMaintenanceMicroUsd: ZERO_USD,
    initialMarginMicroUsd: ZERO_USD,
    withdrawableMicroUsd: ZERO_USD,
    positions: [],
  };
}

function positionView(account: Account, position: Position, sums: Totals): PositionView {
  const { market } = position;
  const value = position.lots * valuePx(market);
  const cost = Math.abs(position.costMicroUsd);
  const maintenance = maintenanceMargin(market.def, Math.abs(value));
  return {
    market: market.def,
    positionLots: position.lots,
    entryCostMicroUsd: microUsd(cost),
    entryPxTicks: cost / Math.abs(position.lots),
    valueMicroUsd: microUsd(Math.abs(value)),
    unrealizedPnlMicroUsd: microUsd(value - position.costMicroUsd),
    leverage: leverageOf(account, market.def),
    isolatedRawMicroUsd: position.isolatedRaw,
    marginUsedMicroUsd: microUsd(marginUsed(account, position, value)),
    maintenanceMicroUsd: microUsd(maintenance),
    liquidationPxTicks: liquidationPx(
      market.def,
      { lots: position.lots, pxTicks: valuePx(market) },
      position.isolatedRaw === null
        ? sums.crossValue + sharedSolvency(account, market.def.dex)
        : position.isolatedRaw + value,
      position.isolatedRaw === null ? sums.crossMaintenance : maintenance,
    ),
    fundingAllTimeMicroUsd: account.fundingAllTime.get(market.def.coin) ?? ZERO_USD,
    fundingSinceOpenMicroUsd: position.fundingSinceOpen,
  };
}

/** What `activeAssetData` shows: how much could still be bought and sold under the margin rule. */
export function assetDataView(account: Account, market: Market): AssetDataView {
  const { def } = market;
  const setting = leverageOf(account, def);
  const ledger = account.ledgers.get(def.dex);
  const equity = backingEquity(account, def.dex);
  const resting = restingNotionals(account, def.dex, null).get(market) ?? { bid: 0, ask: 0 };
  const others = requiredMargin(account, def.dex, null) - marketMargin(account, market, resting);
  const position = ledger?.positions.get(def.coin);
  const px = valuePx(market);
  const value = (position?.lots ?? 0) * px;
  const limit =
    Math.max(0, equity - others) * setting.leverage + (setting.isCross ? 0 : Math.abs(value));
  const buy = Math.max(0, limit - (value + resting.bid));
  const sell = Math.max(0, limit - (-value + resting.ask));
  const lotsFor = (notional: number): number => (px === 0 ? 0 : Math.floor(notional / px));
  return {
    leverage: setting,
    isolatedRawMicroUsd: setting.isCross ? null : (position?.isolatedRaw ?? ZERO_USD),
    maxTradeLots: [sizeLots(lotsFor(buy)), sizeLots(lotsFor(sell))],
    availableMicroUsd: [
      microUsd(Math.floor(buy / setting.leverage)),
      microUsd(Math.floor(sell / setting.leverage)),
    ],
    markPxTicks: market.prices.mark === null ? null : pxTicks(market.prices.mark),
  };
}
