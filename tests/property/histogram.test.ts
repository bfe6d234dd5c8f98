import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LogHistogram } from "../../lib/core/histogram.ts";
import { NonceCounter } from "../../lib/runtime/nonce.ts";
import { ms } from "../../lib/units/numbers.ts";
import type { Clock } from "../../lib/units/time.ts";

const value = fc.double({ min: 0.001, max: 1e6, noNaN: true });

describe("a histogram", () => {
  test("quantiles are within 5 % of the exact ones; mean and maximum are exact", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
        const histogram = new LogHistogram();
        for (const item of values) histogram.record(item);
        const sorted = values.toSorted((a, b) => a - b);
        for (const q of [0, 0.5, 0.9, 0.99, 1]) {
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
          const found = histogram.quantile(q);
          expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(found).toBeLessThanOrEqual(exact * 1.05 * (1 + 1e-9));
        }
        const { count, mean, max } = histogram.summary();
        expect(count).toBe(values.length);
        expect(max).toBe(sorted.at(-1) ?? 0);
        expect(mean).toBeCloseTo(values.reduce((sum, item) => sum + item, 0) / values.length, 6);
      }),
    );
  });

  test("merging is the same as recording everything in one", () => {
    fc.assert(
      fc.property(fc.array(value), fc.array(value), (left, right) => {
        const [a, b, both] = [new LogHistogram(), new LogHistogram(), new LogHistogram()];
        for (const item of left) a.record(item);
        for (const item of right) b.record(item);
        for (const item of [...left, ...right]) both.record(item);
        a.merge(b);
        const { mean, ...exact } = a.summary();
        expect(both.summary()).toMatchObject(exact);
        expect(mean).toBeCloseTo(both.summary().mean, 6);
      }),
    );
  });

  test("is zero when empty and refuses what is no duration", () => {
    const histogram = new LogHistogram();
    expect(histogram.summary()).toEqual({ count: 0, mean: 0, p50: 0, p99: 0, max: 0 });
    expect(() => histogram.record(-1)).toThrow("not negative, got -1");
    expect(() => histogram.record(Number.NaN)).toThrow("got NaN");
    expect(() => histogram.quantile(1.1)).toThrow("between 0 and 1, got 1.1");
    histogram.record(0);
    histogram.record(1e12);
    expect(histogram.quantile(1)).toBeGreaterThan(1e7);
  });
});

describe("nonces", () => {
  test("rise whatever the clock does, and follow it when it is ahead", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1 }),
        fc.nat(1500),
        (times, last) => {
          let nowMs = 0;
          const clock = { nowMs: () => ms(nowMs) } as Clock;
          const counter = new NonceCounter(clock, last);
          let previous = last;
          for (const time of times) {
            nowMs = time;
            const nonce = counter.next();
            expect(nonce).toBe(Math.max(time, previous + 1));
            previous = nonce;
          }
          expect(counter.last).toBe(previous);
        },
      ),
    );
  });

  test("refuse a last one that is none", () => {
    expect(() => new NonceCounter({} as Clock, -1)).toThrow("a nonce is a whole number, got -1");
  });
});
