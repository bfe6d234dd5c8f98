import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { actionEconomy, actionsAllowed, reserveAdvice } from "../../lib/core/budget.ts";
import { actionGainMicroUsd, keepOrders } from "../../lib/core/keepOrders.ts";
import { diffOrders, mostUrgent } from "../../lib/core/orderDiff.ts";
import { addActions, paceAt } from "../../lib/core/pace.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import type { DesiredQuote, QuotePlan } from "../../lib/core/quotePlan.ts";
import { orderValueMicroUsd } from "../../lib/core/quoteValue.ts";
import type { ActionPace, BotState } from "../../lib/messages/state.ts";
import type { WorkingOrder } from "../../lib/messages/orders.ts";
import { microUsd, ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  BID,
  SPEC,
  START_MS,
  at,
  dispatch,
  order,
  params,
  quotingState,
  reading,
} from "../support/coreFixtures.ts";

const HOUR_MS = 3_600_000;
const NOW = ms(START_MS);

function spending(used: number, perHour = 0, earnedUsd = 0): BotState {
  const state = quotingState();
  const pace: ActionPace = { atMs: NOW, fastPerHour: perHour, slowPerHour: perHour };
  const hour = Math.floor(START_MS / HOUR_MS);
  const hours =
    earnedUsd === 0
      ? []
      : [{ hour, makerMicroUsd: microUsd(earnedUsd * 1e6), takerMicroUsd: microUsd(0) }];
  return {
    ...state,
    account: { ...state.account, budget: { used, cap: 10_000 }, pace },
    ledger: { ...state.ledger, recent: { roles: "", hours } },
  };
}
const economy = (...of: Parameters<typeof spending>) =>
  actionEconomy(spending(...of), NOW, params());

describe("the price of an action", () => {
  test("rises with the pace and, at the same pace, as the budget shrinks", () => {
    const prices = [0, 200, 400, 800, 1_600].map((perHour) => economy(0, perHour).priceMicroUsd);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    const shrinking = [0, 3_000, 6_000, 8_500, 9_400].map(
      (used) => economy(used, 300).priceMicroUsd,
    );
    expect(shrinking).toEqual(shrinking.toSorted((a, b) => a - b));
    expect(shrinking.at(-1)).toBeGreaterThan(20 * (shrinking[0] ?? 0));
  });

  test("a burst, such as the ladders after three restarts, leaves a new ladder free", () => {
    const state = spending(100);
    const pace = addActions(undefined, 100, NOW);
    const after = actionEconomy({ ...state, account: { ...state.account, pace } }, NOW, params());
    expect(after.priceMicroUsd).toBeGreaterThan(params().actionPriceMicroUsd);
    expect(after.newOrderPriceMicroUsd).toBe(0);
  });

  test("is the reference price when what is spent would last the horizon", () => {
    const plenty: BotState = spending(0, 0);
    const cap = 1_000_500;
    const state = { ...plenty, account: { ...plenty.account, budget: { used: 0, cap } } };
    const perHour = 1e6 / (params().budgetHorizonMs / HOUR_MS);
    const pace = { atMs: NOW, fastPerHour: perHour, slowPerHour: perHour };
    const balanced = { ...state, account: { ...state.account, pace } };
    const { actionPriceMicroUsd } = params();
    const { priceMicroUsd } = actionEconomy(balanced, NOW, params());
    expect(priceMicroUsd / actionPriceMicroUsd).toBeCloseTo(1, 1);
  });

  test("falls with what trading earns, a tenth of the dollars in growth mode", () => {
    const busy = economy(2_000, 800, 8_000);
    expect(busy.earnedPerHour).toBe(800);
    expect(busy.runwayHours).toBeNull();
    expect(busy.priceMicroUsd).toBeLessThan(economy(2_000, 800).priceMicroUsd);
  });

  test("outside growth mode a dollar earns a whole action, and hours without trades count", () => {
    const state = spending(0, 0, 6_000);
    const earned = (changes: Partial<typeof SPEC>, atMs = START_MS) =>
      actionEconomy(
        { ...state, run: { ...state.run, spec: { ...SPEC, ...changes } } },
        ms(atMs),
        params(),
      ).earnedPerHour;
    expect(earned({ growthMode: true })).toBeCloseTo(600, 6);
    expect(earned({ growthMode: false })).toBeCloseTo(6_000, 6);
    const hourMs = START_MS - (START_MS % HOUR_MS);
    expect(earned({}, hourMs + 4 * HOUR_MS)).toBeCloseTo(600 / 4, 6);
    expect(earned({}, hourMs + 400 * HOUR_MS)).toBeCloseTo(600 / 24, 6);
  });

  test("the forecast is what is left over what is spent beyond earnings", () => {
    expect(economy(1_500, 900, 1_000).runwayHours).toBeCloseTo(8_000 / 800, 9);
    expect(economy(9_600, 900).runwayHours).toBe(0);
  });

  test("modes grow stricter as the budget shrinks, and the last one is the venue's own", () => {
    const modes = [0, 8_200, 9_200, 9_500, 10_000].map((used) => economy(used).mode);
    expect(modes).toEqual(["free", "lean", "scarce", "spent", "throttled"]);
    const levels = [0, 8_200, 9_200, 9_500, 10_000, 19_500].map((used) => economy(used).levels);
    expect(levels).toEqual([Infinity, 5, 2, 2, 2, 0]);
  });

  test("beyond the budget one order in ten seconds goes, while cancels are left for an emergency", () => {
    const allowed = (used: number, reducing: boolean, afterMs: number) =>
      actionsAllowed(spending(used).account, reducing, ms(START_MS + afterMs), params());
    expect([allowed(9_000, false, 0), allowed(9_000, true, 0)]).toEqual([500, 1_000]);
    // Reducing orders may use the reserve at once.
    expect([allowed(9_500, false, 10_999), allowed(9_500, true, 0)]).toEqual([0, 500]);
    for (const used of [9_500, 10_000, 19_499]) expect(allowed(used, false, 11_000)).toBe(1);
    expect([allowed(10_000, true, 9_999), allowed(10_000, true, 10_000)]).toEqual([0, 1]);
    expect([allowed(19_500, false, 60_000), allowed(19_500, true, 60_000)]).toEqual([0, 1]);
  });

  test("beyond the budget the price is that of what may still be sent at that pace", () => {
    expect(economy(9_500).priceMicroUsd).toBeLessThan(economy(9_499).priceMicroUsd);
    expect(economy(19_000).priceMicroUsd).toBeGreaterThan(economy(9_500).priceMicroUsd);
  });

  test("advice on buying actions follows the price", () => {
    expect(reserveAdvice(economy(0, 300, 10_000))).toContain("nothing to reserve");
    expect(reserveAdvice(economy(0, 100))).toContain("do not reserve");
    const dear = reserveAdvice({ ...economy(5_000, 1_000), priceMicroUsd: 900 });
    expect(dear).toContain("reserving 24000 for a day costs 12.00 USDC");
  });

  test("whatever is wanted, spending by this price never empties the budget in ten days", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 10_000 }), (wantedPerHour) => {
        let used = 0;
        let pace: ActionPace | undefined;
        for (let minute = 0; minute < 14_400; minute++) {
          const atMs = ms(START_MS + minute * 60_000);
          const state = spending(used);
          const account = { ...state.account, pace };
          const { priceMicroUsd } = actionEconomy({ ...state, account }, atMs, params());
          // The dearer, the fewer replacements are worth it: the demand of a random walk is as its inverse.
          const actions = (wantedPerHour / 60) * Math.min(1, 20 / priceMicroUsd);
          used += actions;
          pace = addActions(pace, actions, atMs);
        }
        expect(used).toBeLessThanOrEqual(9_500);
      }),
      { numRuns: 20 },
    );
  });

  test("the pace forgets: e-fold in ten minutes and in two hours", () => {
    const pace = addActions(undefined, 100, NOW);
    expect(pace.fastPerHour).toBeCloseTo(600, 9);
    expect(pace.slowPerHour).toBeCloseTo(50, 9);
    const later = paceAt(pace, ms(START_MS + 600_000));
    expect(later.fastPerHour).toBeCloseTo(600 / Math.E, 9);
    expect(paceAt(later, NOW)).toBe(later);
  });
});

function planned(): Required<QuotePlan> {
  const plan = planQuotes(quotingState(), at(), params());
  if (plan.models === undefined) throw new Error("both sides are quoted");
  return { ...plan, models: plan.models };
}
const plan = planned();
const bids = plan.quotes.filter(({ side }) => side === "bid");

function resting(quote: DesiredQuote, index: number, movedTicks = 0): WorkingOrder {
  return order({
    cloid: `0x${index}`,
    side: quote.side,
    pxTicks: pxTicks(quote.pxTicks + movedTicks),
    origLots: quote.sizeLots,
    leavesLots: quote.sizeLots,
    queueAheadLots: sizeLots(0),
  });
}

describe("which orders stay", () => {
  const rules = (actionPriceMicroUsd: number) => ({
    sizeToleranceFraction: 0.3,
    actionPriceMicroUsd,
  });

  test("in their places all stay, whatever an action costs", () => {
    const orders = bids.map((quote, i) => resting(quote, i));
    for (const price of [0, 20, 1e6])
      expect(keepOrders(bids, orders, plan.models.bid, rules(price))).toEqual(
        bids.map((_, i) => i),
      );
  });

  test("one that the market has come to is replaced, one slightly off stays while actions have a price", () => {
    const stale = bids.map((quote, i) => resting(quote, i, i === 0 ? 110 : 0));
    expect(keepOrders(bids, stale, plan.models.bid, rules(20))[0]).toBe(-1);
    const off = bids.map((quote, i) => resting(quote, i, i === 0 ? -30 : 0));
    expect(keepOrders(bids, off, plan.models.bid, rules(20))[0]).toBe(0);
  });

  test("the dearer an action, the fewer are replaced", () => {
    const replaced = [0.001, 1, 20, 400].map((price) => {
      const orders = bids.map((quote, i) => resting(quote, i, -60 - 20 * i));
      return keepOrders(bids, orders, plan.models.bid, rules(price)).filter((index) => index < 0)
        .length;
    });
    expect(replaced).toEqual(replaced.toSorted((a, b) => b - a));
  });

  test("the assignment is one-to-one and no other loses less", () => {
    const moves = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 0, maxLength: 4 });
    fc.assert(
      fc.property(
        moves,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 300 }),
        (moved, count, price) => {
          const quotes = bids.slice(0, count);
          const orders = moved
            .map((steps, i) => resting(bids[i] ?? quotes[0]!, i, 10 * steps))
            .toSorted((a, b) => b.pxTicks - a.pxTicks);
          const pairs = keepOrders(quotes, orders, plan.models.bid, rules(price));
          const used = pairs.filter((index) => index >= 0);
          expect(new Set(used).size).toBe(used.length);
          const costOf = (assigned: readonly number[]): number => {
            const kept = assigned.filter((index) => index >= 0).length;
            let cost = (price / 2) * (quotes.length + orders.length - 2 * kept);
            for (const [i, j] of assigned.entries()) {
              const [quote, own] = [quotes[i], orders[j]];
              if (j < 0 || quote === undefined || own === undefined) continue;
              const queue = quote.reason.queueLots ?? plan.models.bid.usualLots;
              const wanted = orderValueMicroUsd(
                plan.models.bid,
                quote.pxTicks,
                quote.sizeLots,
                queue,
              );
              const has = orderValueMicroUsd(plan.models.bid, own.pxTicks, own.leavesLots, 0);
              cost += Math.max(0, wanted - has);
            }
            return cost;
          };
          // Dropping any one pair is no better.
          for (const [i, j] of pairs.entries())
            if (j >= 0) expect(costOf(pairs)).toBeLessThanOrEqual(costOf(pairs.with(i, -1)) + 1e-6);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("far levels are left as they are while actions are scarce", () => {
    const options = {
      sizeToleranceFraction: 0.3,
      noPlacing: null,
      worth: { models: plan.models, edgeBpsMin: params().edgeBpsMin },
      economy: {
        actionPriceMicroUsd: 20,
        newOrderPriceMicroUsd: 0,
        levels: 2,
      },
    };
    const diff = diffOrders(bids, {}, options);
    expect(diff.place.length).toBe(2);
    expect(diff.held.length).toBe(bids.length - 2);
  });
});

describe("a sweep", () => {
  test("of everything within its reach leaves the position under the skew limit", () => {
    for (const lots of [-190, -100, 0, 60, 150, 190]) {
      const { quotes } = planQuotes(quotingState(lots), at(), params());
      for (const side of ["bid", "ask"] as const) {
        const sign = side === "bid" ? 1 : -1;
        const reached = quotes
          .filter((quote) => quote.side === side)
          .filter(({ pxTicks: px }) => Math.abs(px / (BID + 10) - 1) * 1e4 <= params().sweepBps)
          .reduce((sum, { sizeLots: size }) => sum + size, 0);
        const after = Math.abs(lots + sign * reached) * BID;
        const before = Math.abs(lots) * BID;
        expect(after).toBeLessThanOrEqual(Math.max(before, 0.75 * 150e6));
      }
    }
  });

  test("two hundred orders stand where the capital feeds them, within the same limit", () => {
    const state = quotingState();
    const equityMicroUsd = microUsd(100_000e6);
    const rich = params({ orderLevels: 100, capitalMicroUsd: equityMicroUsd });
    const account = { ...state.account, reading: reading({ equityMicroUsd }) };
    const { quotes } = planQuotes({ ...state, account }, at(), rich);
    expect(quotes.length).toBeGreaterThan(190);
    const reached = quotes
      .filter(({ side, pxTicks: px }) => side === "bid" && 1e4 * (1 - px / (BID + 10)) <= 8)
      .reduce((sum, { sizeLots: size }) => sum + size, 0);
    expect(reached * BID).toBeLessThanOrEqual(0.75 * 0.015 * 1e6 * 1e6);
  });

  test("a fill takes levels away or gives them back, it resizes none", () => {
    const sizesOf = (lots: number) =>
      new Map(
        planQuotes(quotingState(lots), at(), params()).quotes.map(
          ({ side, reason, sizeLots: size }) => [`${side} ${reason.level}`, Number(size)],
        ),
      );
    const flat = sizesOf(0);
    for (const [key, size] of sizesOf(40)) expect(size).toBe(flat.get(key) ?? -1);
  });

  test("the step after a fill cancels on the filled side and leaves the other", () => {
    const state = quotingState(0);
    const step = dispatch({ ...at(), kind: "book" }, state, params());
    expect(step.commands.every(({ kind }) => kind === "place")).toBe(true);
    expect(step.commands.length).toBe(plan.quotes.length);
  });
});

describe("an action that gains too little", () => {
  const options = (price: number, newOrderPriceMicroUsd = price) => ({
    sizeToleranceFraction: 0.3,
    noPlacing: null,
    worth: { models: plan.models, edgeBpsMin: params().edgeBpsMin },
    economy: {
      actionPriceMicroUsd: price,
      newOrderPriceMicroUsd,
      levels: Infinity,
    },
  });

  const driftedBy = (ticks: number) =>
    Object.fromEntries(
      bids.map((quote, i) => {
        const own = resting(quote, i, -ticks);
        return [own.cloid, own];
      }),
    );

  test("is what it adds for as long as it lasts, and a loss that it ends, once", () => {
    const [quote] = bids;
    if (quote === undefined) throw new Error("bids are quoted");
    const { bid: model } = plan.models;
    const queue = quote.reason.queueLots ?? model.usualLots;
    const worth = (px: number, ahead: number) =>
      orderValueMicroUsd(model, px, quote.sizeLots, ahead);
    const value = worth(quote.pxTicks, queue);
    const still = { ...quote, reason: { ...quote.reason, halfSpreadBps: 3, volatilityBps: 1 } };
    const wild = { ...quote, reason: { ...quote.reason, halfSpreadBps: 3, volatilityBps: 30 } };
    const calm = { ...quote, reason: { ...quote.reason, halfSpreadBps: 3, volatilityBps: 0 } };
    expect(value).toBeGreaterThan(0);
    expect(actionGainMicroUsd(still, null, model)).toBeCloseTo(9 * value, 6);
    expect(actionGainMicroUsd(wild, null, model)).toBeCloseTo(value, 6);
    expect(actionGainMicroUsd(calm, null, model)).toBeCloseTo(100 * value, 6);
    const far = resting(quote, 0, -100);
    const kept = worth(far.pxTicks, 0);
    expect(kept).toBeWithin(0, value);
    expect(actionGainMicroUsd(still, far, model)).toBeCloseTo(9 * (value - kept), 6);
    const losing = resting(quote, 0, 200);
    const loss = worth(losing.pxTicks, 0);
    expect(loss).toBeLessThan(0);
    expect(actionGainMicroUsd(still, losing, model)).toBeCloseTo(9 * value - loss, 6);
  });

  test("is not taken: an order that has drifted stays while actions are dear", () => {
    const working = driftedBy(600);
    expect(diffOrders(bids, working, options(1)).modify.length).toBeGreaterThan(3);
    const dear = diffOrders(bids, working, options(1e9));
    expect(dear.cancel).toEqual([]);
    expect(dear.modify.length + dear.keep.length).toBe(bids.length);
    expect(dear.modify.every(({ quote: { reason } }) => reason.level < 2)).toBe(true);
    expect(dear.held[0]?.reason).toContain("less than an action is worth");
  });

  test("a ladder that lost its best order gets it back, and nothing else moves", () => {
    const rest = Object.fromEntries(
      bids.slice(1).map((each, i) => {
        const own = resting(each, i);
        return [own.cloid, own];
      }),
    );
    const diff = diffOrders(bids, rest, options(20, 0));
    expect(diff).toMatchObject({ cancel: [], modify: [], place: [bids[0]!] });
    expect(diff.keep).toHaveLength(bids.length - 1);
  });

  test("is taken whatever it costs where the market has left both nearest orders behind", () => {
    const far = driftedBy(20_000);
    const levels = ({ modify }: ReturnType<typeof diffOrders>) =>
      modify.map(({ quote: { reason } }) => reason.level);
    const dear = options(1e9);
    expect(levels(diffOrders(bids, far, dear))).toEqual([0, 1]);
    expect(levels(diffOrders(bids, driftedBy(0), dear))).toEqual([]);
  });

  test("where few actions pass, what is missing goes first, then what is furthest from its place", () => {
    const diff = diffOrders(bids, driftedBy(20_000), options(1e9));
    const working = driftedBy(20_000);
    expect(mostUrgent(diff, working, Infinity)).toBe(diff);
    const missing = { ...diff, place: [bids[1]!, bids[0]!] };
    const three = mostUrgent(missing, working, 3);
    expect(three.place.map(({ reason }) => reason.level)).toEqual([0, 1]);
    expect(three.modify.length).toBe(1);
    expect(mostUrgent(missing, working, 1)).toMatchObject({ place: [bids[0]!], modify: [] });
    expect(mostUrgent(missing, working, 0)).toMatchObject({ place: [], modify: [] });
  });

  test("every level gets its first order while actions are plenty, near ones when they are not", () => {
    expect(economy(0).newOrderPriceMicroUsd).toBe(0);
    expect(economy(0, 2_000).newOrderPriceMicroUsd).toBeGreaterThan(100);
    expect(diffOrders(bids, {}, options(20, 0)).place.length).toBe(bids.length);
    const dear = diffOrders(bids, {}, options(20)).place.map(({ reason }) => reason.level);
    expect(dear.length).toBeLessThan(bids.length);
    expect(dear).toEqual(dear.map((_, i) => i));
  });

  test("the two nearest levels get an order whatever an action costs: a market maker is present", () => {
    const { place } = diffOrders(bids, {}, options(1e9));
    expect(place.map(({ reason }) => reason.level)).toEqual([0, 1]);
  });
});
