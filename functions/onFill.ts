import { applyFillToLedger, markLedger } from "../lib/core/ledger.ts";
import { midX2Before } from "../lib/core/marketView.ts";
import { applyFill, findOrder } from "../lib/core/orderReports.ts";
import { openMarkout } from "../lib/core/quality.ts";
import { evaluateRisk } from "../lib/core/riskMode.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { midOf, withLedger, withQuality, withWorking } from "./withSlices.ts";

/**
 * We traded: position, cash and the order's rest change, limits are looked at again, quotes lean the other way. The
 * fill is measured against the mid before its trade, the position is valued at the mid of now.
 */
export const onFill: Handler<"fill"> = (event, state, params) => {
  const { fill, atMs } = event;
  const mid = midOf(state, event.view);
  const before = midX2Before(event.view, fill.venueMs) ?? mid;
  const traded = applyFillToLedger(state.ledger, fill, before, atMs, params);
  const ledger = markLedger(traded, mid, atMs, params);
  const { working } = state.orders;
  const order = findOrder(working, fill.cloid, fill.oid);
  const isOurs = traded.fills.count > state.ledger.fills.count;
  const quality = isOurs
    ? openMarkout(state.quality, fill, order?.reason ?? null, before)
    : state.quality;
  const booked = withQuality(withLedger(state, ledger), quality);
  const filled = withWorking(booked, applyFill(working, fill));
  return requote(event, evaluateRisk(filled, event, params), params);
};
