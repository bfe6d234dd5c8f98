import { resolveSigner, approveAgent } from "./agents.ts";
import { builderShare } from "./builders.ts";
import { actionWeight, chargeBudget, chargeDay, MAX_ACTION_ITEMS, STALE_WEIGHT } from "./budget.ts";
import { updateLeverage } from "./leverage.ts";
import type { Account, Order, World } from "./model.ts";
import { executeMoneyAction } from "./moneyActions.ts";
import { announceOrder, cancelResting, finishOrder, withdraw } from "./orders.ts";
import { setSchedule } from "./schedule.ts";
import { actorOf, createSubAccount } from "./subAccounts.ts";
import { placeGrouped } from "./trigger.ts";
import { cancelTwap, startTwap } from "./twap.ts";
import type { VenueAction, WireOrder } from "./types.ts";
import type { ActionReply, OrderStatusReply, SignedRequest } from "./requests.ts";
import { checkOrders, unknownAsset } from "./validate.ts";
import type { CheckedOrder } from "./validate.ts";

/** Consensus class inside a block: 1 sends no GTC or IOC, 2 cancels, 3 sends one (hypercore/order-book). */
export function actionClass(action: VenueAction): 1 | 2 | 3 {
  if (action.type === "cancel" || action.type === "cancelByCloid") return 2;
  if (action.type === "order") return action.orders.every(isAlo) ? 1 : 3;
  if (action.type === "modify") return isAlo(action.order) ? 1 : 3;
  if (action.type === "twapOrder") return 3;
  if (action.type === "batchModify")
    return action.modifies.every((each) => isAlo(each.order)) ? 1 : 3;
  return 1;
}

/** A trigger order takes nothing when it is placed. */
function isAlo(order: WireOrder): boolean {
  return "trigger" in order.t || order.t.limit.tif === "Alo";
}

/** What an agent may not do for its account. */
const OWN_SIGNATURE: ReadonlySet<VenueAction["type"]> = new Set([
  "approveAgent",
  "approveBuilderFee",
  "usdClassTransfer",
  "usdSend",
  "spotSend",
  "withdraw3",
  "reserveRequestWeight",
  "createSubAccount",
  "subAccountModify",
  "subAccountTransfer",
  "subAccountSpotTransfer",
]);

/**
 * Runs one request in its block. Order of the checks (measured on spot, budget and item count placed by assumption):
 * signer, sub-account, nonce (consumed from here on), expiry, items, budget, static validation, then item by item.
 */
export function executeRequest(world: World, request: SignedRequest): ActionReply {
  const { action, signer, nonce, expiresAfterMs } = request;
  const owner = resolveSigner(world, signer);
  if (owner === null || owner.address !== request.account) {
    return refusal(`User or API Wallet ${signer} does not exist.`);
  }
  if (OWN_SIGNATURE.has(action.type) && signer !== owner.address) {
    return refusal(`Must deposit before performing actions. User: ${signer}`);
  }
  const account = actorOf(world, owner, request.vault, action.type);
  if (typeof account === "string") return refusal(account);
  const badNonce = world.nonces.admit(signer, nonce, world.nowMs);
  if (badNonce !== null) return refusal(badNonce);
  const weight = actionWeight(action);
  if (expiresAfterMs !== null && expiresAfterMs < world.nowMs) {
    account.budget.used += STALE_WEIGHT * weight;
    return refusal("Action already expired");
  }
  if (weight > MAX_ACTION_ITEMS) {
    return refusal(`Signed action over weight limit of ${MAX_ACTION_ITEMS}.`);
  }
  const isCancel = actionClass(action) === 2;
  const { limits } = world.config;
  const overDay = account.unified === null ? null : chargeDay(account.budget, world.nowMs, limits);
  if (overDay !== null) return refusal(overDay);
  const overBudget = chargeBudget(account.budget, weight, isCancel, world.nowMs, limits);
  return overBudget === null ? executeAction(world, account, action) : refusal(overBudget);
}

function refusal(response: string): ActionReply {
  return { status: "err", response };
}

const DONE: ActionReply = { status: "ok", response: { type: "default" } };

function doneOr(error: string | null): ActionReply {
  return error === null ? DONE : refusal(error);
}

function executeAction(world: World, account: Account, action: VenueAction): ActionReply {
  switch (action.type) {
    case "order":
      return placeBatch(world, account, action);
    case "cancel":
      return cancelBatch(
        world,
        account,
        action.cancels.map((each) => ({ asset: each.a, id: each.o })),
        action.fast === true,
      );
    case "cancelByCloid":
      return cancelBatch(
        world,
        account,
        action.cancels.map((each) => ({ asset: each.asset, id: each.cloid })),
        action.fast === true,
      );
    case "modify":
      return modifyOne(world, account, action);
    case "batchModify":
      return modifyBatch(world, account, action.modifies, action.always === true);
    case "scheduleCancel": {
      const volume = account.budget.cumVlmMicroUsd;
      return doneOr(setSchedule(account.schedule, action.time, volume, world.nowMs));
    }
    case "updateLeverage": {
      const market = world.byAssetId.get(action.asset);
      if (market === undefined) return refusal(unknownAsset(action.asset));
      return doneOr(updateLeverage(account, market, action.isCross, action.leverage));
    }
    case "approveAgent":
      return doneOr(approveAgent(world, account, action.agentAddress, action.agentName));
    case "createSubAccount": {
      const created = createSubAccount(world, account, action.name);
      if (typeof created === "string") return refusal(created);
      return { status: "ok", response: { type: "createSubAccount", data: created.address } };
    }
    case "twapOrder": {
      const twap = startTwap(world, account, action.twap);
      const status = typeof twap === "string" ? { error: twap } : { running: { twapId: twap.id } };
      return { status: "ok", response: { type: "twapOrder", data: { status } } };
    }
    case "twapCancel": {
      const error = cancelTwap(world, account, action.a, action.t);
      const status = error === null ? "success" : { error };
      return { status: "ok", response: { type: "twapCancel", data: { status } } };
    }
    case "refused":
      return refusal(action.text);
    case "noop":
      return DONE;
    case "subAccountModify":
    case "subAccountTransfer":
    case "subAccountSpotTransfer":
    case "updateIsolatedMargin":
    case "topUpIsolatedOnlyMargin":
    case "reserveRequestWeight":
    case "approveBuilderFee":
    case "setAbstraction":
    case "usdClassTransfer":
    case "usdSend":
    case "spotSend":
    case "sendAsset":
    case "withdraw3":
      return doneOr(executeMoneyAction(world, account, action));
  }
}

function statuses(list: readonly OrderStatusReply[]): ActionReply {
  return { status: "ok", response: { type: "order", data: { statuses: list } } };
}

function placeBatch(
  world: World,
  account: Account,
  action: Extract<VenueAction, { readonly type: "order" }>,
): ActionReply {
  const checked = checkOrders(world, action.orders);
  if ("refusal" in checked) {
    const { text, asEnvelope } = checked.refusal;
    return asEnvelope ? refusal(text) : statuses([{ error: text }]);
  }
  if (action.grouping !== "na" && !stopsReduce(checked.orders))
    return statuses([{ error: "TP/SL orders must be reduce-only." }]);
  const builder = builderShare(world, account, action.builder);
  if (typeof builder === "string") return statuses([{ error: builder }]);
  return statuses(placeGrouped(world, account, checked.orders, action.grouping, builder));
}

/** Take-profits and stops of a group must be reduce-only, or nothing of the batch is placed (error-responses; text assumed). */
function stopsReduce(orders: readonly CheckedOrder[]): boolean {
  return orders.every((order) => order.trigger === null || order.reduceOnly);
}

type CancelItem = { readonly asset: number; readonly id: number | string };

/** A fast cancel leaves take-profits and stops alone (exchange-endpoint; the text is assumed). */
function cancelBatch(
  world: World,
  account: Account,
  items: readonly CancelItem[],
  fast: boolean,
): ActionReply {
  const unknown = items.find((item) => !world.byAssetId.has(item.asset));
  if (unknown !== undefined) return refusal(unknownAsset(unknown.asset));
  const results = items.map((item) => {
    const order = findOpen(account, item.id);
    const spared = fast && order?.trigger !== null;
    if (order === null || spared || order.market.def.assetId !== item.asset) {
      const error = `Order was never placed, already canceled, or filled. asset=${item.asset}`;
      return { error };
    }
    cancelResting(world, order, "canceled");
    return "success" as const;
  });
  return { status: "ok", response: { type: "cancel", data: { statuses: results } } };
}

function findOpen(account: Account, id: number | string): Order | null {
  const order = typeof id === "number" ? account.orders.get(id) : account.byCloid.get(id);
  return order !== undefined && order.status === "open" ? order : null;
}

type ModifyItem = { readonly oid: number | string; readonly order: WireOrder };

function modifyBatch(
  world: World,
  account: Account,
  items: readonly ModifyItem[],
  always: boolean,
): ActionReply {
  const checked = checkOrders(
    world,
    items.map((item) => item.order),
  );
  if ("refusal" in checked) {
    const { text, asEnvelope } = checked.refusal;
    return asEnvelope ? refusal(text) : statuses([{ error: text }]);
  }
  return statuses(
    items.map((item, index) =>
      replaceOrder(world, account, item.oid, checked.orders[index], always),
    ),
  );
}

function modifyOne(
  world: World,
  account: Account,
  action: Extract<VenueAction, { readonly type: "modify" }>,
): ActionReply {
  const { oid, order, always } = action;
  const checked = checkOrders(world, [order]);
  if ("refusal" in checked) return refusal(checked.refusal.text);
  const result = replaceOrder(world, account, oid, checked.orders[0], always === true);
  return typeof result === "object" && "error" in result ? refusal(result.error) : DONE;
}

/**
 * Modify is cancel plus a new order with a new oid; the new one must be post-only, a GTC counts as post-only, unless it is
 * to be placed whatever it is (exchange-endpoint, always_place). When the new one is refused the old one is gone all the
 * same (assumed). Both updates are told after the fact, the new order's first.
 */
function replaceOrder(
  world: World,
  account: Account,
  oid: number | string,
  wanted: CheckedOrder | undefined,
  always: boolean,
): OrderStatusReply {
  const old = findOpen(account, oid);
  if (wanted === undefined || old === null) {
    return { error: "Cannot modify canceled or filled order" };
  }
  if (!always && (wanted.trigger !== null || (wanted.tif !== "Alo" && wanted.tif !== "Gtc"))) {
    const { assetId } = wanted.market.def;
    return { error: `Modified order must be post-only. asset=${assetId}` };
  }
  withdraw(world, old);
  finishOrder(world, old, "canceled");
  const order: CheckedOrder = always ? wanted : { ...wanted, tif: "Alo" };
  const [result] = placeGrouped(world, account, [order], "na", null);
  announceOrder(world, old);
  return result ?? { error: "Cannot modify canceled or filled order" };
}
