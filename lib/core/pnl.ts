import type { AccountReading } from "../messages/orders.ts";
import type { LedgerSlice } from "../messages/state.ts";
import { microUsd } from "../units/numbers.ts";
import type { MicroUsd } from "../units/numbers.ts";
import { signedValueMicroUsd } from "./ledger.ts";

/**
 * Profit since the baseline, closed against the venue's own account value. The three parts of trading are multiples
 * of half a micro-USD, because a mid may lie half a tick off; their sum is whole.
 */
export type ClosedPnl = {
  /** Earned against the mid at the moment of each fill. */
  readonly spreadMicroUsd: number;
  /** Moves of the mid against (negative) or for our fills within the markout horizon. */
  readonly adverseMicroUsd: number;
  /** Everything else the position did, the baseline's position and the difference between mark and mid included. */
  readonly inventoryMicroUsd: number;
  readonly fundingMicroUsd: MicroUsd;
  /** Positive is paid. */
  readonly feesMicroUsd: MicroUsd;
  /** spread + adverse + inventory + funding - fees. */
  readonly totalMicroUsd: MicroUsd;
  /** Change of the venue's account value since the baseline. */
  readonly accountChangeMicroUsd: MicroUsd;
  /** account change - total: 0 once every fill and funding has arrived and nothing was deposited or withdrawn. */
  readonly residualMicroUsd: MicroUsd;
};

/** @returns null before the account was first read. */
export function closePnl(ledger: LedgerSlice, reading: AccountReading): ClosedPnl | null {
  const { baseline, cashMicroUsd, fundingMicroUsd, feesMicroUsd } = ledger;
  if (baseline === null) return null;
  const trading = cashMicroUsd + signedValueMicroUsd(reading) - signedValueMicroUsd(baseline);
  const spreadMicroUsd = ledger.pnl.spread / 2;
  const adverseMicroUsd = ledger.pnl.adverse / 2;
  const totalMicroUsd = microUsd(trading + fundingMicroUsd - feesMicroUsd);
  const accountChangeMicroUsd = microUsd(reading.equityMicroUsd - baseline.equityMicroUsd);
  return {
    spreadMicroUsd,
    adverseMicroUsd,
    inventoryMicroUsd: trading - spreadMicroUsd - adverseMicroUsd,
    fundingMicroUsd,
    feesMicroUsd,
    totalMicroUsd,
    accountChangeMicroUsd,
    residualMicroUsd: microUsd(accountChangeMicroUsd - totalMicroUsd),
  };
}
