import { describe, expect, test } from "bun:test";
import { Random } from "../../lib/core/random.ts";

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

describe("seeded random numbers", () => {
  // Golden values from an independent implementation of sfc32, FNV-1a and the finaliser in another language.
  test.each([
    [1, [], [4077903097, 4086609242, 3107653747, 157039331]],
    [1, ["makers"], [212357615, 3618667263, 1315355409]],
  ])("seed %d, labels %p gives the reference sequence", (seed, labels, want) => {
    let random = new Random(seed);
    for (const label of labels) random = random.split(label);
    expect(draw(want.length, () => random.uint32())).toEqual(want);
  });

  test("large seeds are told apart", () => {
    expect(new Random(9007199254740991, "x").uint32()).toBe(1703269746);
    expect(new Random(9007199254740990, "x").uint32()).not.toBe(1703269746);
  });

  test("floating draws keep their values", () => {
    const random = new Random(7);
    const drawn = [random.uniform(), random.normal(), random.normal(), random.exponential(2)];
    const want = [0.8764889817405863, -2.001803366170651, 0.7390326040609064, 0.01243131374017807];
    drawn.forEach((value, i) => expect(value).toBeCloseTo(want[i] ?? Number.NaN, 12));
  });

  test("a split stream does not depend on what its parent drew before", () => {
    const fresh = new Random(3).split("takers").uint32();
    const used = new Random(3);
    draw(50, () => used.normal());
    expect(used.split("takers").uint32()).toBe(fresh);
    expect(used.split("other").uint32()).not.toBe(fresh);
  });

  test("moments are those of the distributions", () => {
    const random = new Random(11);
    const count = 40_000;
    const uniforms = draw(count, () => random.uniform());
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    expect(mean(uniforms)).toBeCloseTo(0.5, 1);
    expect(variance(uniforms)).toBeCloseTo(1 / 12, 2);
    const normals = draw(count, () => random.normal());
    expect(Math.abs(mean(normals))).toBeLessThan(0.02);
    expect(Math.abs(variance(normals) - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean(draw(count, () => random.exponential(3))) - 3)).toBeLessThan(0.06);
    expect(Math.abs(variance(draw(count, () => random.laplace(1))) - 2)).toBeLessThan(0.12);
    for (const rate of [0.3, 4, 75]) {
      const counts = draw(8000, () => random.poisson(rate));
      expect(Math.abs(mean(counts) / rate - 1)).toBeLessThan(0.06);
      expect(Math.abs(variance(counts) / rate - 1)).toBeLessThan(0.1);
    }
    expect(random.poisson(0)).toBe(0);
  });
});
