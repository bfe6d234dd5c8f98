import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import { adverseProfile } from "./adverseProfile.ts";
import type { AdverseProfile } from "./adverseProfile.ts";
import { actionEconomy } from "./budget.ts";
import { planClosing } from "./closing.ts";
import { fairValue } from "./fairValue.ts";
import { intensity, inventoryRisk } from "./intensity.ts";
import type { Intensity } from "./intensity.ts";
import { inventoryShiftBps } from "./inventory.ts";
import { takeOutOwn } from "./othersBook.ts";
import type { QuoteContext, QuotePlan } from "./quotePlan.ts";
import { valueModel } from "./quoteValue.ts";
import { quoteBlock } from "./safety.ts";
import type { Moment } from "./safety.ts";
import { sideQuotes } from "./sideQuotes.ts";
import type { SideView } from "./sideQuotes.ts";
import { skewShare } from "./sizing.ts";
import { halfSpread, volatilityBps } from "./spread.ts";
import type { HalfSpread } from "./spread.ts";
import { fadeBps, measuredAdverseBps, priorAdverseBps } from "./toxicity.ts";
import { totalWidening, wideningOf } from "./widening.ts";
import type { Widening } from "./widening.ts";

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
  const fair = fairValue(others, view.flowImbalance, view.oraclePxTicks, params);
  if (!fair.ok)
    return { quotes: [], notes: [{ side: "both", text: `no fair value: ${fair.reason}` }], block };
  const sigma = view.sigmaBpsPerSqrtSec;
  if (sigma === null)
    return { quotes: [], notes: [{ side: "both", text: "volatility is not known" }], block };
  const { fairTicks } = fair;
  const { positionLots } = state.ledger;
  const context = { view, spec, reading, others, fairTicks, sigma, positionLots, params };
  return { ...ladderPlan(context, state, moment), block };
}

/** What both sides share: how adverse selection grows with distance, and how often and how far takers come. */
type Outlook = {
  readonly profile: AdverseProfile;
  readonly intensity: Intensity;
  readonly inventoryRiskBps: number;
  /** Edge aimed at above the least, so that an order can stay while the market nears it. */
  readonly cushionBps: number;
};

function ladderPlan(
  context: QuoteContext,
  state: BotState,
  moment: Moment,
): Omit<QuotePlan, "block"> {
  const { fairTicks, positionLots, reading, params } = context;
  const share = skewShare(positionLots, fairTicks, reading, params);
  const outlook = outlookOf(context, state, moment);
  const [bidWidening, askWidening] = (["bid", "ask"] as const).map((side) =>
    wideningOf(state, moment, side, params),
  ) as [Widening, Widening];
  const bidSpread = sideSpread(context, state, moment, "bid", outlook, bidWidening);
  const askSpread = sideSpread(context, state, moment, "ask", outlook, askWidening);
  const narrower = Math.min(bidSpread.halfSpreadBps, askSpread.halfSpreadBps);
  const shiftBps = inventoryShiftBps(share, narrower, params.inventoryShiftFraction);
  const viewOf = (side: "bid" | "ask", spread: HalfSpread, widening: Widening): SideView => ({
    side,
    spread,
    shiftBps,
    widening,
    inventoryRiskBps: outlook.inventoryRiskBps,
    model: valueModel(
      side,
      context.others,
      fairTicks,
      shiftBps,
      { costBps: spread.feeBps + spread.adverseBaseBps, profile: outlook.profile },
      outlook.intensity,
      params,
    ),
  });
  const bid = viewOf("bid", bidSpread, bidWidening);
  const ask = viewOf("ask", askSpread, askWidening);
  const plans = [sideQuotes(context, bid), sideQuotes(context, ask)];
  return {
    quotes: plans.flatMap(({ quotes }) => quotes),
    notes: plans.flatMap(({ notes }) => notes),
    models: { bid: bid.model, ask: ask.model },
  };
}

function outlookOf(
  { view, sigma, params }: QuoteContext,
  state: BotState,
  moment: Moment,
): Outlook {
  const arrivals = intensity(view.sweeps, volatilityBps(sigma, params), params);
  const cushionFactor = params.budgetEconomics
    ? actionEconomy(state, moment.atMs, params).cushionFactor
    : 1;
  const risk = inventoryRisk(sigma, arrivals, params.inventoryAversion);
  return {
    profile: adverseProfile(state.ledger.adverse, moment.atMs, params),
    intensity: arrivals,
    inventoryRiskBps: params.inventoryEdgeShare * risk.halfSpreadBps,
    cushionBps: params.edgeCushionBps * cushionFactor,
  };
}

function sideSpread(
  { view, spec, sigma, params }: QuoteContext,
  { ledger }: BotState,
  moment: Moment,
  side: "bid" | "ask",
  { profile, inventoryRiskBps, cushionBps }: Outlook,
  widening: Widening,
): HalfSpread {
  const experience = ledger.toxicity[side];
  const prior = priorAdverseBps(volatilityBps(sigma, params), params);
  return halfSpread(
    {
      side,
      makerFeeBps: spec.makerFeeBps,
      measuredBps: measuredAdverseBps(experience, prior, moment.atMs, params),
      profile,
      fadeBps: fadeBps(experience, moment.atMs, params),
      sigmaBpsPerSqrtSec: sigma,
      flowImbalance: view.flowImbalance,
      inventoryRiskBps,
      cushionBps,
      widening: totalWidening(widening),
    },
    params,
  );
}
