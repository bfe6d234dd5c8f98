import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { microUsd, ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { Candles } from "../../lib/venue/rules/candles.ts";
import { effectiveRates, feeMicroUsd } from "../../lib/venue/rules/fees.ts";
import { digest, tradeId, transactionHash } from "../../lib/venue/rules/ids.ts";
import { divCeil, median, mulDivTrunc } from "../../lib/venue/rules/integers.ts";
import { direction } from "../../lib/venue/rules/ledger.ts";
import { NonceBook } from "../../lib/venue/rules/nonces.ts";
import type { MarketDef } from "../../lib/venue/rules/types.ts";
import { CONFIG } from "../venue/exchange.ts";

describe("exact integers", () => {
  test("a * b / c agrees with big integers, cut towards zero", () => {
    const wide = fc.integer({ min: -(2 ** 46), max: 2 ** 46 });
    fc.assert(
      fc.property(
        wide,
        fc.nat({ max: 2 ** 20 }),
        fc.integer({ min: 1, max: 2 ** 30 }),
        (a, b, c) => {
          const exact = (BigInt(a) * BigInt(b)) / BigInt(c);
          fc.pre(
            exact <= BigInt(Number.MAX_SAFE_INTEGER) && exact >= -BigInt(Number.MAX_SAFE_INTEGER),
          );
          expect(mulDivTrunc(a, b, c)).toBe(Number(exact));
        },
      ),
    );
  });

  test("rounding up, and the median", () => {
    expect([divCeil(0, 3), divCeil(6, 3), divCeil(7, 3)]).toEqual([0, 2, 3]);
    expect([median([]), median([5]), median([9, 1, 5]), median([4, 1])]).toEqual([null, 5, 5, 2.5]);
  });
});

describe("fees", () => {
  const market = (scale: number, growthMode: boolean, dex = "km"): MarketDef => ({
    coin: "km:X",
    dex,
    index: 0,
    assetId: 1,
    szDecimals: 3,
    maxLeverage: 25,
    onlyIsolated: false,
    growthMode,
    deployerFeeScale: scale,
    isDelisted: false,
  });

  test.each([
    ["main dex", market(1, false, ""), 150_000, 450_000],
    ["scale 1", market(1, false), 300_000, 900_000],
    ["scale 1, growth mode", market(1, true), 30_000, 90_000],
    ["scale 0.1111", market(0.1111, false), 166_665, 499_995],
    ["scale 0.15, growth mode", market(0.15, true), 17_250, 51_750],
    ["scale 3", market(3, false), 900_000, 2_700_000],
  ])("%s", (_name, def, makerPpb, takerPpb) => {
    expect(effectiveRates(CONFIG, def)).toEqual({ makerPpb, takerPpb });
  });

  test("a rebate is cut by growth mode and not raised by the deployer", () => {
    const config = { ...CONFIG, baseMakerMillionths: -10 };
    expect(effectiveRates(config, market(1, false)).makerPpb).toBe(-10_000);
    expect(effectiveRates(config, market(1, true)).makerPpb).toBe(-1_000);
  });

  test("is cut to six decimals, not rounded", () => {
    expect(feeMicroUsd(microUsd(10_005_100), 30_000)).toBe(microUsd(300));
    expect(feeMicroUsd(microUsd(66_666), 30_000)).toBe(microUsd(1));
    expect(feeMicroUsd(microUsd(33_333), 30_000)).toBe(microUsd(0));
    expect(feeMicroUsd(microUsd(10_005_100), -30_000)).toBe(microUsd(-300));
  });
});

describe("nonces", () => {
  const NOW = 1_767_225_600_000;

  test("window: about two days back, one ahead, two minutes narrower at both ends", () => {
    const book = new NonceBook();
    const earliest = NOW - 172_800_000 + 120_000;
    const latest = NOW + 86_400_000 - 120_000;
    expect(book.admit("s", earliest - 1, NOW)).toBe(
      `Invalid nonce: nonce too low ${earliest - 1} < ${earliest}`,
    );
    expect(book.admit("s", latest + 1, NOW)).toBe(
      `Invalid nonce: nonce too high ${latest + 1} > ${latest}`,
    );
    expect(book.admit("s", earliest, NOW)).toBeNull();
    expect(book.admit("s", latest, NOW)).toBeNull();
  });

  test("a new one must exceed the smallest of the hundred highest; known ones are duplicates", () => {
    const book = new NonceBook();
    for (let index = 0; index < 101; index += 1)
      expect(book.admit("s", NOW + index, NOW)).toBeNull();
    expect(book.admit("s", NOW - 5, NOW)).toBe(
      `Invalid nonce: nonce too low ${NOW - 5} < ${NOW + 1}`,
    );
    expect(book.admit("s", NOW, NOW)).toBe(`Invalid nonce: duplicate nonce ${NOW}`);
    expect(book.admit("s", NOW + 1, NOW)).toBe(`Invalid nonce: duplicate nonce ${NOW + 1}`);
    expect(book.admit("other", NOW, NOW)).toBeNull();
  });

  test("out of order within the hundred is fine", () => {
    const book = new NonceBook();
    for (const offset of [50, 10, 40, 20]) expect(book.admit("s", NOW + offset, NOW)).toBeNull();
  });

  test("in whatever order they come: once each, and from the hundredth on above the smallest kept", () => {
    const offsets = fc.array(fc.nat(400), { minLength: 120, maxLength: 400 });
    fc.assert(
      fc.property(offsets, (arrived) => {
        const book = new NonceBook();
        const admitted: number[] = [];
        for (const offset of arrived) {
          const kept = admitted.toSorted((a, b) => b - a).slice(0, 100);
          const tooLow = kept.length === 100 && offset < Math.min(...kept);
          const wanted = !admitted.includes(offset) && !tooLow;
          expect(book.admit("s", NOW + offset, NOW) === null).toBe(wanted);
          if (wanted) admitted.push(offset);
        }
        expect(book.summary()).toEqual([["s", admitted.length, NOW + Math.max(...admitted)]]);
      }),
      { numRuns: 30 },
    );
  });

  test("what was forgotten is still refused", () => {
    const book = new NonceBook();
    for (let index = 0; index < 12_000; index += 1) book.admit("s", NOW + index, NOW);
    for (let index = 0; index < 12_000; index += 500) {
      expect(book.admit("s", NOW + index, NOW)).not.toBeNull();
    }
    expect(book.summary()[0]?.[1]).toBe(10_000);
  });
});

describe("ids", () => {
  test("a trade id has 50 bits and depends on both orders and their roles", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (buyer, seller) => {
        const tid = tradeId(buyer, seller);
        expect(tid).toBeLessThan(2 ** 50);
        expect(tid).toBeGreaterThanOrEqual(0);
        expect(tradeId(buyer, seller)).toBe(tid);
        if (buyer !== seller) expect(tradeId(seller, buyer)).not.toBe(tid);
      }),
    );
  });

  test("neighbouring orders do not collide", () => {
    const seen = new Set<number>();
    for (let oid = 1; oid <= 20_000; oid += 1) seen.add(tradeId(oid, oid + 1));
    expect(seen.size).toBe(20_000);
  });

  test("hashes and digests", () => {
    expect(transactionHash(1_767_225_600_000, 1)).toMatch(/^0x[0-9a-f]{64}$/);
    expect(transactionHash(1_767_225_600_000, 1)).not.toBe(transactionHash(1_767_225_600_000, 2));
    expect(digest("a")).not.toBe(digest("b"));
  });
});

describe("candles", () => {
  const minute = 60_000;
  const add = (candles: Candles, px: number, lots: number, timeMs: number): void =>
    candles.add(pxTicks(px), sizeLots(lots), ms(timeMs));

  test("bars of a minute, put together to longer ones", () => {
    const candles = new Candles();
    add(candles, 100, 1, 10);
    add(candles, 104, 2, 59_999);
    add(candles, 98, 3, minute);
    add(candles, 99, 4, 5 * minute + 1);
    expect(candles.query(minute, ms(0), ms(2 * minute))).toMatchObject([
      {
        startMs: 0,
        endMs: 59_999,
        openPxTicks: 100,
        highPxTicks: 104,
        closePxTicks: 104,
        trades: 2,
      },
      { startMs: minute, lowPxTicks: 98, volumeLots: 3 },
    ]);
    expect(candles.query(5 * minute, ms(0), ms(10 * minute))).toEqual([
      {
        startMs: ms(0),
        endMs: ms(299_999),
        openPxTicks: pxTicks(100),
        highPxTicks: pxTicks(104),
        lowPxTicks: pxTicks(98),
        closePxTicks: pxTicks(98),
        volumeLots: sizeLots(6),
        trades: 3,
      },
      expect.objectContaining({ startMs: 300_000, volumeLots: 4 }),
    ]);
    expect(candles.since(minute)).toEqual({ lots: 7, ntl: 690, firstPx: pxTicks(98) });
  });

  test("the latest 5000 bars are served", () => {
    const candles = new Candles();
    for (let index = 0; index < 12_000; index += 1) add(candles, 100, 1, index * minute);
    const all = candles.query(minute, ms(0), ms(12_000 * minute));
    expect(all).toHaveLength(5_000);
    expect(all[0]?.startMs).toBe(ms(7_000 * minute));
  });
});

test.each([
  [0, 5, "Open Long"],
  [5, 9, "Open Long"],
  [0, -5, "Open Short"],
  [-5, -9, "Open Short"],
  [5, 0, "Close Long"],
  [5, 2, "Close Long"],
  [-5, 0, "Close Short"],
  [-5, -1, "Close Short"],
  [5, -1, "Long > Short"],
  [-5, 1, "Short > Long"],
])("from %d to %d is %s", (start, end, dir) => {
  expect(direction(start, end)).toBe(dir);
});
