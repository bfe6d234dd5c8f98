import { actionsLeft, cancelsLeft } from "../lib/core/budget.ts";
import type { ClosingPlan } from "../lib/core/closing.ts";
import { countClosing } from "../lib/core/closingState.ts";
import type { DesiredQuote } from "../lib/core/quotePlan.ts";
import { silenceOf } from "../lib/core/silence.ts";
import type { Command } from "../lib/messages/commands.ts";
import type { Event } from "../lib/messages/events.ts";
import type { WorkingOrder } from "../lib/messages/orders.ts";
import type { Params } from "../lib/messages/params.ts";
import type { BotState } from "../lib/messages/state.ts";
import type { Step } from "../lib/messages/step.ts";
import { makePlace } from "./makePlace.ts";

/** A reading of the account older than this is asked for again with an order that closes. */
const FRESH_MS = 1_000;

/**
 * The way to flat as commands. Ordinary orders go at once. Of reducing ones there is one: it is kept while it fits,
 * moved in one action when it does not, and nothing new is sent while an earlier one is on its way or unanswered.
 */
export function closeOut(plan: ClosingPlan, event: Event, state: BotState, params: Params): Step {
  const quote = plan.quotes[0] ?? null;
  const orders = Object.values(state.orders.working);
  const resting = orders.filter((order) => order.phase === "resting");
  const kept = quote === null ? null : orderToKeep(quote, resting);
  const cancelsFirst = whyCancelsFirst(quote, kept, resting, state);
  const why = whyWait(orders, event, state, params) ?? cancelsFirst;
  const fits = quote !== null && kept !== null && matches(quote, kept, params);
  const sends = quote !== null && !fits && why === null;
  const makesWay = quote?.tif === "Ioc" && (sends || cancelsFirst !== null);
  const stays = kept !== null && (fits || !makesWay);
  const commands: Command[] = resting
    .filter((order) => !(stays && order === kept))
    .map(({ cloid }) => ({ kind: "cancel", cloid }));
  const silence = silenceOf(
    { ...plan, block: quote === null ? plan.block : null },
    sends || kept !== null ? null : why,
    state.orders.working,
  );
  const asked = questions(event, state, sends);
  if (!sends)
    return { state: touched(state, commands, event), commands: [...commands, ...asked], silence };
  const { place, next } = makePlace(quote, event, state, params);
  const sent: Command =
    kept !== null && quote.tif === "Alo"
      ? { ...place, kind: "modify", replaces: kept.cloid }
      : place;
  const counted = countClosing(next, quote.tif === "Ioc" ? 1 : 0);
  return {
    state: touched(counted, [sent], event),
    commands: [...commands, sent, ...asked],
    silence,
  };
}

function touched(state: BotState, commands: readonly Command[], event: Event): BotState {
  if (commands.length === 0) return state;
  return { ...state, orders: { ...state.orders, lastQuoteMs: event.atMs } };
}

/** The resting order nearest to what is wanted, of those that reduce on its side. */
function orderToKeep(quote: DesiredQuote, resting: readonly WorkingOrder[]): WorkingOrder | null {
  let best: WorkingOrder | null = null;
  for (const order of resting) {
    if (!order.reduceOnly || order.side !== quote.side || order.tif !== "Alo") continue;
    const away = Math.abs(order.pxTicks - quote.pxTicks);
    if (best === null || away < Math.abs(best.pxTicks - quote.pxTicks)) best = order;
  }
  return best;
}

/** Never larger than wanted: the venue shrinks what is too large, we do not rely on it. */
function matches(quote: DesiredQuote, order: WorkingOrder, params: Params): boolean {
  const missing = quote.sizeLots - order.leavesLots;
  return (
    quote.tif === "Alo" &&
    missing >= 0 &&
    missing <= params.sizeToleranceFraction * quote.sizeLots &&
    Math.abs(order.pxTicks - quote.pxTicks) <= quote.toleranceTicks
  );
}

/** Why no new order now, although one may be wanted; null when it may go. */
function whyWait(
  orders: readonly WorkingOrder[],
  event: Event,
  state: BotState,
  params: Params,
): string | null {
  const closing = state.risk.closing ?? null;
  const underWay = orders.some((order) => order.reduceOnly && order.phase !== "resting");
  if (underWay) return "an earlier order that reduces is not settled yet";
  if (closing !== null && event.atMs < closing.retryMs)
    return "the venue has just refused an order";
  if (closing === null && event.atMs < state.orders.holdPlacesUntilMs)
    return "the venue has just refused an order";
  const spent = closing !== null && closing.actions >= params.closingActionsMax;
  const slow = spent || actionsLeft(state.account, params) < 1;
  const paceMs = slow ? params.closingSlowMs : params.requoteMinMs;
  return event.atMs - state.orders.lastQuoteMs < paceMs ? "the last change is too recent" : null;
}

/** Where even cancels are throttled, one action passes in ten seconds: an order waits for the last cancel. */
function whyCancelsFirst(
  quote: DesiredQuote | null,
  kept: WorkingOrder | null,
  resting: readonly WorkingOrder[],
  { account }: BotState,
): string | null {
  const moved = quote?.tif === "Alo" ? kept : null;
  const others = resting.some((order) => order !== moved);
  return others && cancelsLeft(account) < 1 ? "cancels go first, one in ten seconds" : null;
}

/**
 * Fresh reads: the margin with each order that is sent, the whole account when closing begins in earnest, so that what
 * only the venue knows of is cancelled too, and after a refusal.
 */
function questions(event: Event, state: BotState, sends: boolean): readonly Command[] {
  const { risk, account } = state;
  const begins = (risk.mode === "flatten" || risk.mode === "halted") && risk.sinceMs === event.atMs;
  const refused = event.kind === "outcome" && (risk.closing?.refusals ?? 0) === 1;
  if (begins || refused) return [{ kind: "reconcile" }];
  if (sends && event.atMs - account.readMs > FRESH_MS) return [{ kind: "readMargin" }];
  return [];
}
