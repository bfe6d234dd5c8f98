import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blankState, cloidOf, place, restingOrders, viewAround } from "../support/botFixtures.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { Sequencer } from "../../lib/runtime/sequencer.ts";
import type { StepFunctions } from "../../lib/runtime/sequencer.ts";
import { openStore } from "../../lib/store/store.ts";
import type { Store } from "../../lib/store/store.ts";
import { defaultParams } from "../../lib/core/params.ts";
import type { BookEvent } from "../../lib/messages/events.ts";
import type { Approved } from "../../lib/messages/commands.ts";
import { ms, sizeLots } from "../../lib/units/numbers.ts";

export type StepBench = { readonly p50Us: number; readonly p99Us: number; readonly p999Us: number };

const ORDERS = 30;
const BOOK_LEVELS = 20;
const WARM_STEPS = 2000;
const STEPS = 10_000;
/** A bot is idle often; the log is carried over then, as here, outside the measured time. */
const STEPS_PER_CHECKPOINT = 100;

/**
 * The dear case of a step: the slice with all orders is written again, and one action enters the outbox. The handler
 * itself does next to nothing, so this is the cost of making a decision durable.
 */
const functions: StepFunctions = {
  dispatch: (_event, state) => {
    const { working } = state.orders;
    const cloid = cloidOf(state.orders.lastQuoteMs % ORDERS);
    const order = working[cloid];
    if (order === undefined) throw new Error(`the order ${cloid} rests`);
    const changed = { ...order, queueAheadLots: sizeLots((order.queueAheadLots ?? 0) + 1) };
    const lastQuoteMs = ms(state.orders.lastQuoteMs + 1);
    const orders = { ...state.orders, lastQuoteMs, working: { ...working, [cloid]: changed } };
    return { state: { ...state, orders }, commands: [place(1)] };
  },
  checkRisk: (_state, commands) => ({ approved: commands as readonly Approved[], refused: [] }),
  recordInFlight: (state) => state,
  planBatches: (approved, nextNonce) => [
    { nonce: nextNonce(), lane: "quotes", kind: "place", commands: approved, expiresMs: 6000 },
  ],
};

/** Microseconds from a book event to its committed step, with 30 working orders, in a temporary folder. */
export function benchStep(steps = STEPS): StepBench {
  const folder = mkdtempSync(join(tmpdir(), "amm500-bench-"));
  const store = openStore(folder);
  try {
    return measure(store, steps);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(store: Store, steps: number): StepBench {
  const loaded = store.loadState({ ...blankState(), orders: restingOrders(ORDERS) });
  let nonce = 1_700_000_000_000;
  const sequencer = new Sequencer({
    functions,
    params: defaultParams,
    loaded,
    store,
    clock: realClock(),
    nextNonce: () => ++nonce,
    onBatches: () => {},
    onReadMargin: () => {},
    onReconcile: () => {},
    onFatal: (error) => {
      throw error;
    },
    onListenerError: () => {},
    defer: (run) => run(),
  });
  const view = viewAround(690_000, BOOK_LEVELS);
  const tookUs = new Float64Array(steps);
  for (let n = 0; n < WARM_STEPS + steps; n++) {
    const event: BookEvent = {
      kind: "book",
      id: `book:${n}`,
      atMs: ms(1_700_000_000_000 + n),
      view,
    };
    const startMs = performance.now();
    sequencer.post(event);
    if (n >= WARM_STEPS) tookUs[n - WARM_STEPS] = (performance.now() - startMs) * 1000;
    if (n % STEPS_PER_CHECKPOINT === 0) store.checkpoint();
  }
  tookUs.sort();
  const quantile = (q: number): number => tookUs[Math.ceil(q * steps) - 1] ?? Number.NaN;
  return { p50Us: quantile(0.5), p99Us: quantile(0.99), p999Us: quantile(0.999) };
}
