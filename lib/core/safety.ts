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
  /** True when orders that only bring the position towards zero may still be made. */
  readonly reducing: boolean;
};

/** Why nothing may be quoted now; null when quoting is safe. Unknown is unsafe. */
export function quoteBlock(state: BotState, moment: Moment, params: Params): Block | null {
  return (
    stateBlock(state) ??
    feedBlock(state, moment, params) ??
    pulledBlock(state) ??
    marginBlock(state, moment, params)
  );
}

function block(reason: Block["reason"], detail: string, reducing = false): Block {
  return { reason, detail, reducing };
}

function stateBlock({ run, risk }: BotState): Block | null {
  if (isHalted(risk)) return block("halted", risk.haltReason ?? risk.reason);
  if (run.phase === "stopping") return block("halted", "the run is stopping");
  if (run.phase === "starting" || run.spec === null)
    return block(
      "notReconciled",
      run.reconcileFailure ?? "the venue's account has not been compared with ours yet",
    );
  return run.reconcileFailure === null ? null : block("notReconciled", run.reconcileFailure);
}

/** Nothing is made but cancels. An operator's flatten goes before a halt while something is held. */
function isHalted(risk: BotState["risk"]): boolean {
  if ((risk.operatorFlatten ?? null) !== null) return risk.mode === "halted";
  return risk.haltReason !== null || risk.mode === "halted";
}

function feedBlock(state: BotState, moment: Moment, params: Params): Block | null {
  const { feeds } = state.run;
  for (const feed of ["market", "account"] as const) {
    if (feeds[feed] !== "live") return block("feedUnsafe", `the ${feed} feed is ${feeds[feed]}`);
  }
  if (moment.view === null) return block("feedUnsafe", "no book has been seen yet");
  const ageMs = moment.atMs - moment.view.bookRecvMs;
  if (ageMs <= params.bookStaleMs) return null;
  return block("feedUnsafe", `the book is ${ageMs} ms old, allowed ${params.bookStaleMs} ms`);
}

/** A thin or crossed book, a stale oracle, a late program: the way out stays open. */
function pulledBlock({ risk }: BotState): Block | null {
  for (const trigger of Object.values(risk.triggers ?? {}))
    if (trigger.level === "pulled") return block("feedUnsafe", trigger.text, true);
  return null;
}

function marginBlock(state: BotState, moment: Moment, params: Params): Block | null {
  const { reading, readMs, failure } = state.account;
  if (reading === null) return block("margin", failure ?? "the margin has not been read yet", true);
  const ageMs = moment.atMs - readMs;
  if (ageMs <= params.marginStaleMs) return null;
  const cause = failure === null ? "" : `: ${failure}`;
  return block(
    "margin",
    `the margin was read ${ageMs} ms ago, allowed ${params.marginStaleMs} ms${cause}`,
    true,
  );
}
