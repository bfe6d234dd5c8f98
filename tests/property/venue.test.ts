import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HOUSE_ADDRESS } from "../../lib/venue/rules/ids.ts";
import { propertyRuns, propertyTimeoutMs } from "../support/propertyRuns.ts";
import { COIN } from "../venue/exchange.ts";
import type { Exchange } from "../venue/exchange.ts";
import { play, replayedScript, SCRIPT_ACCOUNTS, simulatedScript } from "./venueScript.ts";
import type { ScriptStep } from "./venueScript.ts";

type Source = "simulated" | "replayed";
const SOURCES: readonly (readonly [Source, fc.Arbitrary<ScriptStep[]>])[] = [
  ["simulated", simulatedScript],
  ["replayed", replayedScript],
];
const RUNS = { numRuns: propertyRuns(150) };

function bookIsNotCrossed({ venue }: Exchange): void {
  const book = venue.book(COIN);
  const bid = book.bestBid()?.pxTicks ?? 0;
  const ask = book.bestAsk()?.pxTicks ?? Infinity;
  expect(bid).toBeLessThan(ask);
}

function moneyConserves({ venue }: Exchange): void {
  const money = venue.money("km");
  expect(money.accountsMicroUsd + money.houseMicroUsd + money.feesMicroUsd).toBe(
    money.depositsMicroUsd,
  );
  for (const lots of money.lotsByCoin.values()) expect(lots).toBe(0);
}

function nobodyIsBelowZero({ venue }: Exchange): void {
  // While the recorded book is unknown nothing can be closed at market, but the backstop still takes over.
  for (const account of SCRIPT_ACCOUNTS) {
    expect(venue.account(account, "km").accountValueMicroUsd).toBeGreaterThanOrEqual(0);
  }
}

function reduceOnlyFitsPositions(exchange: Exchange): void {
  for (const account of SCRIPT_ACCOUNTS) {
    const position = exchange.position(account);
    for (const side of ["bid", "ask"] as const) {
      const closable = Math.max(0, side === "ask" ? position : -position);
      const resting = exchange.venue
        .openOrders(account)
        .filter((order) => order.reduceOnly && order.side === side)
        .reduce((sum, order) => sum + order.leavesLots, 0);
      expect(resting).toBeLessThanOrEqual(closable);
    }
  }
}

describe.each(SOURCES)("a %s market", (source, script) => {
  test(
    "never shows a crossed book, loses no micro-dollar, lets nobody fall below zero",
    () => {
      fc.assert(
        fc.property(script, (steps) => {
          play(source, steps, (exchange) => {
            bookIsNotCrossed(exchange);
            moneyConserves(exchange);
            nobodyIsBelowZero(exchange);
            reduceOnlyFitsPositions(exchange);
          });
        }),
        RUNS,
      );
    },
    propertyTimeoutMs(),
  );

  test(
    "an order's fills and leaves add up to what was asked, less what reduce-only took off",
    () => {
      fc.assert(
        fc.property(script, (steps) => {
          const { exchange } = play(source, steps);
          for (const account of SCRIPT_ACCOUNTS) {
            const filled = new Map<number, number>();
            for (const fill of exchange.fills(account)) {
              filled.set(fill.oid, (filled.get(fill.oid) ?? 0) + fill.sizeLots);
            }
            for (const order of exchange.venue.historicalOrders(account)) {
              const sum = (filled.get(order.oid) ?? 0) + order.leavesLots;
              if (order.reduceOnly) expect(sum).toBeLessThanOrEqual(order.origLots);
              else expect(sum).toBe(order.origLots);
            }
          }
        }),
        RUNS,
      );
    },
    propertyTimeoutMs(),
  );

  test(
    "makers trade in price-time order and never worse than their price",
    () => {
      fc.assert(
        fc.property(script, (steps) => {
          const { exchange } = play(source, steps);
          const sweeps = Map.groupBy(
            exchange.outputs.flatMap((output) => (output.kind === "fill" ? [output.fill] : [])),
            (fill) => fill.hash,
          );
          for (const fills of sweeps.values()) {
            const makers = fills.filter((fill) => !fill.crossed);
            for (let index = 1; index < makers.length; index += 1) {
              const [before, after] = [makers[index - 1]!, makers[index]!];
              const sign = after.side === "bid" ? 1 : -1;
              const better = sign * (before.pxTicks - after.pxTicks);
              expect(better).toBeGreaterThanOrEqual(0);
              if (better === 0) expect(before.oid).toBeLessThanOrEqual(after.oid);
            }
          }
          for (const account of SCRIPT_ACCOUNTS) {
            for (const fill of exchange.fills(account)) {
              const order = exchange.venue.orderByOid(account, fill.oid);
              if (order === null) continue;
              const sign = order.side === "bid" ? 1 : -1;
              expect(sign * (order.pxTicks - fill.pxTicks)).toBeGreaterThanOrEqual(0);
            }
          }
        }),
        RUNS,
      );
    },
    propertyTimeoutMs(),
  );

  test(
    "a nonce acts at most once",
    () => {
      fc.assert(
        fc.property(script, (steps) => {
          for (const count of play(source, steps).accepted.values()) {
            expect(count).toBeLessThanOrEqual(1);
          }
        }),
        RUNS,
      );
    },
    propertyTimeoutMs(),
  );

  test(
    "the same inputs give the same state and the same outputs",
    () => {
      fc.assert(
        fc.property(script, (steps) => {
          const [one, two] = [play(source, steps).exchange, play(source, steps).exchange];
          expect(one.venue.stateHash()).toBe(two.venue.stateHash());
          expect(one.outputs).toEqual(two.outputs);
        }),
        { numRuns: propertyRuns(60) },
      );
    },
    propertyTimeoutMs(),
  );
});

test(
  "a recorded print is told in full, our fills included, and not a lot more",
  () => {
    fc.assert(
      fc.property(replayedScript, (steps) => {
        const { exchange } = play("replayed", steps);
        const prints = steps.flatMap((step) =>
          step.do === "market" && step.input.kind === "tapePrint" ? [step.input.sizeLots] : [],
        );
        const told = exchange.outputs.flatMap((output) => {
          if (output.kind !== "trades") return [];
          const [first] = output.trades;
          const taker = first?.side === "bid" ? first.buyer : first?.seller;
          if (taker !== HOUSE_ADDRESS) return [];
          return [output.trades.reduce((sum, trade) => sum + trade.sizeLots, 0)];
        });
        expect(told).toEqual(prints);
      }),
      RUNS,
    );
  },
  propertyTimeoutMs(),
);
