import { describe, expect, test } from "bun:test";
import { initialState } from "../../lib/core/initialState.ts";
import type { LedgerSlice } from "../../lib/messages/state.ts";
import { restoredFeed } from "../../lib/runtime/restoreFeed.ts";
import { microUsd, positionLots } from "../../lib/units/numbers.ts";
import { RUN, START_MS } from "../browser/fixtureState.ts";
import { fillRow, modeRow, readingRow } from "../support/reportRows.ts";

/** Books with a profit of 700: 500 of spread, -100 against us, 300 by holding. */
const ledger: LedgerSlice = {
  ...initialState.ledger,
  positionLots: positionLots(10),
  cashMicroUsd: microUsd(-9_000),
  markX2Ticks: 2_000,
  pnl: { spread: 1_000, adverse: -200, inventory: 600 },
};

function restored() {
  const books = {
    ledgerLots: 10,
    positionLots: 10,
    feesMicroUsd: 40,
    fundingMicroUsd: 7,
    spreadHalfMicro: 1_000,
    adverseHalfMicro: -200,
  };
  const feed = restoredFeed(
    RUN,
    {
      equity: () => [
        readingRow(START_MS - 20_000, { equityMicroUsd: 1_000, mode: "widened", midX2Ticks: null }),
        readingRow(START_MS - 10_000, {
          ...books,
          equityMicroUsd: 900,
          cashMicroUsd: -9_000,
          midX2Ticks: 2_000,
          mode: "normal",
        }),
        readingRow(START_MS + 10_000, { equityMicroUsd: 5 }),
      ],
      fills: () => [
        fillRow(START_MS - 15_000, { cloid: null, oid: 7, placement: "gap" }),
        fillRow(START_MS - 9_000, { taker: true }),
      ],
      modeChanges: () => [
        modeRow(START_MS - 30_000, "widened"),
        modeRow(START_MS - 12_000, "normal"),
      ],
    },
    ledger,
  );
  return feed.snapshot();
}

describe("what earlier starts have stored", () => {
  test("is the beginning of the series, up to this start", () => {
    const { t, columns } = restored().samples;
    expect(t).toEqual([START_MS - 20_000, START_MS - 10_000]);
    expect(columns.equity).toEqual([1_000, 900]);
    expect(columns.drawdown[1]).toBeCloseTo(0.1, 9);
    expect(columns.mode).toEqual([1, 0]);
    expect(columns.ownBid).toEqual([null, null]);
  });

  test("leads up to the profit that the books hold", () => {
    const { columns } = restored().samples;
    expect(columns.spread[1]).toBe(500);
    expect(columns.adverse[1]).toBe(-100);
    expect(columns.inventory[1]).toBe(300);
    expect(columns.total[1]).toBe(700 + 7 - 40);
    expect(columns.total[0]).toBeNull();
  });

  test("has its fills, each with the order to ask for and its cause", () => {
    const { fills } = restored();
    expect(fills.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(fills[0]?.order).toBe("7");
    expect(fills.map(({ cause }) => cause)).toEqual(["gap", "taker"]);
  });
});
