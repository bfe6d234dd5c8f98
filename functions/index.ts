import { arbitrate } from "../lib/core/arbiter.ts";
import { markLedger } from "../lib/core/ledger.ts";
import { settleMarkouts } from "../lib/core/quality.ts";
import type { Event } from "../lib/messages/events.ts";
import type { Params } from "../lib/messages/params.ts";
import type { BotState } from "../lib/messages/state.ts";
import type { AnyHandler, Step } from "../lib/messages/step.ts";
import { unreachable } from "../lib/units/assert.ts";
import { onBook } from "./onBook.ts";
import { onDataFetch } from "./onDataFetch.ts";
import { onFeedState } from "./onFeedState.ts";
import { onFill } from "./onFill.ts";
import { onFunding } from "./onFunding.ts";
import { onMarginTick } from "./onMarginTick.ts";
import { onOperator } from "./onOperator.ts";
import { onOrderUpdate } from "./onOrderUpdate.ts";
import { onOutcome } from "./onOutcome.ts";
import { onReconciled } from "./onReconciled.ts";
import { onRunStarted } from "./onRunStarted.ts";
import { onRunStopping } from "./onRunStopping.ts";
import { onTimer } from "./onTimer.ts";
import { onTrade } from "./onTrade.ts";
import { onVolRetrain } from "./onVolRetrain.ts";
import { midOf, withLedger, withQuality } from "./withSlices.ts";

/**
 * The bot as a function: one event, the state before, the settings; the state after and what should be done. Before
 * the event's own handler the position is valued at the market that the event carries; after it one arbiter says which
 * cancels go now.
 */
export const dispatch: AnyHandler = (event, state, params) => {
  const step = handle(event, valued(event, state, params), params);
  return { ...step, commands: arbitrate(step.commands, event, step.state) };
};

function valued(event: Event, state: BotState, params: Params): BotState {
  const mid = midOf(state, event.view);
  const marked = withLedger(state, markLedger(state.ledger, mid, event.atMs, params));
  return withQuality(marked, settleMarkouts(state.quality, mid, event.atMs));
}

function handle(event: Event, state: BotState, params: Params): Step {
  switch (event.kind) {
    case "book":
      return onBook(event, state, params);
    case "trade":
      return onTrade(event, state, params);
    case "fill":
      return onFill(event, state, params);
    case "orderUpdate":
      return onOrderUpdate(event, state, params);
    case "outcome":
      return onOutcome(event, state, params);
    case "margin":
      return onMarginTick(event, state, params);
    case "reconciled":
      return onReconciled(event, state, params);
    case "funding":
      return onFunding(event, state, params);
    case "operator":
      return onOperator(event, state, params);
    case "feedState":
      return onFeedState(event, state, params);
    case "timer":
      return onTimer(event, state, params);
    case "dataFetch":
      return onDataFetch(event, state, params);
    case "volRetrain":
      return onVolRetrain(event, state, params);
    case "runStarted":
      return onRunStarted(event, state, params);
    case "runStopping":
      return onRunStopping(event, state, params);
    default:
      return unreachable(event);
  }
}
