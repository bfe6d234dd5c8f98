import { expect, test } from "bun:test";
import { join } from "node:path";
import { FAIR_WEIGHTS } from "../../lib/core/fairWeights.ts";
import { Random } from "../../lib/core/random.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { fairSamples, SIGNALS } from "../support/fairSamples.ts";
import { explainedShare, leastSquares } from "../support/leastSquares.ts";

const SAMPLE = join(import.meta.dir, "../../data/samples/us500-simulated.tape");

test("least squares finds the weights, and what the signals leave open", () => {
  const random = new Random(3, "fit");
  const samples = Array.from({ length: 2_000 }, () => {
    const x = [random.normal(), random.normal(), random.normal()];
    return { x, y: 2 * (x[0] ?? 0) - 0.5 * (x[2] ?? 0) + 0.1 * random.normal() };
  });
  const weights = leastSquares(samples, [0, 1, 2]);
  for (const [i, weight] of [2, 0, -0.5].entries()) expect(weights[i]).toBeCloseTo(weight, 1);
  expect(explainedShare(samples, [0, 1, 2], weights)).toBeGreaterThan(0.99);
  expect(explainedShare(samples, [1], leastSquares(samples, [1]))).toBeLessThan(0.05);
});

test("a recording gives the signals as the bot had them, and the mid's move after", () => {
  const samples = fairSamples(openTape(SAMPLE), 2_000);
  expect(samples.length).toBeGreaterThan(200);
  for (const { x, y } of samples) {
    expect(x.length).toBe(SIGNALS.length);
    for (const value of [...x, y]) expect(Number.isFinite(value)).toBe(true);
    expect(Math.abs(x[2] ?? 0)).toBeLessThanOrEqual(1);
  }
  // The book knows something of the next two seconds, in the simulated market too.
  expect(explainedShare(samples, [1], leastSquares(samples, [1]))).toBeGreaterThan(0);
});

test("the weights in use say what they were fitted to", () => {
  expect(FAIR_WEIGHTS.fittedTo.length).toBeGreaterThan(0);
  for (const { sha256, samples } of FAIR_WEIGHTS.fittedTo) {
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(samples).toBeGreaterThan(100);
  }
});
