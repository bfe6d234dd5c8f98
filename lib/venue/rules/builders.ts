import { newAccount } from "./model.ts";
import type { Account, BuilderShare, World } from "./model.ts";
import type { WireBuilder } from "./types.ts";

/** Most that a builder may take of a perp trade: a tenth of a percent, in tenths of a basis point (builder-codes). */
const MAX_TENTHS_BPS = 100;
const PPB_PER_TENTH_BPS = 10_000;

/** The builder's share of an order's fees, null without one, or the refusal (nautilus: text; that it is one for the batch is assumed). */
export function builderShare(
  world: World,
  account: Account,
  wire: WireBuilder | undefined,
): BuilderShare | null | string {
  if (wire === undefined || wire.f === 0) return null;
  if (wire.f > (account.builders.get(wire.b) ?? 0)) return "Builder fee has not been approved";
  const builder = world.accounts.get(wire.b) ?? newAccount(wire.b);
  world.accounts.set(wire.b, builder);
  return { account: builder, ppb: wire.f * PPB_PER_TENTH_BPS };
}

/** `maxFeeRate` is a percentage such as "0.001%"; zero takes the approval back. Null when done; texts assumed. */
export function approveBuilderFee(
  account: Account,
  builder: string,
  maxFeeRate: string,
): string | null {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(maxFeeRate);
  const tenths = match === null ? Number.NaN : Number(match[1]) * 1_000;
  if (!Number.isFinite(tenths)) return `Invalid max fee rate: ${maxFeeRate}`;
  const whole = Math.floor(Number(tenths.toFixed(6)));
  if (whole > MAX_TENTHS_BPS) return "Max builder fee rate is above 0.1%";
  if (whole === 0) account.builders.delete(builder);
  else account.builders.set(builder, whole);
  return null;
}
