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
import { onGrid, sideSign } from "../units/grid.ts";
import type { Side } from "../units/grid.ts";
import { actionsAllowed, actionsLeft } from "./budget.ts";
import { addExposure, bestOwnTicks, crosses, exposureOf, worstPositionLots } from "./exposure.ts";
import type { Exposure } from "./exposure.ts";
import { closableLots, takersRefused } from "./closing.ts";
import { referencePx } from "./gauges.ts";
import { addClaim, claimsOf, marginAllowed, requiredMargin } from "./marginClaims.ts";
import type { MarginClaims } from "./marginClaims.ts";
import { reducingSide } from "./passivePx.ts";
import { quoteBlock } from "./safety.ts";
import type { Moment } from "./safety.ts";
import { bandLots, meetsMinimum } from "./sizing.ts";
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
  /** What the venue counts as claiming margin. */
  readonly claims: MarginClaims;
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
  const exposure = exposureOf(working);
  return { state, moment, params, exposure, ownBest, actions: 0, claims: claimsOf(working) };
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
    claims: addClaim(check.claims, order),
  };
}

function judge(order: OrderEntry, check: Check): Finding {
  const reducing = isReducing(order, check.state.ledger.positionLots);
  return (
    judgeShape(order, check, reducing) ??
    judgePermission(order, check, reducing) ??
    judgeTaking(order, check) ??
    judgePrice(order, check) ??
    (reducing ? judgeRoom(order, check) : judgePosition(order, check)) ??
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
  const { state } = check;
  const whole = [Math.abs(state.ledger.positionLots), closableLots(state)];
  const wholeClose = reducing && whole.includes(order.sizeLots);
  if (!meetsMinimum(order.pxTicks, order.sizeLots) && !(wholeClose && order.sizeLots >= 1))
    return {
      reason: "belowMinimum",
      detail: `${order.sizeLots} lots at ${order.pxTicks} ticks are worth less than $10`,
    };
  return null;
}

function judgePermission(order: OrderEntry, check: Check, reducing: boolean): Finding {
  const { state, moment, params } = check;
  const block = quoteBlock(state, moment, params);
  if (block !== null && !(reducing && block.reducing))
    return { reason: block.reason, detail: block.detail };
  if (reducing) return null;
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

/** Takers are for closing alone, and beyond their share of the volume for a flatten alone. */
function judgeTaking(order: OrderEntry, { state }: Check): Finding {
  if (order.tif !== "Ioc" || state.risk.mode === "flatten") return null;
  if (order.reduceOnly && state.risk.mode === "reduceOnly" && !takersRefused(state)) return null;
  const detail = state.risk.triggers?.["takers"]?.text ?? `mode ${state.risk.mode} does not take`;
  return { reason: "takers", detail };
}

/** Ordinary orders of the same side may still fill: together they may close the position, not turn it. */
function judgeRoom(order: OrderEntry, check: Check): Finding {
  const held = Math.abs(check.state.ledger.positionLots);
  const plain = check.exposure.plain[order.side];
  if (order.sizeLots + plain <= held) return null;
  return {
    reason: "wouldIncrease",
    detail: `${order.sizeLots} lots reduce ${held}, of which ordinary orders may fill ${plain}`,
  };
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
  const limit = bandLots(reading, order.pxTicks, order.side, check.params);
  const { side, reduceOnly, sizeLots: lots } = order;
  const exposure = addExposure(check.exposure, { side, reduceOnly, lots });
  const worst = sideSign(side) * worstPositionLots(check.state.ledger.positionLots, exposure, side);
  if (worst <= limit) return null;
  const band = side === "bid" ? "long" : "short";
  return {
    reason: "positionLimit",
    detail: `${worst} lots ${band} if every ${side} filled, allowed ${limit}`,
  };
}

/** Initial margin by the venue's own count; what does not raise it always passes, as there. */
function judgeMargin(order: OrderEntry, check: Check): Finding {
  const { reading } = check.state.account;
  const { spec } = check.state.run;
  if (reading === null || spec === null)
    return { reason: "margin", detail: "the margin has not been read yet" };
  const markTicks = referencePx(check.state, check.moment) || order.pxTicks;
  const account = { positionLots: check.state.ledger.positionLots, markTicks, spec };
  const before = requiredMargin(account, check.claims, check.params);
  const needed = requiredMargin(account, addClaim(check.claims, order), check.params);
  const allowed = marginAllowed(reading, spec, check.params);
  const cap = check.params.capitalCapMicroUsd ?? null;
  if (cap !== null && needed > cap && needed > before)
    return {
      reason: "capital",
      detail: `${(needed / 1e6).toFixed(2)} of initial margin, and ${(cap / 1e6).toFixed(2)} is all that this run may use`,
    };
  if (needed <= allowed || needed <= before) return null;
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
