import { microUsd } from "../../units/numbers.ts";
import { backingEquity, requiredMargin, totals, valuePx } from "./margin.ts";
import { tierLeverage } from "./marginTables.ts";
import { ledgerOf, leverageOf } from "./model.ts";
import type { Account, Market } from "./model.ts";

/**
 * Sets cross or isolated and the leverage of a market; null when done, else the venue's refusal. With a position open the
 * mode cannot change (measured); an isolated position's collateral stays as it is (measured).
 * That a held position's tier bounds the leverage, that a cross decrease is checked against the equity, and an isolated one against collateral plus free cash, is assumed.
 */
export function updateLeverage(
  account: Account,
  market: Market,
  isCross: boolean,
  leverage: number,
): string | null {
  const { def } = market;
  if (!Number.isInteger(leverage) || leverage < 1 || leverage > def.maxLeverage) {
    return "Invalid leverage value";
  }
  if (isCross && def.onlyIsolated) return "Cross margin is not allowed for this asset.";
  const before = leverageOf(account, def);
  const ledger = ledgerOf(account, def.dex);
  const position = ledger.positions.get(def.coin);
  if (position !== undefined && before.isCross !== isCross) {
    return "Cannot switch leverage type with open position.";
  }
  const held = Math.abs((position?.lots ?? 0) * valuePx(market));
  if (held > 0 && leverage > tierLeverage(def, held)) return "Invalid leverage value";
  const needed = requiredMargin(account, def.dex, null);
  account.leverage.set(def.assetId, { isCross, leverage });
  const sums = totals(account, ledger);
  let refusal: string | null = null;
  if (position !== undefined && position.isolatedRaw !== null && leverage < before.leverage) {
    const value = position.lots * valuePx(market);
    const available = microUsd(position.isolatedRaw + value + Math.max(0, sums.crossValue));
    if (available * leverage < Math.abs(value)) {
      refusal =
        "Isolated position does not have sufficient margin available to decrease leverage. To decrease leverage, add margin to the position.";
    }
  }
  const after = requiredMargin(account, def.dex, null);
  if (refusal === null && after > needed && after > backingEquity(account, def.dex)) {
    refusal = `Insufficient margin to change leverage. asset=${def.assetId}`;
  }
  if (refusal !== null) account.leverage.set(def.assetId, before);
  return refusal;
}
