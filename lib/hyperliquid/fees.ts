import type { MarketSpec } from "../messages/market.ts";
import type { UserFees } from "./schemas/info.ts";

const BPS = 10_000;
/** Growth mode cuts protocol fees and rebates by nine tenths. */
const GROWTH = 0.1;

/**
 * What a fill on this market costs this account, in basis points; a negative maker fee is a rebate.
 *
 * maker > 0: rate · growth · hip3 · (1 − referral); maker < 0: rate · growth, as the deployer has no share in a rebate;
 * taker: rate · hip3 · growth · (1 − referral); hip3 = 1 + scale below a scale of 1, else 2 · scale.
 *
 * @param fees the account's rates as fractions, staking discount included
 * @param deployerFeeScale 0 on the validator-run dex, where hip3 is 1
 * @see the venue's fees page, "fee formula for developers". Aligned quote assets give nothing since 2026.
 */
export function effectiveFees(
  fees: UserFees,
  deployerFeeScale: number,
  growthMode: boolean,
): Pick<MarketSpec, "makerFeeBps" | "takerFeeBps"> {
  const hip3 = deployerFeeScale < 1 ? 1 + deployerFeeScale : 2 * deployerFeeScale;
  const growth = growthMode ? GROWTH : 1;
  const referral = 1 - fees.activeReferralDiscount;
  const maker = fees.userAddRate * growth * (fees.userAddRate > 0 ? hip3 * referral : 1);
  const taker = fees.userCrossRate * growth * hip3 * referral;
  return { makerFeeBps: toBps(maker), takerFeeBps: toBps(taker) };
}

/** Cut to a millionth of a basis point: the rest is the noise of binary fractions. */
function toBps(rate: number): number {
  return Math.round(rate * BPS * 1e6) / 1e6;
}
