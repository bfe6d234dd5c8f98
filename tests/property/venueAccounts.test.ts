import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AccountView } from "../../lib/venue/rules/views.ts";
import { propertyRuns, propertyTimeoutMs } from "../support/propertyRuns.ts";
import { Exchange } from "../venue/exchange.ts";
import {
  accountsScript,
  OPTIONS,
  playAccounts,
  PEOPLE,
  subAccountsOf,
} from "./venueAccountsScript.ts";

/*
 * Everything that money can do, in any order: trades with high leverage, cross and isolated, stops and TWAPs, transfers
 * between dexes, spot, accounts and sub-accounts, modes, margin moves, jumps of the oracle, hours of funding, halts,
 * upgrades and a delisting.
 */

const DEXES = ["", "km"];

function everybody(exchange: Exchange): readonly string[] {
  return [...PEOPLE, ...PEOPLE.flatMap((master) => subAccountsOf(exchange, master))];
}

function moneyConserves({ venue }: Exchange): void {
  for (const dex of DEXES) {
    const money = venue.money(dex);
    const held = money.accountsMicroUsd + money.houseMicroUsd + money.feesMicroUsd;
    expect({ dex, held }).toEqual({ dex, held: money.depositsMicroUsd });
    for (const [coin, lots] of money.lotsByCoin) expect({ coin, lots }).toEqual({ coin, lots: 0 });
  }
  for (const token of [0, 360]) {
    const { heldMicroUsd, movedMicroUsd } = venue.spotMoney(token);
    expect({ token, heldMicroUsd }).toEqual({ token, heldMicroUsd: movedMicroUsd });
  }
}

/** Who was told to be liquidated since the last look. */
function liquidatedSince(exchange: Exchange, from: number): ReadonlySet<string> {
  return new Set(
    exchange.outputs
      .slice(from)
      .flatMap((output) => (output.kind === "liquidation" ? [output.liquidatedUser] : [])),
  );
}

/** Positions, cross or isolated, that are below their maintenance margin. */
function isUnderwater(view: AccountView): boolean {
  const crossBelow =
    view.crossNtlPosMicroUsd > 0 && view.crossAccountValueMicroUsd < view.crossMaintenanceMicroUsd;
  return (
    crossBelow ||
    view.positions.some(
      (each) =>
        each.isolatedRawMicroUsd !== null && each.marginUsedMicroUsd < each.maintenanceMicroUsd,
    )
  );
}

/** Nobody buys what is liquidated between two thirds of maintenance and the whole: such a one stays, but was told. */
function nobodyIsUnderwaterUnseen(exchange: Exchange, from: number, told: Set<string>): void {
  const liquidated = liquidatedSince(exchange, from);
  for (const user of everybody(exchange)) {
    const isUnified = exchange.venue.abstraction(user) === "unifiedAccount";
    for (const dex of DEXES) {
      const view = exchange.venue.account(user, dex);
      if (!isUnified) expect(view.accountValueMicroUsd).toBeGreaterThanOrEqual(0);
      const key = `${user} ${dex}`;
      if (isUnified || !isUnderwater(view)) {
        told.delete(key);
        continue;
      }
      if (liquidated.has(user)) told.add(key);
      expect({ user, dex, wasLiquidated: told.has(key) }).toEqual({
        user,
        dex,
        wasLiquidated: true,
      });
    }
  }
}

test(
  "money conserves to the micro-dollar over all accounts, and nobody is under water unseen",
  () => {
    fc.assert(
      fc.property(accountsScript, (steps) => {
        let seen = 0;
        const told = new Set<string>();
        playAccounts(steps, (exchange) => {
          moneyConserves(exchange);
          nobodyIsUnderwaterUnseen(exchange, seen, told);
          seen = exchange.outputs.length;
        });
      }),
      { numRuns: propertyRuns(90) },
    );
  },
  propertyTimeoutMs(),
);

test(
  "an action log that is written down and replayed gives the same state hash",
  () => {
    fc.assert(
      fc.property(accountsScript, (steps) => {
        const { exchange } = playAccounts(steps);
        const log = JSON.parse(JSON.stringify(exchange.log)) as typeof exchange.log;
        const again = Exchange.replay(log, OPTIONS);
        expect(again.venue.stateHash()).toBe(exchange.venue.stateHash());
        expect(again.outputs).toEqual(exchange.outputs);
      }),
      { numRuns: propertyRuns(40) },
    );
  },
  propertyTimeoutMs(),
);

test(
  "the script reaches what it is for",
  () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(accountsScript, (steps) => {
        const { exchange } = playAccounts(steps);
        for (const output of exchange.outputs) {
          if (output.kind === "fill") met.add(output.fill.dir.replace(/(Cross|Isolated) .*/, "$1"));
          else if (output.kind === "orderUpdate") met.add(output.order.status);
          else met.add(output.kind);
        }
      }),
      { numRuns: 150 },
    );
    for (const wanted of [
      "Liquidated Cross",
      "Liquidated Isolated",
      "Auto-Deleveraging",
      "Settlement",
      "funding",
      "twap",
      "liquidation",
      "delistedCanceled",
      "liquidatedCanceled",
      "marginCanceled",
      "triggered",
    ])
      expect([...met]).toContain(wanted);
  },
  propertyTimeoutMs(),
);
