import type { Cloid } from "../messages/orders.ts";
import { assert } from "../units/assert.ts";

/** Every order id of this program begins with these digits. */
const PREFIX = "0xa500";
const SHAPE = /^0xa500([0-9a-f]{8})([0-9a-f]{12})([0-9a-f]{8})$/;

export type CloidParts = {
  /** FNV-1a, 32 bits, of the market's coin string. */
  readonly marketHash: number;
  readonly runId: number;
  readonly orderSeq: number;
};

/** FNV-1a over UTF-16 code units: market names are ASCII, so this is the byte version. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function hex(value: number, digits: number, name: string): string {
  assert(
    Number.isSafeInteger(value) && value >= 0 && value < 16 ** digits,
    `${name} fits ${digits} hex digits, got ${value}`,
  );
  return value.toString(16).padStart(digits, "0");
}

/**
 * Our id of an order: prefix, market, run (start time in ms) and sequence within the run, 128 bits. Derived, never
 * random, so that the same events give the same ids.
 * @throws AssertionError when run or sequence do not fit.
 */
export function deriveCloid(market: string, runId: number, orderSeq: number): Cloid {
  return (
    PREFIX +
    hex(fnv1a32(market), 8, "market hash") +
    hex(runId, 12, "run id") +
    hex(orderSeq, 8, "order sequence")
  );
}

/** @returns null unless the id is one that `deriveCloid` could have made. */
export function parseCloid(cloid: string): CloidParts | null {
  const match = SHAPE.exec(cloid);
  if (match === null) return null;
  return {
    marketHash: Number.parseInt(match[1] ?? "", 16),
    runId: Number.parseInt(match[2] ?? "", 16),
    orderSeq: Number.parseInt(match[3] ?? "", 16),
  };
}

/** True when this program made the id for this market, in whichever run. */
export function isOurCloid(cloid: string | null, market: string): boolean {
  return cloid !== null && parseCloid(cloid)?.marketHash === fnv1a32(market);
}
