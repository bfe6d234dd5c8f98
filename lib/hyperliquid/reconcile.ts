import type { AccountReading, OwnFill, VenueOrder } from "../messages/orders.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";
import type { AccountInfo } from "./infoClient.ts";
import type { FundingPayment } from "./schemas/account.ts";

/** The venue's whole word on an account and market, as of one moment. */
export type AccountSnapshot = {
  /** Local time before the first question. */
  readonly askedMs: Ms;
  readonly openOrders: readonly VenueOrder[];
  readonly reading: AccountReading;
  /** From the watermark on, the watermark's own millisecond included; oldest first. */
  readonly fills: readonly OwnFill[];
  readonly fundings: readonly FundingPayment[];
  readonly budget: { readonly used: number; readonly cap: number };
};

/** The account traded while it was read, more often than we tried. Try again when it is quieter. */
export class UnsettledAccount extends Error {
  override readonly name = "UnsettledAccount";
}

const ATTEMPTS_MAX = 3;

export type ReconcileInfo = Pick<
  AccountInfo,
  "fillsSince" | "fundingsSince" | "openOrders" | "clearinghouseState" | "rateLimit"
>;

/**
 * Reads open orders, position, margin, fills, funding and the address budget so that they agree with one another: the
 * venue answers them one by one, so fills are read before and after, and when one came in between it starts over.
 *
 * @throws UnsettledAccount after three such attempts; TransportError, InfoError, WireError from the questions
 */
export async function readAccount(
  info: ReconcileInfo,
  clock: Clock,
  fillsFromMs: Ms,
  fundingsFromMs: Ms,
): Promise<AccountSnapshot> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const askedMs = clock.nowMs();
    const before = await info.fillsSince(fillsFromMs);
    const [openOrders, reading, fundings, budget] = await Promise.all([
      info.openOrders(),
      info.clearinghouseState(),
      info.fundingsSince(fundingsFromMs),
      info.rateLimit(),
    ]);
    const fills = await info.fillsSince(fillsFromMs);
    if (fills.length === before.length) {
      const { used, cap } = budget;
      return { askedMs, openOrders, reading, fills, fundings, budget: { used, cap } };
    }
  }
  throw new UnsettledAccount(`the account traded during each of ${ATTEMPTS_MAX} readings`);
}
