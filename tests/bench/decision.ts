import { dispatch } from "../../functions/index.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { checkRisk } from "../../lib/core/risk.ts";
import { recordInFlight } from "../../lib/core/orderPhase.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { Params } from "../../lib/messages/params.ts";
import type { BotState, OrdersSlice } from "../../lib/messages/state.ts";
import { microUsd, ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { START_MS, at, quotingState, reading } from "../support/coreFixtures.ts";
import { median, quantile, round } from "./measure.ts";

export type DecisionTimes = {
  readonly orders: number;
  /** A book event that changes nothing, one that moves every quote, and one for which nothing rests yet. */
  readonly looking: Times;
  readonly moving: Times & { readonly commands: number };
  readonly placing: Times & { readonly commands: number };
};
type Times = { readonly p50Us: number; readonly p99Us: number };

const BOOK_LEVELS = 20;
const WARM = 100;
const CALLS = 600;

/** Time from a book event to approved commands: handler, risk check and record, with so many levels a side. */
export function benchDecision(levels: number): DecisionTimes {
  const params: Params = {
    ...defaultParams,
    orderLevels: levels,
    // As much as feeds every level with more than the venue's least order.
    capitalMicroUsd: microUsd(levels * 1_000_000_000),
    requoteMinMs: ms(0),
    budgetEconomics: false,
  };
  const start = quotingState();
  const rich: BotState = {
    ...start,
    account: {
      ...start.account,
      reading: reading({ equityMicroUsd: params.capitalMicroUsd }),
      budget: { used: 0, cap: 1_000_000 },
    },
  };
  const placing = measure(() => [rich, book(0)], params);
  const resting = rested(decide(rich, book(0), params).state);
  const orders = Object.keys(resting.orders.working).length;
  const looking = measure((i) => [resting, book(i % 2)], params);
  const moving = measure((i) => [resting, book(400 + (i % 2))], params);
  return { orders, looking, moving, placing };
}

function measure(
  call: (index: number) => readonly [BotState, Event],
  params: Params,
): Times & { readonly commands: number } {
  const times: number[] = [];
  let commands = 0;
  for (let i = 0; i < WARM + CALLS; i++) {
    const [state, event] = call(i);
    const before = performance.now();
    const decided = decide(state, event, params);
    if (i >= WARM) times.push((performance.now() - before) * 1000);
    ({ commands } = decided);
  }
  return { p50Us: round(median(times)), p99Us: round(quantile(times, 0.99)), commands };
}

function decide(state: BotState, event: Event, params: Params) {
  const handled = dispatch(event, state, params);
  const { approved } = checkRisk(handled.state, handled.commands, event, params);
  return { state: recordInFlight(handled.state, approved, event), commands: approved.length };
}

/** A book of twenty levels a side, so many steps away from where it was. */
function book(steps: number): Event {
  const level = (px: number, i: number) => ({
    pxTicks: pxTicks(px + 10 * steps),
    sizeLots: sizeLots(4_000 + 100 * i),
  });
  const side = (from: number, step: number) =>
    Array.from({ length: BOOK_LEVELS }, (_, i) => level(from + step * i, i));
  return { kind: "book", ...at(START_MS, { bids: side(770_000, -10), asks: side(770_020, 10) }) };
}

/** Everything that was sent rests. */
function rested(state: BotState): BotState {
  const working: OrdersSlice["working"] = Object.fromEntries(
    Object.entries(state.orders.working).map(([cloid, order], i) => [
      cloid,
      { ...order, phase: "resting" as const, oid: i + 1 },
    ]),
  );
  return { ...state, orders: { ...state.orders, working } };
}
