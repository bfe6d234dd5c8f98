import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import { sideSign } from "../units/grid.ts";
import { planClosing } from "./closing.ts";
import { fairValue } from "./fairValue.ts";
import { inventoryShiftBps } from "./inventory.ts";
import { takeOutOwn } from "./othersBook.ts";
import type { QuoteContext, QuotePlan } from "./quotePlan.ts";
import { valueModel } from "./quoteValue.ts";
import { quoteBlock } from "./safety.ts";
import type { Moment } from "./safety.ts";
import { SESSION_FACTOR, sessionAt } from "./session.ts";
import { sideQuotes } from "./sideQuotes.ts";
import type { SideView } from "./sideQuotes.ts";
import { skewShare } from "./sizing.ts";
import { halfSpread, volatilityBps } from "./spread.ts";
import { fadeBps, measuredAdverseBps, priorAdverseBps } from "./toxicity.ts";

/** What should rest now, and why what does not rest does not. Pure: the same state and moment give the same plan. */
export function planQuotes(state: BotState, moment: Moment, params: Params): QuotePlan {
  const closing = planClosing(state, moment, params);
  if (closing !== null) return closing;
  const block = quoteBlock(state, moment, params);
  const { view } = moment;
  const { spec } = state.run;
  const { reading } = state.account;
  if (block !== null || view === null || spec === null || reading === null)
    return { quotes: [], notes: [], block };
  const others = takeOutOwn(view, state.orders.working);
  const fair = fairValue(others, view.flowImbalance, params);
  if (!fair.ok)
    return { quotes: [], notes: [{ side: "both", text: `no fair value: ${fair.reason}` }], block };
  const { fairTicks } = fair;
  const { positionLots } = state.ledger;
  const context = { view, spec, reading, others, fairTicks, positionLots, params };
  return { ...ladderPlan(context, state, moment), block };
}

function ladderPlan(
  context: QuoteContext,
  state: BotState,
  moment: Moment,
): Omit<QuotePlan, "block"> {
  const { fairTicks, positionLots, reading, params } = context;
  const share = skewShare(positionLots, fairTicks, reading, params);
  const bidSpread = sideSpread(context, state, moment, "bid");
  const askSpread = sideSpread(context, state, moment, "ask");
  const narrower = Math.min(bidSpread.halfSpreadBps, askSpread.halfSpreadBps);
  const shiftBps = inventoryShiftBps(share, narrower, params.inventoryShiftFraction);
  const sessionFactor = sessionWidening(moment, params);
  const viewOf = (spread: typeof bidSpread, side: "bid" | "ask"): SideView => ({
    side,
    spread,
    shiftBps,
    sessionFactor,
    model: valueModel(
      side,
      context.others,
      fairTicks,
      shiftBps,
      spread.feeBps + spread.adverseBps,
      spread.volatilityBps,
      params,
    ),
  });
  const bid = viewOf(bidSpread, "bid");
  const ask = viewOf(askSpread, "ask");
  const plans = [sideQuotes(context, bid), sideQuotes(context, ask)];
  return {
    quotes: plans.flatMap(({ quotes }) => quotes),
    notes: plans.flatMap(({ notes }) => notes),
    models: { bid: bid.model, ask: ask.model },
  };
}

function sideSpread(
  { view, spec, positionLots, params }: QuoteContext,
  { ledger, risk }: BotState,
  moment: Moment,
  side: "bid" | "ask",
): ReturnType<typeof halfSpread> {
  const reducing = sideSign(side) * positionLots < 0;
  const widened = risk.mode === "widened" && !reducing ? params.widenedFactor : 1;
  const experience = ledger.toxicity[side];
  const prior = priorAdverseBps(volatilityBps(view.sigmaBpsPerSqrtSec, params), params);
  return halfSpread(
    {
      side,
      makerFeeBps: spec.makerFeeBps,
      measuredBps: measuredAdverseBps(experience, prior, moment.atMs, params),
      fadeBps: fadeBps(experience, moment.atMs, params),
      sigmaBpsPerSqrtSec: view.sigmaBpsPerSqrtSec,
      flowImbalance: view.flowImbalance,
      widening: widened * sessionWidening(moment, params),
    },
    params,
  );
}

/** The market's own time decides: a replayed tape is as old as its data. */
function sessionWidening({ view, atMs }: Moment, params: Params): number {
  return params.sessionAware ? SESSION_FACTOR[sessionAt(view?.bookVenueMs ?? atMs)] : 1;
}
