import { microUsd, pxTicks } from "../../units/numbers.ts";
import { closeAgainstHouse } from "./closeAgainstHouse.ts";
import { gather } from "./abstraction.ts";
import { crossRaw } from "./ledger.ts";
import { maintenanceMargin, sharedSolvency, totals, valuePx } from "./margin.ts";
import type { Totals } from "./margin.ts";
import { sweep } from "./match.ts";
import { addToHouse } from "./model.ts";
import type { Account, Ledger, Position, World } from "./model.ts";
import { cancelAll, cancelResting } from "./orders.ts";
import { HOUSE_ADDRESS, transactionHash } from "./ids.ts";
import type { Side } from "../../units/grid.ts";

/*
 * Liquidation at mark (trading/liquidations, simplified): equity below maintenance cancels the orders and closes the
 * positions at market for their full size (the venue closes large ones in parts); what the book does not take while equity
 * is below two thirds of maintenance goes with its margin to the backstop, here the house. A shortfall after a bad close
 * is made good by the house as a visible "backstop" transfer: an account's equity never ends below zero unseen.
 */

/** Looks at every account with positions; call after marks changed or accounts traded. */
export function liquidateUnderwater(world: World): void {
  for (const account of world.accounts.values()) {
    for (const ledger of account.ledgers.values()) {
      if (ledger.positions.size === 0 && ledger.rawMicroUsd >= 0) continue;
      for (const position of ledger.positions.values()) {
        if (position.isolatedRaw !== null) liquidateIsolated(world, account, ledger, position);
      }
      liquidateCross(world, account, ledger);
    }
  }
}

function liquidateCross(world: World, account: Account, ledger: Ledger): void {
  const before = totals(account, ledger);
  if (before.crossNtl === 0) {
    // A fee or a close can take the last free cash below zero.
    if (before.crossValue < 0) coverDebt(world, account, ledger);
    return;
  }
  const shared = sharedSolvency(account, ledger.dex);
  if (before.crossValue + shared >= before.crossMaintenance) return;
  announceLiquidation(world, account, before);
  cancelAll(world, account, "liquidatedCanceled", ledger.dex);
  for (const position of crossPositions(ledger)) closeAtMarket(world, account, position, "Cross");
  const after = totals(account, ledger);
  const left = after.crossValue + sharedSolvency(account, ledger.dex);
  if (after.crossNtl > 0 && 3 * left < 2 * after.crossMaintenance) {
    gather(world, account, ledger);
    for (const position of crossPositions(ledger)) takeOver(world, account, position, "Cross");
    moveToHouse(world, account, ledger, crossRaw(ledger));
  } else if (after.crossNtl === 0 && after.crossValue < 0) {
    coverDebt(world, account, ledger);
  }
}

/** Money below zero in a dex: the spot balance of a unified account pays first, then the house. */
function coverDebt(world: World, account: Account, ledger: Ledger): void {
  gather(world, account, ledger);
  const value = totals(account, ledger).crossValue;
  if (value < 0) moveToHouse(world, account, ledger, value);
}

function announceLiquidation(world: World, account: Account, sums: Totals): void {
  world.emit({
    kind: "liquidation",
    lid: world.nextLid,
    liquidator: HOUSE_ADDRESS,
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
): void {
  const { market } = position;
  if (isolatedEquity(position) >= maintenanceOf(position)) return;
  announceLiquidation(world, account, totals(account, ledger));
  for (const order of account.open.values()) {
    if (order.market === market) cancelResting(world, order, "liquidatedCanceled");
  }
  const freeBefore = crossRaw(ledger);
  closeAtMarket(world, account, position, "Isolated");
  const remains = ledger.positions.has(market.def.coin);
  if (!remains) {
    // The close released what was left of the position; less than nothing is the house's loss.
    const shortfall = crossRaw(ledger) - freeBefore;
    if (shortfall < 0) moveToHouse(world, account, ledger, shortfall);
  } else if (3 * isolatedEquity(position) < 2 * maintenanceOf(position)) {
    const free = crossRaw(ledger);
    takeOver(world, account, position, "Isolated");
    moveToHouse(world, account, ledger, crossRaw(ledger) - free);
  }
}

function isolatedEquity(position: Position): number {
  return (position.isolatedRaw ?? 0) + position.lots * valuePx(position.market);
}

function maintenanceOf(position: Position): number {
  const { market } = position;
  return maintenanceMargin(Math.abs(position.lots) * valuePx(market), market.def.maxLeverage);
}

type Mode = "Cross" | "Isolated";

function liquidationDir(position: Position, mode: Mode): string {
  return `Liquidated ${mode} ${position.lots > 0 ? "Long" : "Short"}`;
}

/** Any price, as much as the book shows; nothing while the book is unknown. */
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
  sweep(world, market, taker, limit, Math.abs(position.lots));
}

/** The backstop takes the whole position at mark, without a fee. */
function takeOver(world: World, account: Account, position: Position, mode: Mode): void {
  const markPxTicks = pxTicks(valuePx(position.market));
  closeAgainstHouse(world, account, position, {
    dir: liquidationDir(position, mode),
    liquidation: { liquidatedUser: account.address, markPxTicks, method: "backstop" },
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
