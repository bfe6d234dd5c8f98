import type {
  Approved,
  Command,
  ModifyCommand,
  PlaceCommand,
  Refusal,
  RefusalReason,
} from "../messages/commands.ts";
import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import { onGrid } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import { actionsAllowed, actionsLeft } from "./budget.ts";
import { addExposure, bestOwnTicks, crosses, exposureOf, worstPositionLots } from "./exposure.ts";
import type { Exposure } from "./exposure.ts";
import { reducingSide } from "./passivePx.ts";
import { quoteBlock } from "./safety.ts";
import type { Moment } from "./safety.ts";
import { meetsMinimum, positionLimitLots } from "./sizing.ts";
import { hasEdge } from "./spread.ts";

export type RiskVerdict = {
  readonly approved: readonly Approved[];
  readonly refused: readonly Refusal[];
};

type OrderEntry = PlaceCommand | ModifyCommand;
type Finding = { readonly reason: RefusalReason; readonly detail: string } | null;

/** What the check knows; exposure, own touch and actions move with each order it approves. */
type Check = {
  readonly state: BotState;
  readonly moment: Moment;
  readonly params: Params;
  readonly exposure: Exposure;
  readonly ownBest: { readonly [S in Side]: number | null };
  readonly actions: number;
};

/**
 * The only maker of approved commands. Cancels and reads always pass. Orders pass one by one, in the given order, each
 * against a worst case in which everything approved before it fills too.
 */
export function checkRisk(
  state: BotState,
  commands: readonly Command[],
  moment: Moment,
  params: Params,
): RiskVerdict {
  if (commands.length === 0) return { approved: [], refused: [] };
  const approved: Approved[] = [];
  const refused: Refusal[] = [];
  let check = startCheck(state, moment, params);
  for (const command of commands) {
    if (command.kind !== "place" && command.kind !== "modify") {
      approved.push(command as Approved);
      continue;
    }
    const finding = judge(command, check);
    if (finding === null) {
      approved.push(command as Approved);
      check = afterApproval(check, command);
    } else refused.push({ command, ...finding });
  }
  return { approved, refused };
}

function startCheck(state: BotState, moment: Moment, params: Params): Check {
  const { working } = state.orders;
  const ownBest = { bid: bestOwnTicks(working, "bid"), ask: bestOwnTicks(working, "ask") };
  return { state, moment, params, exposure: exposureOf(working), ownBest, actions: 0 };
}

function afterApproval(check: Check, order: OrderEntry): Check {
  const { side, reduceOnly, pxTicks, sizeLots: lots } = order;
  const best = check.ownBest[side];
  const inFront = best === null || (side === "bid" ? pxTicks > best : pxTicks < best);
  return {
    ...check,
    exposure: addExposure(check.exposure, { side, reduceOnly, lots }),
    ownBest: order.tif === "Alo" && inFront ? { ...check.ownBest, [side]: pxTicks } : check.ownBest,
    actions: check.actions + 1,
  };
}

function judge(order: OrderEntry, check: Check): Finding {
  const reducing = isReducing(order, check.state.ledger.positionLots);
  return (
    judgeShape(order, check, reducing) ??
    judgePermission(order, check, reducing) ??
    judgePrice(order, check) ??
    (reducing ? null : judgePosition(order, check)) ??
    (reducing ? null : judgeMargin(order, check)) ??
    judgeBudget(check, reducing)
  );
}

/** Can only bring the position towards zero: marked so for the venue, on the right side, and not larger. */
function isReducing(order: OrderEntry, positionLots: number): boolean {
  return (
    order.reduceOnly &&
    order.side === reducingSide(positionLots) &&
    order.sizeLots <= Math.abs(positionLots)
  );
}

function judgeShape(order: OrderEntry, check: Check, reducing: boolean): Finding {
  const { spec } = check.state.run;
  if (spec === null) return { reason: "notReconciled", detail: "the market is not known yet" };
  if (order.expiresMs <= check.moment.atMs)
    return { reason: "expired", detail: `it would expire at ${order.expiresMs}, which is past` };
  if (!onGrid(order.pxTicks, spec.szDecimals))
    return { reason: "offGrid", detail: `${order.pxTicks} ticks is no legal price` };
  const wholeClose = reducing && order.sizeLots === Math.abs(check.state.ledger.positionLots);
  if (!meetsMinimum(order.pxTicks, order.sizeLots) && !(wholeClose && order.sizeLots >= 1))
    return {
      reason: "belowMinimum",
      detail: `${order.sizeLots} lots at ${order.pxTicks} ticks are worth less than $10`,
    };
  return null;
}

function judgePermission(order: OrderEntry, check: Check, reducing: boolean): Finding {
  if (reducing) return null;
  const { state, moment, params } = check;
  const block = quoteBlock(state, moment, params);
  if (block !== null) return block;
  if (order.reduceOnly)
    return {
      reason: "wouldIncrease",
      detail: `reduce-only ${order.side} of ${order.sizeLots} lots against a position of ${state.ledger.positionLots}`,
    };
  const { mode, reason } = state.risk;
  if (mode === "reduceOnly" || mode === "flatten")
    return { reason: "wouldIncrease", detail: reason };
  const edgeBps = order.reason?.edgeBps;
  if (edgeBps !== undefined && !hasEdge(edgeBps, params))
    return {
      reason: "noEdge",
      detail: `${edgeBps.toFixed(2)} bp expected, least ${params.edgeBpsMin} bp`,
    };
  return null;
}

/** A post-only order stays clear of the touch it was made from and of every own order that may still rest. */
function judgePrice(order: OrderEntry, check: Check): Finding {
  if (order.tif === "Ioc") return null;
  const { view } = check.moment;
  const far = (order.side === "bid" ? view?.asks : view?.bids)?.[0]?.pxTicks ?? null;
  if (crosses(order.side, order.pxTicks, far))
    return { reason: "wouldCross", detail: `${order.side} at ${order.pxTicks}, touch at ${far}` };
  const own = check.ownBest[order.side === "bid" ? "ask" : "bid"];
  if (crosses(order.side, order.pxTicks, own))
    return {
      reason: "crossesOwn",
      detail: `${order.side} at ${order.pxTicks}, own order at ${own}`,
    };
  return null;
}

function judgePosition(order: OrderEntry, check: Check): Finding {
  const { reading } = check.state.account;
  if (reading === null) return { reason: "margin", detail: "the margin has not been read yet" };
  const limit = positionLimitLots(reading, order.pxTicks, check.params);
  const worst = Math.abs(worstAfter(order, check, order.side));
  const sign = order.side === "bid" ? 1 : -1;
  if (sign * worstAfter(order, check, order.side) <= limit) return null;
  return {
    reason: "positionLimit",
    detail: `${worst} lots if every ${order.side} filled, allowed ${limit}`,
  };
}

function worstAfter(order: OrderEntry, check: Check, side: Side): number {
  const { side: own, reduceOnly, sizeLots: lots } = order;
  const exposure = addExposure(check.exposure, { side: own, reduceOnly, lots });
  return worstPositionLots(check.state.ledger.positionLots, exposure, side);
}

/** Initial margin of the larger worst case: resting orders reserve it too (hyperliquid margin rules). */
function judgeMargin(order: OrderEntry, check: Check): Finding {
  const { reading } = check.state.account;
  const { spec } = check.state.run;
  if (reading === null || spec === null)
    return { reason: "margin", detail: "the margin has not been read yet" };
  const worst = Math.max(
    Math.abs(worstAfter(order, check, "bid")),
    Math.abs(worstAfter(order, check, "ask")),
  );
  const leverage = Math.min(check.params.leverage, spec.maxLeverage);
  const mark = check.moment.view?.markPxTicks ?? order.pxTicks;
  const needed = (worst * Math.max(mark, order.pxTicks)) / leverage;
  const allowed = check.params.marginCap * reading.equityMicroUsd;
  if (needed <= allowed) return null;
  return {
    reason: "margin",
    detail: `${(needed / 1e6).toFixed(2)} of initial margin, allowed ${(allowed / 1e6).toFixed(2)}`,
  };
}

/** Orders that reduce may use the reserve; others stop before it. */
function judgeBudget(check: Check, reducing: boolean): Finding {
  const { account } = check.state;
  const left = actionsAllowed(account, reducing, check.moment.atMs, check.params);
  if (left - check.actions >= 1) return null;
  return {
    reason: "budget",
    detail: `${Math.max(0, actionsLeft(account, check.params))} actions left, ${check.params.cancelReserve} are kept for cancels`,
  };
}

/** Largest position in lots, by size, that the state could end up with through one side. */
export function worstCaseLots(state: BotState): { readonly bid: number; readonly ask: number } {
  const exposure = exposureOf(state.orders.working);
  const { positionLots } = state.ledger;
  return {
    bid: worstPositionLots(positionLots, exposure, "bid"),
    ask: worstPositionLots(positionLots, exposure, "ask"),
  };
}
