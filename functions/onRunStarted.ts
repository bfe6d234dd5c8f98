import type { WorkingOrder } from "../lib/messages/orders.ts";
import type { Handler } from "../lib/messages/step.ts";
import { assert } from "../lib/units/assert.ts";

/**
 * The bot starts; a clean start and one after a crash are the same. Nothing that the last run believed about its
 * orders or feeds is trusted until the venue has been asked. A halt stays.
 * @throws AssertionError when the state belongs to another market
 */
export const onRunStarted: Handler<"runStarted"> = (event, state) => {
  const { spec, runId } = event;
  const before = state.run.spec?.market ?? spec.market;
  assert(
    before === spec.market,
    `one data folder serves one market: it belongs to ${before}, started for ${spec.market}`,
  );
  const working: { [cloid: string]: WorkingOrder } = {};
  for (const order of Object.values(state.orders.working))
    working[order.cloid] = { ...order, phase: "unresolved", replaces: null, queueAheadLots: null };
  return {
    state: {
      ...state,
      run: {
        runId,
        spec,
        phase: "starting",
        orderSeq: 0,
        feeds: { market: "lost", account: "lost" },
        reconcileFailure: null,
        reconciledMs: null,
      },
      orders: { ...state.orders, working },
      account: { ...state.account, reading: null, failure: null, budget: null, usedSinceRead: 0 },
    },
    commands: [{ kind: "reconcile" }],
  };
};
