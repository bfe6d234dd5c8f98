import { actionEconomy, actionsAllowed } from "../lib/core/budget.ts";
import type { ActionEconomy } from "../lib/core/budget.ts";
import { planClosing } from "../lib/core/closing.ts";
import { deriveCloid } from "../lib/core/cloid.ts";
import { diffOrders, mostUrgent } from "../lib/core/orderDiff.ts";
import type { OrderDiff } from "../lib/core/orderDiff.ts";
import type { DesiredQuote } from "../lib/core/quotePlan.ts";
import { planQuotes } from "../lib/core/quotes.ts";
import { evaluateRisk } from "../lib/core/riskMode.ts";
import { silenceOf } from "../lib/core/silence.ts";
import type { Command, PlaceCommand } from "../lib/messages/commands.ts";
import type { Event, EventKind } from "../lib/messages/events.ts";
import type { Params } from "../lib/messages/params.ts";
import type { BotState } from "../lib/messages/state.ts";
import type { Step } from "../lib/messages/step.ts";
import { assert } from "../lib/units/assert.ts";
import { ms } from "../lib/units/numbers.ts";
import { closeOut } from "./closeOut.ts";

/** These come often; between two replacements at least `requoteMinMs` pass. What is not safe is acted on at once. */
const THROTTLED: ReadonlySet<EventKind> = new Set<EventKind>([
  "book",
  "outcome",
  "orderUpdate",
  "timer",
  "margin",
]);

/**
 * From what should rest now to the commands that bring it about. Shared by all handlers after which quotes may have to
 * move. When quoting is not safe every resting order is cancelled, at once.
 */
export function requote(event: Event, given: BotState, params: Params): Step {
  const state = evaluateRisk(given, event, params);
  const closing = planClosing(state, event, params);
  if (closing !== null) return closeOut(closing, event, state, params);
  const economy = actionEconomy(state, event.atMs, params);
  const slower = params.budgetEconomics ? economy.requoteFactor : 1;
  const waits = event.atMs - state.orders.lastQuoteMs < params.requoteMinMs * slower;
  if (waits && THROTTLED.has(event.kind)) return { state, commands: [] };
  const plan = planQuotes(state, event, params);
  const { models } = plan;
  const { working } = state.orders;
  const noPlacing = whyNoPlacing(event, state, economy);
  const wanted = diffOrders(plan.quotes, working, {
    sizeToleranceFraction: params.sizeToleranceFraction,
    noPlacing,
    worth: models === undefined ? null : { models, edgeBpsMin: params.edgeBpsMin },
    economy:
      params.budgetEconomics && models !== undefined
        ? {
            actionPriceMicroUsd: economy.priceMicroUsd,
            newOrderPriceMicroUsd: economy.newOrderPriceMicroUsd,
            levels: economy.levels,
          }
        : null,
  });
  const most = actionsAllowed(state.account, false, event.atMs, params);
  const diff = mostUrgent(wanted, working, most);
  const silence = silenceOf(plan, noPlacing, working);
  return { ...command(diff, event, state, params), silence };
}

function whyNoPlacing(event: Event, state: BotState, { levels }: ActionEconomy): string | null {
  if (event.atMs < state.orders.holdPlacesUntilMs) return "the venue has just refused an order";
  if (levels === 0) return "the action budget is used up";
  return null;
}

/** Cancels first, then replacements, then new orders; each order gets the next id of the run. */
function command(diff: OrderDiff, event: Event, state: BotState, params: Params): Step {
  const { spec, runId } = state.run;
  let { orderSeq } = state.run;
  const place = (quote: DesiredQuote): PlaceCommand => {
    assert(spec !== null, "the market is known before an order is made");
    return {
      kind: "place",
      cloid: deriveCloid(spec.market, runId, orderSeq++),
      side: quote.side,
      pxTicks: quote.pxTicks,
      sizeLots: quote.sizeLots,
      tif: quote.tif,
      reduceOnly: quote.reduceOnly,
      expiresMs: ms(event.atMs + params.orderExpiryMs),
      reason: quote.reason,
    };
  };
  const commands: Command[] = [
    ...diff.cancel.map((cloid): Command => ({ kind: "cancel", cloid })),
    ...diff.modify.map(({ replaces, quote }): Command => ({
      ...place(quote),
      kind: "modify",
      replaces,
    })),
    ...diff.place.map(place),
  ];
  if (commands.length === 0) return { state, commands };
  return {
    state: {
      ...state,
      run: { ...state.run, orderSeq },
      orders: { ...state.orders, lastQuoteMs: event.atMs },
    },
    commands,
  };
}
