import type { WireOrder } from "../rules/types.ts";
import {
  arrayAt,
  booleanAt,
  cloidAt,
  decimalAt,
  objectAt,
  optionalAt,
  unsignedAt,
  wordAt,
} from "./shape.ts";

const TIFS = ["Alo", "Ioc", "Gtc", "FrontendMarket"] as const;

/**
 * An order in canonical key order: as it is hashed and as the core takes it. Unknown fields are dropped, `r` defaults to
 * false, `c: null` is allowed (all measured).
 * @throws ShapeError
 */
export function canonicalOrder(value: unknown, what: string): WireOrder {
  const raw = objectAt(value, what);
  const cloid = optionalAt(raw["c"], `${what}.c`, cloidAt);
  return {
    a: unsignedAt(raw["a"], `${what}.a`),
    b: booleanAt(raw["b"], `${what}.b`),
    p: decimalAt(raw["p"], `${what}.p`),
    s: decimalAt(raw["s"], `${what}.s`),
    r: raw["r"] === undefined ? false : booleanAt(raw["r"], `${what}.r`),
    t: canonicalKind(raw["t"], `${what}.t`),
    ...(cloid === null ? {} : { c: cloid }),
  };
}

function canonicalKind(value: unknown, what: string): WireOrder["t"] {
  const raw = objectAt(value, what);
  if (raw["limit"] !== undefined) {
    const limit = objectAt(raw["limit"], `${what}.limit`);
    return { limit: { tif: wordAt(limit["tif"], `${what}.limit.tif`, TIFS) } };
  }
  const trigger = objectAt(raw["trigger"], `${what}.trigger`);
  return {
    trigger: {
      isMarket: booleanAt(trigger["isMarket"], `${what}.trigger.isMarket`),
      triggerPx: decimalAt(trigger["triggerPx"], `${what}.trigger.triggerPx`),
      tpsl: wordAt(trigger["tpsl"], `${what}.trigger.tpsl`, ["tp", "sl"]),
    },
  };
}

/** @throws ShapeError */
export function canonicalOrders(value: unknown, what: string): readonly WireOrder[] {
  return arrayAt(value, what).map((order, i) => canonicalOrder(order, `${what}[${i}]`));
}

/** The venue's id of an order: a number, or a cloid. */
export function orderIdAt(value: unknown, what: string): number | string {
  return typeof value === "string" ? cloidAt(value, what) : unsignedAt(value, what);
}
