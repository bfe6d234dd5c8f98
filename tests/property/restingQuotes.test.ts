import { expect, test } from "bun:test";
import fc from "fast-check";
import { requote } from "../../functions/requote.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import { edgeAtBps } from "../../lib/core/quoteValue.ts";
import type { Command } from "../../lib/messages/commands.ts";
import type { WorkingOrder } from "../../lib/messages/orders.ts";
import type { BotState } from "../../lib/messages/state.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  ASK,
  at,
  BID,
  order,
  quotingState,
  START_MS,
  withOrders,
} from "../support/coreFixtures.ts";

const LOOK_MS = 600;

/** What the venue would do at once with everything that was sent. */
function settled(state: BotState, commands: readonly Command[]): BotState {
  const working = new Map(Object.entries(state.orders.working));
  for (const command of commands) {
    if (command.kind === "cancel") working.delete(command.cloid);
    if (command.kind === "modify") working.delete(command.replaces);
    if (command.kind !== "place" && command.kind !== "modify") continue;
    const { cloid, side, pxTicks: px, sizeLots: lots, reason } = command;
    const shape = { cloid, side, pxTicks: px, origLots: lots, leavesLots: lots };
    working.set(cloid, order({ ...shape, reason: reason ?? null }));
  }
  return withOrders(state, [...working.values()]);
}

const move = fc.record({
  ticks: fc.integer({ min: -60, max: 60 }).map((steps) => 10 * steps),
  sigma: fc.double({ min: 0.02, max: 2, noNaN: true }),
  flow: fc.double({ min: -1, max: 1, noNaN: true }),
  lots: fc.integer({ min: -150, max: 150 }),
  used: fc.constantFrom(0, 5_000, 8_800, 9_300),
});

test("after every look at the market no order rests below the minimum edge, and no two at one price", () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 2, maxLength: 12 }), (moves) => {
      let state = quotingState();
      let [away, atMs] = [0, START_MS];
      for (const { ticks, sigma, flow, lots, used } of moves) {
        away += ticks;
        // Long enough for the slowest look.
        atMs += 20 * LOOK_MS;
        const { lots: held } = { lots };
        const fresh = quotingState(held);
        const account = {
          ...fresh.account,
          readMs: ms(atMs),
          budget: { used, cap: 10_000 },
          pace: state.account.pace,
        };
        state = { ...state, ledger: fresh.ledger, account };
        const shifted = (px: number) =>
          Array.from({ length: 5 }, (_, i) => ({
            pxTicks: pxTicks(px + away + (px === BID ? -10 : 10) * i),
            sizeLots: sizeLots(5_000),
          }));
        const changes = { sigmaBpsPerSqrtSec: sigma, flowImbalance: flow };
        const event = {
          ...at(atMs, { ...changes, bids: shifted(BID), asks: shifted(ASK) }),
          kind: "book",
        } as const;
        const step = requote(event, state, defaultParams);
        state = settled(step.state, step.commands);
        const { models } = planQuotes(state, event, defaultParams);
        if (models === undefined) continue;
        const orders: WorkingOrder[] = Object.values(state.orders.working);
        for (const { side, pxTicks: px } of orders)
          expect(edgeAtBps(models[side], px)).toBeGreaterThan(defaultParams.edgeBpsMin - 1e-6);
        const prices = orders.map(({ side, pxTicks: px }) => `${side} ${px}`);
        expect(new Set(prices).size).toBe(prices.length);
      }
    }),
    { numRuns: 150 },
  );
});
