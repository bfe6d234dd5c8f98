import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LiveRows } from "../../lib/core/tape/liveRows.ts";
import type { LiveRow } from "../../lib/core/tape/liveRows.ts";
import type { MarketMessage } from "../../lib/messages/marketStream.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

const HOLD_MS = 100;

const level = (px: number) => ({ pxTicks: pxTicks(px), sizeLots: sizeLots(10) });
const depth = (atMs: number, bid = 100): MarketMessage => ({
  kind: "book",
  venueMs: ms(atMs),
  bids: [level(bid), level(bid - 1)],
  asks: [level(bid + 2)],
});
const touch = (atMs: number, bid = 100): MarketMessage => ({
  kind: "bbo",
  venueMs: ms(atMs),
  bid: level(bid),
  ask: null,
});
const print = (atMs: number, tid = atMs): MarketMessage => ({
  kind: "trades",
  trades: [
    { tid, venueMs: ms(atMs), aggressor: "ask", pxTicks: pxTicks(100), sizeLots: sizeLots(1) },
  ],
});
const context = (px: number): MarketMessage => ({
  kind: "context",
  oraclePxTicks: pxTicks(px),
  markPxTicks: pxTicks(px),
  fundingRate: 0,
});

const say = (row: LiveRow): string =>
  row.kind === "gap" ? `gap ${row.reason}` : `${row.kind} ${row.venueMs}`;

describe("the history of a live market", () => {
  test("is told in the venue's order: trades of a block before the books that show them", () => {
    const rows = new LiveRows(HOLD_MS);
    rows.push(depth(1000), 1);
    rows.push(touch(1070), 2);
    rows.push(depth(1070), 3);
    rows.push(print(1070), 4);
    expect(rows.nextMs()).toBe(1 + HOLD_MS);
    expect(rows.take(4 + HOLD_MS).map(say)).toEqual([
      "depth 1000",
      "print 1070",
      "touch 1070",
      "depth 1070",
    ]);
    expect(rows.nextMs()).toBe(Infinity);
  });

  test("waits no longer than it must, and what belongs before goes along", () => {
    const rows = new LiveRows(HOLD_MS);
    rows.push(depth(1000), 0);
    rows.push(touch(1070), 50);
    rows.push(print(1070), 90);
    expect(rows.take(49 + HOLD_MS).map(say)).toEqual(["depth 1000"]);
    expect(rows.take(50 + HOLD_MS).map(say)).toEqual(["print 1070", "touch 1070"]);
    expect(rows.take(1_000).map(say)).toEqual([]);
  });

  test("leaves out books that are older than what was told, and marks and counts such trades", () => {
    const rows = new LiveRows(HOLD_MS);
    rows.push(depth(1000), 0);
    rows.push(depth(2000), 0);
    rows.take(HOLD_MS);
    rows.push(touch(1930), 300);
    rows.push(depth(1930), 300);
    rows.push(print(2000), 300);
    rows.push(print(2001), 300);
    const told = rows.take(300 + HOLD_MS);
    expect(told.map(say)).toEqual(["print 2000", "print 2001"]);
    expect(told.map((row) => row.kind === "print" && row.late)).toEqual([true, undefined]);
    expect(rows.latePrints).toBe(1);
  });

  test("begins with a whole book: what traded before, and is told again, is not of it", () => {
    const rows = new LiveRows(HOLD_MS);
    rows.push(print(500), 0);
    rows.push(touch(900), 0);
    rows.push(depth(1000), 0);
    rows.push(print(800), 1);
    expect(rows.take(500).map(say)).toEqual(["depth 1000"]);
    rows.push(print(700), 600);
    expect(rows.take(1_000).map(say)).toEqual([]);
    expect(rows.latePrints).toBe(0);
  });

  test("a cut lets out what was heard before it, at once, and needs a whole book again", () => {
    const rows = new LiveRows(HOLD_MS);
    rows.push(depth(1000), 0);
    rows.push(touch(1070), 1);
    rows.cut("gone", 5);
    rows.push(touch(3000), 6);
    rows.push(print(3001), 6);
    expect(rows.nextMs()).toBe(5);
    expect(rows.take(5).map(say)).toEqual(["depth 1000", "touch 1070", "gap gone"]);
    rows.cut("gone again", 7);
    expect(rows.take(7).map(say)).toEqual([]);
    // The other exchange's clock may have gone back meanwhile.
    rows.push(depth(400), 8);
    rows.push(print(470), 9);
    expect(rows.take(200).map(say)).toEqual(["depth 400", "print 470"]);
  });

  test("a trade that is told twice is one", () => {
    const rows = new LiveRows(HOLD_MS);
    rows.push(depth(1000), 0);
    rows.push(print(1070), 1);
    rows.push(print(1070), 2);
    rows.push(print(1070, 7), 2);
    rows.take(90 + HOLD_MS);
    rows.push(print(1070), 300);
    rows.push(print(1140, 7), 300);
    expect(rows.take(1_000).map(say)).toEqual(["print 1140"]);
  });

  test("an oracle is told when it changes, and every three seconds", () => {
    const rows = new LiveRows(0);
    rows.push(depth(1000), 0);
    for (const [px, atMs] of [
      [100, 0],
      [100, 1000],
      [101, 1500],
      [101, 4000],
      [101, 4500],
    ] as const)
      rows.push(context(px), atMs);
    const told = rows.take(5000).filter(({ kind }) => kind === "oracle");
    expect(told.map(({ recvMs }) => recvMs)).toEqual([0, 1500, 4500]);
  });

  test("whatever comes, books never go back and a trade that follows a book that shows it is marked", () => {
    const message = fc.oneof(
      fc.nat(300).map((atMs) => depth(atMs)),
      fc.nat(300).map((atMs) => touch(atMs)),
      fc.nat(300).map((atMs) => print(atMs)),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ message, afterMs: fc.nat(60) })), (script) => {
        const rows = new LiveRows(HOLD_MS);
        const out: LiveRow[] = [];
        let nowMs = 0;
        for (const { message: said, afterMs } of script) {
          nowMs += afterMs;
          while (rows.nextMs() <= nowMs) out.push(...rows.take(rows.nextMs()));
          rows.push(said, nowMs);
        }
        out.push(...rows.take(Infinity));
        let bookMs = -1;
        for (const row of out) {
          if (row.kind === "gap") continue;
          if (row.kind === "print") expect(row.late === true).toBe(row.venueMs <= bookMs);
          else expect(row.venueMs).toBeGreaterThanOrEqual(bookMs);
          if (row.kind !== "print") bookMs = row.venueMs;
        }
        if (out.length > 0) expect(out[0]?.kind).toBe("depth");
      }),
      { numRuns: 300 },
    );
  });
});
