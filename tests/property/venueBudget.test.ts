import { expect, test } from "bun:test";
import fc from "fast-check";
import type { VenueAction } from "../../lib/venue/rules/types.ts";
import { propertyRuns, propertyTimeoutMs } from "../support/propertyRuns.ts";
import { ALICE, ASSET, BOB, errorText, Exchange } from "../venue/exchange.ts";

/*
 * The address budget against a model of the documented rule: 10,000 requests and one more a dollar of volume; a batch of n
 * counts n, a stale action five times its weight, a refusal for the budget nothing; cancels go on to min(cap + 100,000,
 * 2 * cap); reserved requests are used first; beyond the cap one single action passes every ten seconds.
 */

type Step =
  | {
      readonly do: "batch";
      readonly items: number;
      readonly cancels: boolean;
      readonly stale: boolean;
    }
  | { readonly do: "single"; readonly cancels: boolean }
  | { readonly do: "reserve"; readonly weight: number }
  | { readonly do: "trade"; readonly contracts: number }
  | { readonly do: "wait"; readonly ms: number };

const script: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant("batch" as const),
        items: fc.integer({ min: 100, max: 200 }),
        cancels: fc.nat(3).map((n) => n === 0),
        stale: fc.nat(5).map((n) => n === 0),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("single" as const),
        cancels: fc.nat(3).map((n) => n === 0),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("reserve" as const),
        weight: fc.integer({ min: 1, max: 800 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("trade" as const),
        contracts: fc.integer({ min: 1, max: 5 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        ms: fc.constantFrom(1_000, 4_000, 10_000),
      }),
    },
  ),
  { minLength: 60, maxLength: 120, size: "max" },
);

/** The rule, written down a second time. */
class Model {
  used = 0;
  reserved = 0;
  /** Millionths of a dollar of volume that counts: a tenth in growth mode. */
  volume = 0;
  lastPassMs = Number.NEGATIVE_INFINITY;

  cap(isCancel: boolean): number {
    const cap = 10_000 + Math.floor(this.volume / 1e6);
    return isCancel ? Math.min(cap + 100_000, 2 * cap) : cap;
  }

  /** Whether an action passes; counts it when it does. */
  admits(weight: number, isCancel: boolean, nowMs: number): boolean {
    const beyond = Math.max(0, this.used + weight - this.reserved) > this.cap(isCancel);
    if (beyond && (weight !== 1 || nowMs - this.lastPassMs < 10_000)) return false;
    if (beyond) this.lastPassMs = nowMs;
    this.used += weight;
    return true;
  }
}

const bad = {
  a: ASSET,
  b: true,
  p: "0.00001",
  s: "1",
  r: false,
  t: { limit: { tif: "Alo" } },
} as const;

function batch(items: number, cancels: boolean): VenueAction {
  return cancels
    ? { type: "cancel", cancels: Array.from({ length: items }, () => ({ a: ASSET, o: 1 })) }
    : { type: "order", orders: Array.from({ length: items }, () => bad), grouping: "na" };
}

let refusals = 0;

function isOverBudget(text: string): boolean {
  const isOver = text.startsWith("Too many cumulative requests sent");
  if (isOver) refusals += 1;
  return isOver;
}

function check(steps: readonly Step[]): void {
  const exchange = new Exchange();
  exchange.fund(ALICE, "100000", "");
  exchange.market(exchange.oracle("690"));
  const model = new Model();
  for (const step of steps) {
    const beforeMs = exchange.nowMs;
    const blockMs = beforeMs + 70 - (beforeMs % 70);
    switch (step.do) {
      case "wait":
        exchange.wait(step.ms);
        break;
      case "trade": {
        exchange.rest(BOB, "ask", "690", String(step.contracts));
        const order = exchange.order("bid", "690", String(step.contracts), "Ioc");
        const atMs = exchange.nowMs + 70 - (exchange.nowMs % 70);
        const reply = exchange.act(ALICE, { type: "order", orders: [order], grouping: "na" });
        const passed = model.admits(1, false, atMs);
        expect(isOverBudget(errorText(reply))).toBe(!passed);
        if (passed) model.volume += Math.trunc((step.contracts * 690_000_000) / 10);
        else exchange.act(BOB, { type: "cancel", cancels: [{ a: ASSET, o: lastOid(exchange) }] });
        break;
      }
      case "reserve": {
        const action = { type: "reserveRequestWeight" as const, weight: step.weight };
        const passed = model.admits(1, false, blockMs);
        expect(isOverBudget(errorText(exchange.act(ALICE, action)))).toBe(!passed);
        if (passed) model.reserved += step.weight;
        break;
      }
      case "single":
      case "batch": {
        const items = step.do === "batch" ? step.items : 1;
        const stale = step.do === "batch" && step.stale;
        const expiry = stale ? { expiresAfterMs: beforeMs - 1 } : {};
        const text = errorText(exchange.act(ALICE, batch(items, step.cancels), expiry));
        if (stale) {
          expect(text).toBe("Action already expired");
          model.used += 5 * items;
        } else expect(isOverBudget(text)).toBe(!model.admits(items, step.cancels, blockMs));
      }
    }
    const { used, cap, surplus, cumVlmMicroUsd } = exchange.venue.rateLimit(ALICE);
    expect({ used, cap, surplus, volume: Number(cumVlmMicroUsd) }).toEqual({
      used: Math.max(0, model.used - model.reserved),
      cap: model.cap(false),
      surplus: Math.max(0, model.reserved - model.used),
      volume: model.volume,
    });
  }
}

function lastOid(exchange: Exchange): number {
  return exchange.venue.openOrders(BOB).at(-1)?.oid ?? 1;
}

test(
  "budgets count exactly",
  () => {
    fc.assert(fc.property(script, check), { numRuns: propertyRuns(150) });
  },
  propertyTimeoutMs(),
);
