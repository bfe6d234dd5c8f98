import type { WireValue } from "../../hyperliquid/signing/msgpack.ts";
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

/** An order in canonical key order for the hash, and as the core takes it; null when the core has no such order. */
export type CanonicalOrder = {
  readonly canonical: WireValue;
  readonly wire: WireOrder | null;
};

const TIFS = ["Alo", "Ioc", "Gtc", "FrontendMarket"] as const;

/**
 * Unknown fields of an order are dropped, `r` defaults to false, `c: null` is allowed (all measured).
 * @throws ShapeError
 */
export function canonicalOrder(value: unknown, what: string): CanonicalOrder {
  const raw = objectAt(value, what);
  const cloid = optionalAt(raw["c"], `${what}.c`, cloidAt);
  const kind = canonicalKind(raw["t"], `${what}.t`);
  const head = {
    a: unsignedAt(raw["a"], `${what}.a`),
    b: booleanAt(raw["b"], `${what}.b`),
    p: decimalAt(raw["p"], `${what}.p`),
    s: decimalAt(raw["s"], `${what}.s`),
    r: raw["r"] === undefined ? false : booleanAt(raw["r"], `${what}.r`),
  };
  const tail = cloid === null ? {} : { c: cloid };
  if (kind.tif === null) return { canonical: { ...head, t: kind.canonical, ...tail }, wire: null };
  const wire: WireOrder = { ...head, t: { limit: { tif: kind.tif } }, ...tail };
  return { canonical: wire, wire };
}

type OrderKind = {
  readonly canonical: WireValue;
  /** Null for a trigger order. */
  readonly tif: (typeof TIFS)[number] | null;
};

function canonicalKind(value: unknown, what: string): OrderKind {
  const raw = objectAt(value, what);
  if (raw["limit"] !== undefined) {
    const limit = objectAt(raw["limit"], `${what}.limit`);
    const tif = wordAt(limit["tif"], `${what}.limit.tif`, TIFS);
    return { canonical: { limit: { tif } }, tif };
  }
  const trigger = objectAt(raw["trigger"], `${what}.trigger`);
  return {
    canonical: {
      trigger: {
        isMarket: booleanAt(trigger["isMarket"], `${what}.trigger.isMarket`),
        triggerPx: decimalAt(trigger["triggerPx"], `${what}.trigger.triggerPx`),
        tpsl: wordAt(trigger["tpsl"], `${what}.trigger.tpsl`, ["tp", "sl"]),
      },
    },
    tif: null,
  };
}

/** @throws ShapeError */
export function canonicalOrders(value: unknown, what: string): readonly CanonicalOrder[] {
  return arrayAt(value, what).map((order, i) => canonicalOrder(order, `${what}[${i}]`));
}

/** The venue's id of an order: a number, or a cloid. */
export function orderIdAt(value: unknown, what: string): number | string {
  return typeof value === "string" ? cloidAt(value, what) : unsignedAt(value, what);
}
