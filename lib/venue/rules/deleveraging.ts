import { closeAgainst } from "./closeAgainst.ts";
import { backingValue, valuePx } from "./margin.ts";
import type { Account, Market, Position, World } from "./model.ts";
import { shrinkToPosition } from "./reduceOnly.ts";

/*
 * Auto-deleveraging (trading/auto-deleveraging): when an account's value, or an isolated position's, is below zero, those
 * who hold the other side are ranked by profit and leverage, (mark / entry) * (notional / account value), and are closed at
 * the previous mark against it. Assumed: entry / mark for shorts; the simulated crowd, which has no account value, comes last.
 */

/** Closes the whole position against its counterparties. */
export function deleverage(world: World, account: Account, position: Position): void {
  const { market } = position;
  const px = market.prices.previousMark ?? valuePx(market);
  for (const counter of ranked(world, market, Math.sign(position.lots), account)) {
    const open = Math.abs(position.lots);
    if (open === 0) return;
    const held = counter.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
    const lots = Math.min(open, Math.abs(held?.lots ?? 0));
    if (lots === 0) continue;
    closeAgainst(world, account, position, { dir: DIR, px, lots, against: counter });
    shrinkToPosition(world, counter, market);
    world.deleveraged = true;
  }
  const left = Math.abs(position.lots);
  if (left > 0) closeAgainst(world, account, position, { dir: DIR, px, lots: left, against: null });
}

const DIR = "Auto-Deleveraging";

/** Accounts on the other side, the first to be closed first. */
function ranked(world: World, market: Market, side: number, loser: Account): readonly Account[] {
  const found: { readonly account: Account; readonly rank: number }[] = [];
  for (const account of world.accounts.values()) {
    const position = account.ledgers.get(market.def.dex)?.positions.get(market.def.coin);
    if (account === loser || position === undefined) continue;
    if (Math.sign(position.lots) === -side) found.push({ account, rank: rank(account, position) });
  }
  return found.toSorted((a, b) => b.rank - a.rank).map(({ account }) => account);
}

function rank(account: Account, position: Position): number {
  const mark = valuePx(position.market);
  const entry = position.costMicroUsd / position.lots;
  const profit = position.lots > 0 ? mark / entry : entry / mark;
  const value = backingValue(account, position.market.def.dex);
  return value <= 0 ? 0 : profit * ((Math.abs(position.lots) * mark) / value);
}
