import type { RefusalReason } from "../messages/commands.ts";
import type { MarketView } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import type { Ms } from "../units/numbers.ts";

/** The part of an event that quoting depends on. */
export type Moment = { readonly atMs: Ms; readonly view: MarketView | null };

export type Block = {
  readonly reason: Extract<RefusalReason, "halted" | "feedUnsafe" | "notReconciled" | "margin">;
  readonly detail: string;
};

/** Why nothing may be quoted now; null when quoting is safe. Unknown is unsafe. */
export function quoteBlock(state: BotState, moment: Moment, params: Params): Block | null {
  const { run, risk } = state;
  // An operator's flatten goes before a halt: only the reducing side is quoted then.
  const halted = risk.haltReason !== null || risk.mode === "halted";
  if (halted && (risk.operatorFlatten ?? null) === null)
    return { reason: "halted", detail: risk.haltReason ?? risk.reason };
  if (run.phase === "stopping") return { reason: "halted", detail: "the run is stopping" };
  if (run.phase === "starting" || run.spec === null)
    return {
      reason: "notReconciled",
      detail: run.reconcileFailure ?? "the venue's account has not been compared with ours yet",
    };
  if (run.reconcileFailure !== null)
    return { reason: "notReconciled", detail: run.reconcileFailure };
  return feedBlock(state, moment, params) ?? marginBlock(state, moment, params);
}

function feedBlock(state: BotState, moment: Moment, params: Params): Block | null {
  const { feeds } = state.run;
  for (const feed of ["market", "account"] as const) {
    if (feeds[feed] !== "live")
      return { reason: "feedUnsafe", detail: `the ${feed} feed is ${feeds[feed]}` };
  }
  if (moment.view === null) return { reason: "feedUnsafe", detail: "no book has been seen yet" };
  const ageMs = moment.atMs - moment.view.bookRecvMs;
  if (ageMs > params.bookStaleMs)
    return {
      reason: "feedUnsafe",
      detail: `the book is ${ageMs} ms old, allowed ${params.bookStaleMs} ms`,
    };
  return null;
}

function marginBlock(state: BotState, moment: Moment, params: Params): Block | null {
  const { reading, readMs, failure } = state.account;
  if (reading === null)
    return { reason: "margin", detail: failure ?? "the margin has not been read yet" };
  const ageMs = moment.atMs - readMs;
  if (ageMs > params.marginStaleMs)
    return {
      reason: "margin",
      detail: `the margin was read ${ageMs} ms ago, allowed ${params.marginStaleMs} ms${failure === null ? "" : `: ${failure}`}`,
    };
  return null;
}
