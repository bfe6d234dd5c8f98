import { dispatch } from "../../functions/index.ts";
import type { EventInput } from "./eventInput.ts";
import { marketInput } from "./inputs.ts";
import { Sequencer } from "./sequencer.ts";
import { planBatches } from "../core/batches.ts";
import { initialState } from "../core/initialState.ts";
import { emptyMarketView, reduceMarketView } from "../core/marketView.ts";
import { recordInFlight } from "../core/orderPhase.ts";
import { checkRisk } from "../core/risk.ts";
import { parseBbo } from "../hyperliquid/schemas/market.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { CommandOutcome } from "../messages/events.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import { openMemoryStore } from "../store/store.ts";
import { formatPx, formatSize } from "../units/decimal.ts";
import { stepTicks } from "../units/grid.ts";
import { FLAT, ms, pxTicks, sizeLots, ZERO_USD } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";

/** Takes about a fifth of a second, while the order workers come up; more makes the first quotes no faster. */
const TOUCHES = 150;
const MID_TICKS = 500_000;
/** $50,000 a level whatever the market, as ticks times lots are micro-dollars: a thin book is not quoted. */
const SHOWN_LOTS = 100_000;
/** Far enough that quotes have to follow. */
const MOVE_STEPS = 12;
/** Between touches, and the least between replacements: answers must not lead to replacements without end. */
const TOUCH_MS = 200;
const REQUOTE_MIN_MS = ms(100);
/** Per touch. */
const ACTIONS_MAX = 20;

/**
 * Takes a made-up account through touches, quotes and answers, so that the first real book meets compiled code, as the
 * order workers do by signing dummies. Nothing leaves this function: its store is in memory, its batches go nowhere.
 * @returns signed actions that would have been sent
 */
export function warmUp(spec: MarketSpec, params: Params, touches = TOUCHES): number {
  const store = openMemoryStore();
  let nowMs: Ms = ms(1);
  let nonce = 0;
  let fatal: Error | null = null;
  const sequencer: Sequencer = new Sequencer({
    functions: { dispatch, checkRisk, recordInFlight, planBatches },
    params: { ...params, requoteMinMs: REQUOTE_MIN_MS },
    loaded: store.loadState(initialState),
    store,
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, at: () => () => {} },
    nextNonce: () => ++nonce,
    onBatches: (batches) => {
      // Unanswered orders are left alone, so this ends whatever the settings make of answers.
      if (nonce > touches * ACTIONS_MAX) return;
      for (const input of batches.flatMap(answersTo)) sequencer.post(input);
    },
    onReadMargin: () => {},
    onReconcile: () => {},
    onFatal: (error) => {
      fatal ??= error;
    },
    onListenerError: () => {},
    defer: (run) => run(),
  });
  for (const input of opening(spec, params)) sequencer.post(input);
  let market = emptyMarketView;
  for (let n = 0; n < touches; n++) {
    nowMs = ms(nowMs + TOUCH_MS);
    const { data } = JSON.parse(touchText(spec, n, nowMs)) as { readonly data: unknown };
    market = reduceMarketView(market, marketInput(parseBbo(data, spec.szDecimals), nowMs));
    // Nothing is quoted while volatility is not known, and half a minute of touches does not tell it: none at all makes
    // narrow quotes, which follow.
    const view = market.view === null ? null : { ...market.view, sigmaBpsPerSqrtSec: 0 };
    sequencer.post({ kind: "book", id: `book:${n}`, view });
  }
  store.close();
  if (fatal !== null) throw fatal;
  return nonce;
}

/** The account agrees and both streams are there: quoting begins with the first touch. */
function opening(spec: MarketSpec, params: Params): readonly EventInput[] {
  const reading = {
    venueMs: ms(1),
    equityMicroUsd: params.capitalMicroUsd,
    marginUsedMicroUsd: ZERO_USD,
    withdrawableMicroUsd: params.capitalMicroUsd,
    positionLots: FLAT,
    positionValueMicroUsd: ZERO_USD,
  };
  const budget = { used: 0, cap: 1e9 };
  const live = { kind: "feedState", state: "live", detail: "" } as const;
  return [
    { kind: "runStarted", id: "runStarted", runId: 1, spec },
    { ...live, id: "market", feed: "market" },
    { ...live, id: "account", feed: "account" },
    { kind: "margin", id: "margin", reading, failure: null, budget },
    {
      kind: "reconciled",
      id: "reconciled",
      snapshot: { askedMs: ms(1), openOrders: [], reading },
      failure: null,
    },
  ];
}

function touchText({ market, szDecimals }: MarketSpec, n: number, nowMs: Ms): string {
  const step = stepTicks(MID_TICKS, szDecimals);
  const mid = MID_TICKS + (n % 2) * MOVE_STEPS * step;
  const level = (ticks: number) => ({
    px: formatPx(pxTicks(ticks), szDecimals),
    sz: formatSize(sizeLots(SHOWN_LOTS), szDecimals),
    n: 1,
  });
  const bbo = [level(mid - step), level(mid + step)];
  return JSON.stringify({ channel: "bbo", data: { coin: market, time: nowMs, bbo } });
}

/** Everything rests; what was replaced or cancelled is gone. */
function answersTo({ nonce, commands }: PlannedBatch): readonly EventInput[] {
  const outcomes: CommandOutcome[] = [];
  const updates: EventInput[] = [];
  for (const [index, command] of commands.entries()) {
    if (command.kind === "cancelOid") continue;
    const { cloid } = command;
    if (command.kind === "cancel") {
      outcomes.push({ cloid, op: "cancel", result: "cancelled" });
      updates.push(cancelled(cloid));
      continue;
    }
    const oid = nonce * 1000 + index;
    outcomes.push({ cloid, op: command.kind, result: "resting", oid });
    if (command.kind === "modify") updates.push(cancelled(command.replaces));
  }
  const id = `outcome:${nonce}`;
  return [{ kind: "outcome", id, nonce, outcomes, roundTripMs: 1 }, ...updates];
}

function cancelled(cloid: string): EventInput {
  return {
    kind: "orderUpdate",
    id: `gone:${cloid}`,
    oid: 0,
    cloid,
    side: "bid",
    pxTicks: pxTicks(1),
    leavesLots: sizeLots(1),
    origLots: sizeLots(1),
    status: "canceled",
    statusMs: ms(1),
  };
}
