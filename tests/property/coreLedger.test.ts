import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { initialState } from "../../lib/core/initialState.ts";
import {
  applyFillToLedger,
  applyFunding,
  markLedger,
  takeBaseline,
} from "../../lib/core/ledger.ts";
import { closePnl } from "../../lib/core/pnl.ts";
import type { LedgerSlice } from "../../lib/messages/state.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { START_MS, at, ownFill, params, reading } from "../support/coreFixtures.ts";

const PARAMS = params({ markoutHorizonMs: ms(10_000) });

function based(lots: number, midX2: number | null): LedgerSlice {
  const value = microUsd(Math.abs(lots) * 770_010);
  const account = reading({ positionLots: positionLots(lots), positionValueMicroUsd: value });
  return takeBaseline(initialState.ledger, account, midX2);
}

type Move =
  | { readonly kind: "mid"; readonly midX2: number | null; readonly after: number }
  | {
      readonly kind: "fill";
      readonly bid: boolean;
      readonly px: number;
      readonly lots: number;
      readonly midX2: number | null;
    }
  | { readonly kind: "funding"; readonly usd: number };

const midX2 = fc.option(fc.integer({ min: 1_500_000, max: 1_600_000 }), { freq: 8 });
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant("mid" as const), midX2, after: fc.nat(8_000) }),
  fc.record({
    kind: fc.constant("fill" as const),
    bid: fc.boolean(),
    px: fc.integer({ min: 750_000, max: 800_000 }),
    lots: fc.integer({ min: 1, max: 2_000 }),
    midX2,
  }),
  fc.record({ kind: fc.constant("funding" as const), usd: fc.integer({ min: -1e6, max: 1e6 }) }),
);

function sums(ledger: LedgerSlice): { readonly parts: number; readonly whole: number } {
  const { pnl, cashMicroUsd, positionLots: lots, markX2Ticks } = ledger;
  const value = lots === 0 ? 0 : lots * (markX2Ticks ?? Number.NaN);
  return { parts: pnl.spread + pnl.adverse + pnl.inventory, whole: 2 * cashMicroUsd + value };
}

describe("profit closes", () => {
  test("spread + adverse + inventory is cash + position x mid, exactly, at all times", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5_000, max: 5_000 }),
        fc.array(move, { maxLength: 60 }),
        (lots, moves) => {
          let ledger = based(lots, 1_540_020);
          const start = sums(ledger);
          let nowMs: number = START_MS;
          let [position, cash, fees, funding] = [lots, 0, 0, 0];
          for (const next of moves) {
            if (next.kind === "mid") {
              nowMs += next.after;
              ledger = markLedger(ledger, next.midX2, ms(nowMs), PARAMS);
            } else if (next.kind === "fill") {
              nowMs += 1;
              const sign = next.bid ? 1 : -1;
              position += sign * next.lots;
              cash -= sign * next.lots * next.px;
              fees += 77;
              const fill = ownFill({
                side: next.bid ? "bid" : "ask",
                pxTicks: pxTicks(next.px),
                sizeLots: sizeLots(next.lots),
                venueMs: ms(nowMs),
                feeMicroUsd: microUsd(77),
              });
              ledger = applyFillToLedger(ledger, fill, next.midX2, ms(nowMs), PARAMS);
            } else {
              nowMs += 1;
              funding += next.usd;
              const paid = {
                venueMs: ms(nowMs),
                microUsd: microUsd(next.usd),
                positionLots: positionLots(position),
              };
              ledger = applyFunding(ledger, { ...at(nowMs), kind: "funding", ...paid });
            }
            const { parts, whole } = sums(ledger);
            expect(parts).toBe(whole - start.whole);
          }
          const markPx = 771_234;
          const equity = 1_000_000_000 + cash + position * markPx - lots * 770_010 - fees + funding;
          const account = reading({
            equityMicroUsd: microUsd(equity),
            positionLots: positionLots(position),
            positionValueMicroUsd: microUsd(Math.abs(position) * markPx),
          });
          const pnl = closePnl(ledger, account);
          expect(Number(pnl?.residualMicroUsd)).toBe(0);
          const sum =
            (pnl?.spreadMicroUsd ?? 0) +
            (pnl?.adverseMicroUsd ?? 0) +
            (pnl?.inventoryMicroUsd ?? 0);
          expect(sum + funding - fees).toBe(Number(pnl?.totalMicroUsd));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("the parts are told in micro-USD: half of what is kept exactly", () => {
    const ledger = { ...based(0, 1_540_020), pnl: { spread: 200, adverse: -50, inventory: 7 } };
    const account = reading({ equityMicroUsd: microUsd(1_000_000_075) });
    expect(closePnl({ ...ledger, cashMicroUsd: microUsd(75) }, account)).toMatchObject({
      spreadMicroUsd: 100,
      adverseMicroUsd: -25,
      inventoryMicroUsd: 0,
      residualMicroUsd: 0,
    });
  });

  test("a missing fill shows as the residual", () => {
    const ledger = based(0, 1_540_020);
    const account = reading({
      equityMicroUsd: microUsd(1_000_000_500),
      positionLots: positionLots(10),
      positionValueMicroUsd: microUsd(10 * 770_060),
    });
    expect(Number(closePnl(ledger, account)?.totalMicroUsd)).toBe(7_700_600);
    expect(Number(closePnl(ledger, account)?.residualMicroUsd)).toBe(500 - 7_700_600);
    expect(closePnl(initialState.ledger, account)).toBeNull();
  });
});

describe("what a fill means", () => {
  const MID = 1_540_020;
  const fill = (bid: boolean, px: number, lots: number, afterMs = 1, fee = 0) =>
    ownFill({
      side: bid ? "bid" : "ask",
      pxTicks: pxTicks(px),
      sizeLots: sizeLots(lots),
      venueMs: ms(START_MS + afterMs),
      feeMicroUsd: microUsd(fee),
    });
  const apply = (ledger: LedgerSlice, entry: ReturnType<typeof fill>, mid: number | null = MID) =>
    applyFillToLedger(ledger, entry, mid, ms(START_MS), PARAMS);

  test("a bid below the mid earns spread; a fall after it is adverse, what follows is inventory", () => {
    const bought = apply(based(0, MID), fill(true, 770_000, 10));
    expect(bought.pnl).toEqual({ spread: 200, adverse: 0, inventory: 0 });
    const fell = markLedger(bought, MID - 40, ms(START_MS + 5_000), PARAMS);
    expect(fell.pnl).toEqual({ spread: 200, adverse: 0, inventory: -400 });
    const matured = markLedger(fell, MID + 60, ms(START_MS + 10_000), PARAMS);
    expect(matured.pnl).toEqual({ spread: 200, adverse: -400, inventory: 1_000 });
    expect(matured.pending).toEqual([]);
    expect(matured.markoutBps.bid).toBeCloseTo((-40 / MID) * 1e4, 9);
    expect(matured.markoutBps.ask).toBeNull();
  });

  test("while flat the mid is not stored, and nothing counts before the account was read", () => {
    const flat = based(0, MID);
    expect(markLedger(flat, MID + 2, ms(START_MS), PARAMS)).toBe(flat);
    const unread = initialState.ledger;
    expect(markLedger(unread, MID, ms(START_MS), PARAMS)).toBe(unread);
    const early = apply(initialState.ledger, fill(true, 770_000, 10));
    expect(Number(early.positionLots)).toBe(0);
    expect(early.fillWatermarkMs).toBe(ms(START_MS + 1));
    const before = apply(flat, fill(true, 770_000, 10, -2_000));
    expect(Number(before.positionLots)).toBe(0);
  });

  test("round trips run from flat to flat, net of fees, and split where the position turns", () => {
    let ledger = apply(based(0, MID), fill(true, 770_000, 10, 1, 30));
    ledger = apply(ledger, fill(false, 770_001, 5, 2, 30));
    expect(ledger.lossStreak).toBe(0);
    ledger = apply(ledger, fill(false, 770_001, 15, 3, 30));
    expect(ledger.lossStreak).toBe(1);
    expect(Number(ledger.positionLots)).toBe(-10);
    expect(Number(ledger.roundTripMicroUsd)).toBe(7_700_010 - 20);
    ledger = apply(ledger, fill(true, 769_000, 10, 4));
    expect(ledger.lossStreak).toBe(0);
    expect(Number(ledger.roundTripMicroUsd)).toBe(0);
  });

  test.each([
    ["a long above its price and both fees", true, 770_010, 10, 0],
    ["a long that gains less than its fees", true, 770_005, 10, 4],
    ["a long that gains just its fees", true, 770_006, 10, 0],
    ["a long below its price", true, 769_990, 10, 4],
    ["a short below its price and both fees", false, 769_990, 10, 0],
    ["a short that gains less than its fees", false, 769_995, 10, 4],
    ["a short that gains just its fees", false, 769_994, 10, 0],
    ["a short above its price", false, 770_010, 10, 4],
    ["a long that turns with a gain less than its fees", true, 770_005, 20, 4],
    ["a long that turns with its part of the fee earned", true, 770_006, 20, 0],
    ["one that is not closed yet", true, 769_000, 9, 3],
  ])("the streak after three losses: %s", (_, long, px, lots, streak) => {
    const opened = apply({ ...based(0, MID), lossStreak: 3 }, fill(long, 770_000, 10, 1, 30));
    expect(opened.lossStreak).toBe(3);
    // The fee is shared by size where the position turns: 30 of it belong to what it closes.
    const closed = apply(opened, fill(!long, px, lots, 2, 3 * lots));
    expect(closed.lossStreak).toBe(streak);
  });

  test("a position taken over while no book is known earns nothing by the first mark", () => {
    const marked = markLedger(based(10, null), MID, ms(START_MS), PARAMS);
    expect(marked).toMatchObject({ markX2Ticks: MID, pnl: { inventory: 0 } });
    const filled = apply(based(10, null), fill(true, 770_000, 5));
    expect(filled.pnl).toMatchObject({ inventory: 0, spread: 100 });
  });

  test("fills are counted by role, in number and in notional, of all time and of the hour", () => {
    const takes = { ...fill(false, 770_000, 3, 2), taker: true };
    const ledger = apply(apply(based(0, MID), fill(true, 770_000, 10)), takes);
    expect(ledger.fills).toEqual({ count: 2, maker: 1, taker: 1 });
    expect(ledger.notionalMicroUsd).toMatchObject({ maker: 7_700_000, taker: 2_310_000 });
    expect(ledger.recent.roles).toBe("mt");
    expect(ledger.recent.hours).toMatchObject([
      {
        hour: Math.floor(START_MS / 3_600_000),
        makerMicroUsd: 7_700_000,
        takerMicroUsd: 2_310_000,
      },
    ]);
  });

  test("funding is part of a round trip while something is held", () => {
    const paid = (usd: number, venueMs: number) => ({
      ...at(venueMs),
      kind: "funding" as const,
      venueMs: ms(venueMs),
      microUsd: microUsd(usd),
      positionLots: positionLots(10),
    });
    const opened = apply(based(0, MID), fill(true, 770_000, 10));
    const cost = applyFunding(opened, paid(-11, START_MS + 2));
    expect(apply(cost, fill(false, 770_001, 10, 3)).lossStreak).toBe(1);
    expect(apply(opened, fill(false, 770_001, 10, 3)).lossStreak).toBe(0);
    const flat = applyFunding(based(0, MID), paid(-11, START_MS + 2));
    expect(Number(flat.roundTripMicroUsd)).toBe(0);
    expect(Number(flat.fundingMicroUsd)).toBe(-11);
  });

  test("funding counts once", () => {
    const paid = {
      ...at(START_MS),
      kind: "funding" as const,
      venueMs: ms(START_MS),
      microUsd: microUsd(-5),
      positionLots: positionLots(1),
    };
    const once = applyFunding(based(1, MID), paid);
    expect(Number(once.fundingMicroUsd)).toBe(-5);
    expect(applyFunding(once, paid)).toBe(once);
  });

  test("what the taker ratio is made of stays bounded", () => {
    let ledger = based(0, MID);
    for (let i = 0; i < 150; i++) ledger = apply(ledger, fill(true, 770_000, 1, 1 + i * 3_600_000));
    expect(ledger.recent.roles.length).toBe(100);
    expect(ledger.recent.hours.length).toBe(25);
  });
});
