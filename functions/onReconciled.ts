import { takeBaseline } from "../lib/core/ledger.ts";
import { comparePosition, settleOrders } from "../lib/core/reconcile.ts";
import type { Command } from "../lib/messages/commands.ts";
import type { EventOf } from "../lib/messages/events.ts";
import type { BotState, RunSlice } from "../lib/messages/state.ts";
import type { Handler } from "../lib/messages/step.ts";
import { requote } from "./requote.ts";
import { midOf } from "./withSlices.ts";

type Snapshot = NonNullable<EventOf<"reconciled">["snapshot"]>;

/**
 * The venue's whole word on our account. Quoting begins, and goes on, only while it agrees with ours. Every fill since
 * the watermark has come as its own event before this one.
 */
export const onReconciled: Handler<"reconciled"> = (event, state, params) => {
  const { snapshot } = event;
  if (snapshot === null) {
    const failure = `reconciliation failed: ${event.failure ?? "no answer"}`;
    return requote(event, withRun(state, disagreed(state.run, failure)), params);
  }
  const { spec } = state.run;
  const market = spec?.market ?? "";
  const { working, strays } = settleOrders(state.orders.working, snapshot, market);
  const settled: BotState = {
    ...state,
    orders: { ...state.orders, working, strays },
    account: { ...state.account, reading: snapshot.reading, readMs: event.atMs, failure: null },
    ledger:
      state.ledger.baseline === null
        ? takeBaseline(state.ledger, snapshot.reading, midOf(state, event.view))
        : state.ledger,
  };
  const compared = withRun(settled, compare(settled, snapshot, event.atMs));
  const step = requote(event, compared, params);
  const extra: Command[] = strays.map((oid) => ({ kind: "cancelOid", oid }));
  if (asksAgain(state.run, compared.run)) extra.push({ kind: "reconcile" });
  return { ...step, commands: [...extra, ...step.commands] };
};

function withRun(state: BotState, run: RunSlice): BotState {
  return { ...state, run };
}

/** Quotes are pulled until the two agree again; a run that is ending goes on ending. */
function disagreed(run: RunSlice, reconcileFailure: string): RunSlice {
  return { ...run, reconcileFailure, phase: run.phase === "stopping" ? "stopping" : "starting" };
}

function compare(state: BotState, snapshot: Snapshot, atMs: RunSlice["reconciledMs"]): RunSlice {
  const { run, ledger, orders } = state;
  const starting = run.phase === "starting";
  const position = comparePosition(ledger, snapshot);
  if (position === "different")
    return disagreed(
      run,
      `the venue's position is ${snapshot.reading.positionLots} lots, ours is ${ledger.positionLots}`,
    );
  if (position === "later")
    return starting ? disagreed(run, "a fill came while the venue was asked") : run;
  if (starting && orders.strays.length > 0)
    return disagreed(run, `${orders.strays.length} unknown orders of ours are being cancelled`);
  const phase = starting ? "quoting" : run.phase;
  return { ...run, phase, reconcileFailure: null, reconciledMs: atMs };
}

/** At once after a new disagreement; a lasting one waits for the timer, so that it cannot eat the request limits. */
function asksAgain(before: RunSlice, after: RunSlice): boolean {
  return after.reconcileFailure !== null && after.reconcileFailure !== before.reconcileFailure;
}
