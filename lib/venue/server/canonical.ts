import type { Grouping, WireBuilder, WireOrder } from "../rules/types.ts";
import { canonicalOrder, canonicalOrders, orderIdAt } from "./canonicalOrder.ts";
import { FOREIGN_PARSERS } from "./canonicalForeign.ts";
import { SUB_ACCOUNT_PARSERS } from "./canonicalSubAccounts.ts";
import { MONEY_PARSERS } from "./canonicalMoney.ts";
import { l1 } from "./parsedAction.ts";
import type { ParsedAction } from "./parsedAction.ts";
import {
  addressAt,
  arrayAt,
  booleanAt,
  cloidAt,
  objectAt,
  onlyKeys,
  optionalAt,
  ShapeError,
  stringAt,
  unsignedAt,
  wordAt,
} from "./shape.ts";
import type { JsonObject } from "./shape.ts";

/** What the venue says to an account without the staked coins that priority is paid from: nobody has any here (seen in logs). */
export const NO_PRIORITY = "Insufficient delegatable balance for priority order";
export const NOT_PLACEABLE = "Modified order must be post only unless it is always placed";

/**
 * Reads an action strictly: unknown fields of the action are refused, those of an order dropped; decimals and hex
 * are normalised; keys come out in the order in which they are hashed.
 * @throws ShapeError for an unknown type or a wrong field (HTTP 422).
 */
export function parseAction(value: unknown): ParsedAction {
  const raw = objectAt(value, "action");
  const type = stringAt(raw["type"], "action.type");
  const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
  if (parse === undefined) throw new ShapeError(`unknown action type ${type}`);
  return parse(raw);
}

const PARSERS: Readonly<Record<string, (raw: JsonObject) => ParsedAction>> = {
  order: parseOrder,
  cancel: parseCancel,
  cancelByCloid: parseCancelByCloid,
  modify: parseModify,
  batchModify: parseBatchModify,
  scheduleCancel: parseScheduleCancel,
  updateLeverage: parseUpdateLeverage,
  noop: parseNoop,
  ...MONEY_PARSERS,
  ...SUB_ACCOUNT_PARSERS,
  ...FOREIGN_PARSERS,
};

function parseOrder(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "orders", "grouping", "builder"], "action");
  const orders = canonicalOrders(raw["orders"], "orders");
  const grouping = groupingOf(raw["grouping"]);
  const builder = optionalAt(raw["builder"], "builder", builderAt);
  const canonical = { type: "order", orders, grouping, ...(builder === null ? {} : { builder }) };
  if (typeof grouping === "object") return l1(canonical, { refusal: NO_PRIORITY });
  const share = builder === null ? {} : { builder };
  return l1(canonical, { act: { type: "order", orders, grouping, ...share } });
}

function groupingOf(value: unknown): Grouping | { readonly p: number } {
  if (value === undefined) return "na";
  if (typeof value === "string")
    return wordAt<Grouping>(value, "grouping", ["na", "normalTpsl", "positionTpsl"]);
  return { p: unsignedAt(objectAt(value, "grouping")["p"], "grouping.p") };
}

function builderAt(value: unknown, what: string): WireBuilder {
  const raw = objectAt(value, what);
  return { b: addressAt(raw["b"], `${what}.b`), f: unsignedAt(raw["f"], `${what}.f`) };
}

/** A switch that is part of the hash only when it is true ("f" of a cancel, "a" of a modify). */
function flagOf(raw: JsonObject, key: string): { readonly [key: string]: true } {
  const flag = optionalAt(raw[key], key, booleanAt) ?? false;
  return flag ? { [key]: true } : {};
}

function parseCancel(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "cancels", "f"], "action");
  const cancels = arrayAt(raw["cancels"], "cancels").map((entry, i) => {
    const cancel = objectAt(entry, `cancels[${i}]`);
    return { a: unsignedAt(cancel["a"], "a"), o: unsignedAt(cancel["o"], "o") };
  });
  const flag = flagOf(raw, "f");
  const fast = "f" in flag ? ({ fast: true } as const) : {};
  return l1({ type: "cancel", cancels, ...flag }, { act: { type: "cancel", cancels, ...fast } });
}

function parseCancelByCloid(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "cancels", "f"], "action");
  const cancels = arrayAt(raw["cancels"], "cancels").map((entry, i) => {
    const cancel = objectAt(entry, `cancels[${i}]`);
    return {
      asset: unsignedAt(cancel["asset"], "asset"),
      cloid: cloidAt(cancel["cloid"], "cloid"),
    };
  });
  const flag = flagOf(raw, "f");
  const fast = "f" in flag ? ({ fast: true } as const) : {};
  return l1(
    { type: "cancelByCloid", cancels, ...flag },
    { act: { type: "cancelByCloid", cancels, ...fast } },
  );
}

/**
 * Without `a` (always place) the new order must be post-only, or a GTC, which then becomes post-only (documented).
 * @returns null for an order that such a modify does not take.
 */
function placeable(wire: WireOrder, alwaysPlace: boolean): WireOrder | null {
  if (alwaysPlace) return wire;
  if ("trigger" in wire.t) return null;
  const { tif } = wire.t.limit;
  if (tif === "Alo") return wire;
  return tif === "Gtc" ? { ...wire, t: { limit: { tif: "Alo" } } } : null;
}

function alwaysOf(flag: object): { readonly always?: true } {
  return "a" in flag ? { always: true } : {};
}

function parseModify(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "oid", "order", "a"], "action");
  const oid = orderIdAt(raw["oid"], "oid");
  const order = canonicalOrder(raw["order"], "order");
  const flag = flagOf(raw, "a");
  const canonical = { type: "modify", oid, order, ...flag };
  const wire = placeable(order, "a" in flag);
  if (wire === null) return l1(canonical, { refusal: NOT_PLACEABLE });
  return l1(canonical, { act: { type: "modify", oid, order: wire, ...alwaysOf(flag) } });
}

function parseBatchModify(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "modifies", "a"], "action");
  const flag = flagOf(raw, "a");
  const modifies = arrayAt(raw["modifies"], "modifies").map((entry, i) => {
    const modify = objectAt(entry, `modifies[${i}]`);
    const order = canonicalOrder(modify["order"], `modifies[${i}].order`);
    return { oid: orderIdAt(modify["oid"], `modifies[${i}].oid`), order };
  });
  const canonical = {
    type: "batchModify",
    modifies,
    ...flag,
  };
  const acts: { readonly oid: number | string; readonly order: WireOrder }[] = [];
  for (const { oid, order } of modifies) {
    const wire = placeable(order, "a" in flag);
    if (wire === null) return l1(canonical, { refusal: NOT_PLACEABLE });
    acts.push({ oid, order: wire });
  }
  return l1(canonical, { act: { type: "batchModify", modifies: acts, ...alwaysOf(flag) } });
}

function parseScheduleCancel(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "time"], "action");
  const time = optionalAt(raw["time"], "time", unsignedAt);
  const action = { type: "scheduleCancel" as const, ...(time === null ? {} : { time }) };
  return l1(action, { act: action });
}

function parseUpdateLeverage(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "asset", "isCross", "leverage"], "action");
  const action = {
    type: "updateLeverage" as const,
    asset: unsignedAt(raw["asset"], "asset"),
    isCross: booleanAt(raw["isCross"], "isCross"),
    leverage: unsignedAt(raw["leverage"], "leverage"),
  };
  return l1(action, { act: action });
}

function parseNoop(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type"], "action");
  return l1({ type: "noop" }, { act: { type: "noop" } });
}
