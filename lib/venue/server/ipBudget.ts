const WEIGHT_PER_MINUTE = 1200;
const MINUTE_MS = 60_000;

/** Weight of an `/info` type before its rows are counted (documented, rate-limits). */
export function infoWeight(type: string): number {
  if (LIGHT.has(type)) return 2;
  return type === "userRole" ? 60 : 20;
}

/** Extra weight of an answer for its rows. */
export function rowsWeight(type: string, answer: unknown): number {
  if (!Array.isArray(answer)) return 0;
  if (type === "candleSnapshot") return Math.floor(answer.length / 60);
  return PER_TWENTY_ROWS.has(type) ? Math.floor(answer.length / 20) : 0;
}

/** Weight of an action: one, and one more for every forty entries of its batch. */
export function actionWeight(entries: number): number {
  return 1 + Math.floor(entries / 40);
}

const LIGHT = new Set([
  "l2Book",
  "allMids",
  "clearinghouseState",
  "orderStatus",
  "spotClearinghouseState",
  "exchangeStatus",
]);

const PER_TWENTY_ROWS = new Set([
  "recentTrades",
  "historicalOrders",
  "userFills",
  "userFillsByTime",
  "fundingHistory",
  "userFunding",
  "userNonFundingLedgerUpdates",
  "twapHistory",
  "userTwapSliceFills",
  "userTwapSliceFillsByTime",
]);

/**
 * The limit per IP address: 1200 of weight a minute, refilled evenly. Everybody here comes from one address.
 * How the real venue refills, and that posts over a socket share it, is assumed.
 */
export class IpBudget {
  readonly #enforced: boolean;
  #left = WEIGHT_PER_MINUTE;
  #atMs = 0;

  constructor(enforced: boolean) {
    this.#enforced = enforced;
  }

  /** False when the request is refused (HTTP 429); a refused one costs nothing. */
  admit(weight: number, nowMs: number): boolean {
    if (!this.#enforced) return true;
    const refill = ((nowMs - this.#atMs) * WEIGHT_PER_MINUTE) / MINUTE_MS;
    this.#left = Math.min(WEIGHT_PER_MINUTE, this.#left + refill);
    this.#atMs = nowMs;
    if (this.#left < weight) return false;
    this.#left -= weight;
    return true;
  }

  /** Books weight that is known only after the answer was made. */
  charge(weight: number): void {
    this.#left -= weight;
  }
}
