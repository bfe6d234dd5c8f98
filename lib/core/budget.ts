import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { AccountSlice, BotState, LedgerSlice } from "../messages/state.ts";
import type { Ms } from "../units/numbers.ts";
import { paceAt, spentPerHour } from "./pace.ts";

/** Actions allowed on trust until the venue's own count has been read once. */
const UNREAD_ALLOWANCE = 1_000;
const HOUR_MS = 3_600_000;
/** The venue counts a traded dollar as one action, in growth mode as a tenth (hyperliquid rate limits). */
const ACTIONS_PER_USD = 1;
const GROWTH_SHARE = 0.1;
/** Of what has lately been earned, this much is counted on. */
const TRUSTED_EARNINGS = 0.8;
/** With less than this left, every action costs more whatever the pace. */
const SCARCE = 2_000;
/** How steeply the price follows spending beyond balance: twice the balance costs sixteen times as much. */
const PACE_POWER = 4;
/** Below this multiple of the reference price actions are plenty. */
const PLENTY = 2;
const PRICE_FLOOR = 0.1;
const PRICE_CAP = 1e6;
/** Once the budget is used up the venue lets one action through in so many milliseconds. */
export const THROTTLED_EVERY_MS = 10_000;
/** The same for quotes, which would rather wait than be refused: measured, one passes in about eleven seconds. */
const PACED_EVERY_MS = 11_000;
/** The venue sells actions at this price, micro-USD (`reserveRequestWeight`). */
const RESERVED_ACTION_MICRO_USD = 500;

/**
 * Actions left in the address budget by the venue's last count and what we sent since. Every order, modify and cancel
 * in a batch counts one (hyperliquid rate limits, address-based).
 */
export function actionsLeft(account: AccountSlice, params: Params): number {
  const { budget, usedSinceRead } = account;
  if (budget === null) return params.cancelReserve + UNREAD_ALLOWANCE - usedSinceRead;
  return budget.cap - budget.used - usedSinceRead;
}

/** The venue takes cancels beyond the cap up to twice it, at most so many more (hyperliquid rate limits). */
const CANCEL_EXTRA = 100_000;

/** Cancels that the venue takes without throttling; without end until its count has been read. */
export function cancelsLeft({ budget, usedSinceRead }: AccountSlice): number {
  if (budget === null) return Infinity;
  const { cap, used } = budget;
  return Math.min(cap + CANCEL_EXTRA, 2 * cap) - used - usedSinceRead;
}

/** Actions that places and modifies may use at full pace: what is left beyond the reserve for reducing. */
export function actionsForPlacing(account: AccountSlice, params: Params): number {
  return Math.max(0, actionsLeft(account, params) - params.cancelReserve);
}

/**
 * Beyond that, actions that may still be placed one in ten seconds, which the venue always lets through: until cancels
 * would run short, which the venue takes for longer.
 */
function actionsAtPace(account: AccountSlice, params: Params): number {
  return Math.max(0, cancelsLeft(account) - params.cancelReserve);
}

/** How quoting adapts to what is left. Each mode keeps the limits of the one before. */
type BudgetMode = "free" | "lean" | "scarce" | "spent" | "throttled";

type ModeLimits = { readonly levels: number; readonly requoteFactor: number };

/** What one action in ten seconds can keep at the market: the best two orders of a side. */
const PACED = { levels: 2, requoteFactor: 20 };

/** Actions for placing below which a mode begins, and what it allows. */
const MODES: readonly (ModeLimits & { readonly mode: BudgetMode; readonly below: number })[] = [
  { mode: "scarce", below: 500, levels: 2, requoteFactor: 20 },
  { mode: "lean", below: 1_500, levels: 5, requoteFactor: 4 },
];

export type ActionEconomy = {
  readonly mode: BudgetMode;
  /** What one action costs us now, micro-USD of expected gain that it has to beat. */
  readonly priceMicroUsd: number;
  /**
   * The same for an order where none stands yet: nothing while actions are plenty, because a far level is placed once in
   * hours, and what it catches when the market falls is in no average.
   */
  readonly newOrderPriceMicroUsd: number;
  /**
   * How much further out quotes aim while actions are dear: linear in the pace of spending, because orders that have to be
   * moved at the minimum edge are moved whatever it costs, and seldom where they stand far from it.
   */
  readonly cushionFactor: number;
  /** Most levels a side; 0 when nothing may be placed any more. */
  readonly levels: number;
  /** Multiplies the least time between two replacements. */
  readonly requoteFactor: number;
  readonly left: number;
  /** Mean of the last hours. */
  readonly spentPerHour: number;
  readonly earnedPerHour: number;
  /** Hours until one action in ten seconds is all, at the pace of the last hours; null when it lasts for ever. */
  readonly runwayHours: number | null;
};

/**
 * The price of an action: the reference price while spending is in balance with what the budget and earnings carry
 * over the horizon, steeply more beyond it, and more again the less is left. Because the balance shrinks in proportion
 * to what is left, spending slows down by itself; the modes below are for when it comes to the end. Then the price is that
 * of what may still be placed one in ten seconds.
 */
export function actionEconomy(state: BotState, nowMs: Ms, params: Params): ActionEconomy {
  const { account, ledger } = state;
  const left = actionsForPlacing(account, params);
  const pace = paceAt(account.pace, nowMs);
  const earnedPerHour = earnings(ledger, state.run.spec, nowMs);
  const horizonHours = params.budgetHorizonMs / HOUR_MS;
  const stock = left >= 1 ? left : actionsAtPace(account, params);
  const balanced = stock / horizonHours + TRUSTED_EARNINGS * earnedPerHour;
  const scarcity = (1 + SCARCE / Math.max(1, stock)) ** 2;
  const factorAt = (perHour: number): number => {
    const strain = balanced <= 0 ? PRICE_CAP : (perHour / balanced) ** PACE_POWER;
    return Math.min(PRICE_CAP, Math.max(PRICE_FLOOR, strain) * scarcity);
  };
  const priceMicroUsd = params.actionPriceMicroUsd * factorAt(pace.fastPerHour);
  const spent = spentPerHour(account.pace, nowMs);
  // The slow mean: the ladder of a start is no reason to stand further out for the minutes after it.
  const cushionFactor = factorAt(pace.slowPerHour) ** (1 / PACE_POWER);
  const burn = spent - earnedPerHour;
  return {
    ...limitsOf(account, params),
    priceMicroUsd,
    // A burst, such as the ladder after a restart, must not keep the next ladder from being placed.
    newOrderPriceMicroUsd: factorAt(pace.slowPerHour) < PLENTY ? 0 : priceMicroUsd,
    cushionFactor,
    left,
    spentPerHour: spent,
    earnedPerHour,
    runwayHours: burn <= 0 ? null : left / burn,
  };
}

function limitsOf(account: AccountSlice, params: Params): ModeLimits & { mode: BudgetMode } {
  const left = actionsForPlacing(account, params);
  if (left < 1) {
    const mode = actionsLeft(account, params) < 1 ? "throttled" : "spent";
    const ended = actionsAtPace(account, params) < 1;
    return { mode, ...PACED, ...(ended ? { levels: 0 } : {}) };
  }
  const found = MODES.find(({ below }) => left < below);
  if (account.budget === null || found === undefined)
    return { mode: "free", levels: Infinity, requoteFactor: 1 };
  return found;
}

/** Actions earned per hour by trading, over what is known of the last day. */
function earnings(ledger: LedgerSlice, spec: MarketSpec | null, nowMs: Ms): number {
  const { hours } = ledger.recent;
  const first = hours[0];
  if (first === undefined || spec === null) return 0;
  let usd = 0;
  for (const entry of hours) usd += (entry.makerMicroUsd + entry.takerMicroUsd) / 1e6;
  const perUsd = ACTIONS_PER_USD * (spec.growthMode ? GROWTH_SHARE : 1);
  const known = Math.max(1, Math.min(24, (nowMs - first.hour * HOUR_MS) / HOUR_MS));
  return (usd * perUsd) / known;
}

/**
 * Orders that may be sent in this step: what is left for the kind, where those that reduce the position may use the
 * reserve; beyond it one in some ten seconds, which in the throttled regime is the venue's rule and before it our own.
 */
export function actionsAllowed(
  account: AccountSlice,
  reducing: boolean,
  nowMs: Ms,
  params: Params,
): number {
  const left = actionsLeft(account, params) - (reducing ? 0 : params.cancelReserve);
  if (left >= 1) return left;
  if (!reducing && actionsAtPace(account, params) < 1) return 0;
  const everyMs = reducing ? THROTTLED_EVERY_MS : PACED_EVERY_MS;
  return nowMs - (account.pace?.atMs ?? 0) >= everyMs ? 1 : 0;
}

/** Whether buying actions from the venue would pay, in words. Nothing is bought by the program. */
export function reserveAdvice(economy: ActionEconomy): string {
  const { runwayHours, priceMicroUsd } = economy;
  const each = (RESERVED_ACTION_MICRO_USD / 1e6).toFixed(4);
  if (runwayHours === null)
    return "Trading earns the actions that quoting spends; there is nothing to reserve.";
  const hours = runwayHours.toFixed(1);
  if (priceMicroUsd < RESERVED_ACTION_MICRO_USD)
    return (
      `${hours} h of actions are left at this pace; an action is worth ` +
      `${(priceMicroUsd / 1e6).toFixed(6)} here and costs ${each} USDC with reserveRequestWeight: do not reserve.`
    );
  const needed = Math.max(0, Math.ceil((economy.spentPerHour - economy.earnedPerHour) * 24));
  const cost = ((needed * RESERVED_ACTION_MICRO_USD) / 1e6).toFixed(2);
  return (
    `${hours} h of actions are left at this pace; reserving ${needed} for a day costs ${cost} USDC ` +
    "with reserveRequestWeight, and quoting slower costs more than that."
  );
}
