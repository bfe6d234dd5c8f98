import type { Side } from "../../units/grid.ts";
import { sizeLots } from "../../units/numbers.ts";
import { valuePx } from "./margin.ts";
import type { Account, BuilderShare, Market, Order, OrderGroup, World } from "./model.ts";
import { announceOrder, cancelResting, registerOrder, withdraw } from "./orders.ts";
import {
  closedRejection,
  enterBook,
  newOrder,
  openOrderRejection,
  placeOrder,
  reject,
} from "./place.ts";
import type { Rejection } from "./place.ts";
import { reducibleLots } from "./reduceOnly.ts";
import type { Grouping, OrderTrigger } from "./types.ts";
import type { OrderStatusReply } from "./requests.ts";
import type { CheckedOrder } from "./validate.ts";

/*
 * Trigger orders (trading/order-types, take-profit-and-stop-loss): a take-profit or stop waits outside the book until the
 * mark reaches its price, then enters the book as a market order with its limit, or as a limit order. It keeps its oid.
 * Groups: `normalTpsl` children wait until the first order of the batch is filled whole, and go when it ends otherwise;
 * `positionTpsl` has the size of the position when it fires and goes with the position. Of the children of a group, one
 * that fills ends the others.
 */

/** Places the orders of one batch. The replies are in its order. */
export function placeGrouped(
  world: World,
  account: Account,
  orders: readonly CheckedOrder[],
  grouping: Grouping,
  builder: BuilderShare | null,
): readonly OrderStatusReply[] {
  if (grouping === "na")
    return orders.map((each) =>
      each.trigger === null
        ? placeOrder(world, account, each, builder)
        : placeTrigger(world, account, each, builder, false).reply,
    );
  const [first, ...rest] = orders;
  const hasParent = grouping === "normalTpsl" && first !== undefined && first.trigger === null;
  const oid = world.nextOid;
  const parentReply = hasParent ? placeOrder(world, account, first, builder) : null;
  const children = (hasParent ? rest : orders).map((each) =>
    placeTrigger(world, account, each, builder, grouping === "positionTpsl"),
  );
  const made = children.flatMap(({ order }) => (order === null ? [] : [order]));
  if (parentReply === null) {
    join(world, { parent: null, children: made, live: true });
    return children.map(({ reply }) => reply);
  }
  const parent = account.orders.get(oid) ?? null;
  join(world, { parent, children: made, live: false });
  const filled = typeof parentReply === "object" && "filled" in parentReply;
  const waiting = filled ? "waitingForTrigger" : "waitingForFill";
  return [parentReply, ...children.map(({ order, reply }) => (order === null ? reply : waiting))];
}

function join(world: World, group: OrderGroup): void {
  if (group.children.length > 0) world.groups.add(group);
}

type Placed = { readonly order: Order | null; readonly reply: OrderStatusReply };

function placeTrigger(
  world: World,
  account: Account,
  wanted: CheckedOrder,
  builder: BuilderShare | null,
  isPositionTpsl: boolean,
): Placed {
  const { trigger, market, side } = wanted;
  if (trigger === null)
    return { order: null, reply: { error: "Grouped orders must be triggers." } };
  const above = firesAbove(side, trigger.tpsl);
  const told: OrderTrigger = {
    pxTicks: trigger.px,
    isMarket: trigger.isMarket,
    tpsl: trigger.tpsl,
    above,
    isPositionTpsl,
  };
  const order = newOrder(world, account, wanted, wanted.lots, builder, told);
  registerOrder(order);
  const refusal =
    closedRejection(market) ??
    openOrderRejection(world, order) ??
    (reached(told, valuePx(market)) ? wrongSide(market) : null);
  if (refusal !== null) return { order: null, reply: reject(world, order, refusal) };
  order.waiting = true;
  account.open.set(order.oid, order);
  world.armed.add(order);
  announceOrder(world, order);
  const { oid, cloid } = order;
  return { order, reply: { resting: { oid, ...(cloid === null ? {} : { cloid }) } } };
}

function wrongSide({ def }: Market): Rejection {
  return { status: "badTriggerPxRejected", text: `Invalid TP/SL price. asset=${def.assetId}` };
}

/** A sale takes profit above and stops below; a purchase the other way round. */
function firesAbove(side: Side, tpsl: "tp" | "sl"): boolean {
  return (side === "ask") === (tpsl === "tp");
}

function reached(trigger: OrderTrigger, mark: number): boolean {
  if (mark === 0) return false;
  return trigger.above ? mark >= trigger.pxTicks : mark <= trigger.pxTicks;
}

/** After the marks of a block are known: what they reached enters the book, oldest first. */
export function fireTriggers(world: World): void {
  if (world.armed.size === 0) return;
  const asleep = new Set<Order>();
  for (const group of world.groups) {
    if (!group.live) for (const child of group.children) asleep.add(child);
  }
  for (const order of world.armed) {
    const { trigger, market } = order;
    if (trigger === null || asleep.has(order) || market.tape?.unknown === true) continue;
    if (trigger.isPositionTpsl && reducibleLots(order.account, market, order.side) === 0) {
      cancelResting(world, order, "reduceOnlyCanceled");
    } else if (reached(trigger, valuePx(market))) fire(world, order);
  }
  settleGroups(world);
}

function fire(world: World, order: Order): void {
  withdraw(world, order);
  order.account.open.delete(order.oid);
  world.txIndex += 1;
  order.status = "triggered";
  order.statusMs = world.nowMs;
  announceOrder(world, order);
  order.status = "open";
  resize(order);
  enterBook(world, order);
}

/** Size zero, and a take-profit or stop of the position, mean the whole position at the moment of firing. */
function resize(order: Order): void {
  if (order.origLots !== 0 && order.trigger?.isPositionTpsl !== true) return;
  const { account, market, side } = order;
  order.origLots = sizeLots(reducibleLots(account, market, side));
  order.lots = order.origLots;
}

/** Ends and wakes the members of groups after what happened to the others. */
export function settleGroups(world: World): void {
  for (const group of world.groups) {
    const { parent, children } = group;
    if (!group.live && parent !== null && parent.status !== "open") {
      if (wakesChildren(parent)) group.live = true;
      else endChildren(world, children, "canceled");
    }
    if (children.some((child) => child.status === "filled")) {
      endChildren(world, children, "siblingFilledCanceled");
    }
    if (children.every((child) => child.status !== "open")) world.groups.delete(group);
  }
}

/** Filled whole, or filled in part and then cancelled for want of margin (take-profit-and-stop-loss). */
function wakesChildren(parent: Order): boolean {
  if (parent.status === "filled") return parent.lots === 0;
  return parent.status === "marginCanceled" && parent.lots < parent.origLots;
}

function endChildren(world: World, children: readonly Order[], status: string): void {
  for (const child of children) if (child.status === "open") cancelResting(world, child, status);
}
