import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SERIES_TIERS, TieredSeries } from "../../lib/dashboard/series.ts";

const TIERS = [
  { spacingMs: 10, capacity: 5 },
  { spacingMs: 50, capacity: 4 },
  { spacingMs: 500, capacity: 3 },
];

describe("time series", () => {
  test("keeps at most one row per spacing and leaves out what comes too early or late", () => {
    const series = new TieredSeries(1, TIERS);
    for (const t of [0, 3, 9, 10, 8, 25]) series.push(t, [t]);
    expect(series.rows().t).toEqual([0, 10, 25]);
    expect(series.wants(29)).toBe(false);
    expect(series.wants(30)).toBe(true);
    expect(series.lastMs()).toBe(25);
  });

  test("the newest rows stay whole, older ones thin out, memory stays", () => {
    const series = new TieredSeries(1, TIERS);
    for (let t = 0; t <= 1000; t += 10) series.push(t, [t]);
    expect(series.rows().t).toEqual([0, 500, 850, 900, 950, 960, 970, 980, 990, 1000]);
    expect(series.rows(960).t).toEqual([970, 980, 990, 1000]);
  });

  test("nothing is null, not a number that cannot travel", () => {
    const series = new TieredSeries(2, TIERS);
    series.push(0, [Number.NaN, 1]);
    expect(JSON.parse(JSON.stringify(series.rows()))).toEqual({ t: [0], columns: [[null], [1]] });
  });

  test("rows are in order, unique and true to what was pushed", () => {
    const gap = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 300 }), (gaps) => {
        const series = new TieredSeries(1, TIERS);
        let t = 0;
        for (const step of gaps) series.push((t += step), [t * 2]);
        const rows = series.rows();
        expect(rows.t.length).toBeLessThanOrEqual(12);
        for (let i = 0; i < rows.t.length; i++) {
          if (i > 0) expect(rows.t[i] ?? 0).toBeGreaterThan(rows.t[i - 1] ?? 0);
          expect(rows.columns[0]?.[i]).toBe((rows.t[i] ?? 0) * 2);
        }
        if (series.lastMs() !== null) expect(rows.t.at(-1)).toBe(series.lastMs() ?? 0);
      }),
    );
  });

  test("what it sends is what another one keeps", () => {
    const series = new TieredSeries(1, TIERS);
    for (let t = 0; t <= 1000; t += 10) series.push(t, [t]);
    const copy = new TieredSeries(1, TIERS);
    const rows = series.rows();
    rows.t.forEach((t, i) => copy.push(t, [rows.columns[0]?.[i] ?? 0]));
    expect(copy.rows().t.slice(-5)).toEqual(rows.t.slice(-5));
    expect(copy.rows().t[0]).toBe(0);
  });

  test("a week fits into a few thousand rows", () => {
    const series = new TieredSeries(1);
    for (let t = 0; t < 7 * 86_400_000; t += 1000) series.push(t, [t]);
    const rows = series.rows();
    expect(rows.t[0]).toBe(0);
    expect(rows.t.length).toBeLessThan(SERIES_TIERS.reduce((n, tier) => n + tier.capacity, 0));
  });
});
