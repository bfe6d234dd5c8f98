import { microUsd, pxTicks } from "../../units/numbers.ts";
import type { Side } from "../../units/grid.ts";
import { closeAgainst } from "./closeAgainst.ts";
import { gather } from "./abstraction.ts";
import { deleverage } from "./deleveraging.ts";
import { backstopAddress, transactionHash } from "./ids.ts";
import { crossRaw } from "./ledger.ts";
import { sharedSolvency, totals, valuePx } from "./margin.ts";
import type { Totals } from "./margin.ts";
import { maintenanceMargin } from "./marginTables.ts";
import { sweep } from "./match.ts";
import { addToHouse } from "./model.ts";
import type { Account, Ledger, Position, World } from "./model.ts";
import { cancelAll, cancelResting } from "./orders.ts";
import { stopTwaps } from "./twap.ts";

/*
 * Liquidation at mark (trading/liquidations): equity below maintenance cancels the orders and sells the positions at
 * market, of one worth more than 100k only a fifth at first; for 30 s after such a block whole positions are sold. What
 * remains while equity is below two thirds of maintenance goes with its margin to the backstop, here the house, which does
 * not buy in markets without cross margin; whoever is below zero is deleveraged. A debt that is left
 * when no position is (a bad close, a fee) is made good by the house as a visible "backstop" transfer: an account's equity
 * never ends below zero unseen.
 */

const PARTIAL_ABOVE_MICRO_USD = 100_000_000_000;
const PARTS = 5;
const COOL_DOWN_MS = 30_000;

/**
 * Looks at every account with positions; call after marks changed or accounts traded.
 * @returns whether somebody sold a part and is still below maintenance: look again in the next block
 */
export function liquidateUnderwater(world: World): boolean {
  let again = false;
  do {
    // Who is deleveraged loses the profit above the previous mark, and may be under water by that.
    world.deleveraged = false;
    again = liquidateRound(world);
  } while (world.deleveraged);
  return again;
}

function liquidateRound(world: World): boolean {
  let again = false;
  for (const account of world.accounts.values()) {
    for (const ledger of account.ledgers.values()) {
      if (ledger.positions.size === 0 && ledger.rawMicroUsd >= 0) continue;
      for (const position of ledger.positions.values()) {
        if (position.isolatedRaw !== null)
          again = liquidateIsolated(world, account, ledger, position) || again;
      }
      again = liquidateCross(world, account, ledger) || again;
    }
  }
  return again;
}

function liquidateCross(world: World, account: Account, ledger: Ledger): boolean {
  const before = totals(account, ledger);
  if (before.crossNtl === 0) {
    // A fee or a close can take the last free cash below zero.
    if (before.crossValue < 0) coverDebt(world, account, ledger);
    return false;
  }
  const solvency = before.crossValue + sharedSolvency(account, ledger.dex);
  if (solvency >= before.crossMaintenance) return false;
  announceLiquidation(world, account, ledger, before);
  cancelAll(world, account, "liquidatedCanceled", ledger.dex);
  stopTwaps(world, (twap) => twap.account === account && twap.market.def.dex === ledger.dex);
  if (solvency >= 0) {
    for (const position of crossPositions(ledger)) closeAtMarket(world, account, position, "Cross");
  }
  const after = totals(account, ledger);
  const left = after.crossValue + sharedSolvency(account, ledger.dex);
  if (after.crossNtl === 0) {
    if (after.crossValue < 0) coverDebt(world, account, ledger);
    return false;
  }
  if (3 * left >= 2 * after.crossMaintenance)
    return left < after.crossMaintenance && after.crossNtl < before.crossNtl;
  gather(world, account, ledger);
  if (left < 0) {
    for (const position of crossPositions(ledger)) deleverage(world, account, position);
    coverDebt(world, account, ledger);
  } else {
    for (const position of crossPositions(ledger)) takeOver(world, account, position, "Cross");
    moveToHouse(world, account, ledger, crossRaw(ledger));
  }
  return false;
}

/** Money below zero in a dex: the spot balance of a unified account pays first, then the house. */
function coverDebt(world: World, account: Account, ledger: Ledger): void {
  gather(world, account, ledger);
  const value = totals(account, ledger).crossValue;
  if (value < 0) moveToHouse(world, account, ledger, value);
}

function announceLiquidation(world: World, account: Account, ledger: Ledger, sums: Totals): void {
  world.emit({
    kind: "liquidation",
    lid: world.nextLid,
    liquidator: backstopAddress(world.dexes.get(ledger.dex)?.index ?? 0),
    liquidatedUser: account.address,
    notionalMicroUsd: microUsd(sums.ntl),
    accountValueMicroUsd: microUsd(sums.accountValue),
  });
  world.nextLid += 1;
}

function crossPositions(ledger: Ledger): Position[] {
  return [...ledger.positions.values()].filter((position) => position.isolatedRaw === null);
}

function liquidateIsolated(
  world: World,
  account: Account,
  ledger: Ledger,
  position: Position,
): boolean {
  const { market } = position;
  const equity = isolatedEquity(position);
  if (equity >= maintenanceOf(position)) return false;
  announceLiquidation(world, account, ledger, totals(account, ledger));
  for (const order of account.open.values()) {
    if (order.market === market) cancelResting(world, order, "liquidatedCanceled");
  }
  stopTwaps(world, (twap) => twap.account === account && twap.market === market);
  const lotsBefore = position.lots;
  const freeBefore = crossRaw(ledger);
  if (equity >= 0) closeAtMarket(world, account, position, "Isolated");
  const left = isolatedEquity(position);
  if (position.lots !== 0 && left < 0) deleverage(world, account, position);
  else if (position.lots !== 0 && isBackstopped(position, left)) {
    const free = crossRaw(ledger);
    takeOver(world, account, position, "Isolated");
    moveToHouse(world, account, ledger, crossRaw(ledger) - free);
  }
  if (position.lots !== 0)
    return position.lots !== lotsBefore && isolatedEquity(position) < maintenanceOf(position);
  // The close released what was left of the position; less than nothing is the house's loss.
  const shortfall = crossRaw(ledger) - freeBefore;
  if (shortfall < 0) moveToHouse(world, account, ledger, shortfall);
  return false;
}

/** Below two thirds of maintenance, in a market that the backstop buys in. */
function isBackstopped(position: Position, equity: number): boolean {
  return !position.market.def.onlyIsolated && 3 * equity < 2 * maintenanceOf(position);
}

function isolatedEquity(position: Position): number {
  return (position.isolatedRaw ?? 0) + position.lots * valuePx(position.market);
}

function maintenanceOf({ market, lots }: Position): number {
  return maintenanceMargin(market.def, Math.abs(lots) * valuePx(market));
}

type Mode = "Cross" | "Isolated";

function liquidationDir(position: Position, mode: Mode): string {
  return `Liquidated ${mode} ${position.lots > 0 ? "Long" : "Short"}`;
}

/** Any price, as much as the book shows; nothing while the book is unknown. A market that is halted has no positions. */
function closeAtMarket(world: World, account: Account, position: Position, mode: Mode): void {
  const { market } = position;
  if (market.tape?.unknown === true) return;
  const side: Side = position.lots > 0 ? "ask" : "bid";
  const oid = world.nextOid;
  world.nextOid += 1;
  const taker = {
    account,
    oid,
    cloid: null,
    side,
    dir: liquidationDir(position, mode),
    liquidates: true,
  };
  const limit = side === "ask" ? 0 : Number.MAX_SAFE_INTEGER;
  sweep(world, market, taker, limit, lotsToSell(world, account, position));
}

/** A fifth of a position worth more than 100k, unless the account is in its cool-down; else the whole. */
function lotsToSell(world: World, account: Account, { market, lots }: Position): number {
  const size = Math.abs(lots);
  const sinceMs = world.nowMs - account.partlyLiquidatedMs;
  const coolingDown = sinceMs > 0 && sinceMs <= COOL_DOWN_MS;
  if (coolingDown || size * valuePx(market) <= PARTIAL_ABOVE_MICRO_USD) return size;
  account.partlyLiquidatedMs = world.nowMs;
  return Math.ceil(size / PARTS);
}

/** The backstop takes the whole position at mark, without a fee. */
function takeOver(world: World, account: Account, position: Position, mode: Mode): void {
  const px = valuePx(position.market);
  closeAgainst(world, account, position, {
    px,
    lots: Math.abs(position.lots),
    against: null,
    dir: liquidationDir(position, mode),
    liquidation: {
      liquidatedUser: account.address,
      markPxTicks: pxTicks(px),
      method: "backstop",
    },
  });
}

/** Moves money (or, when negative, a debt) from the account to the house and records it as a transfer. */
function moveToHouse(world: World, account: Account, ledger: Ledger, amount: number): void {
  if (amount === 0) return;
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd - amount);
  addToHouse(world.house.rawMicroUsd, ledger.dex, amount);
  account.transfers.push({
    venueMs: world.nowMs,
    dex: ledger.dex,
    kind: "backstop",
    microUsd: microUsd(-amount),
    hash: transactionHash(world.nowMs, world.txIndex),
  });
}
