import { expect, test } from "bun:test";
import { takerRatio } from "../../lib/core/gauges.ts";
import { microUsd } from "../../lib/units/numbers.ts";
import { START_MS, quotingState } from "../support/coreFixtures.ts";

test("too few fills say nothing, a day later they are forgotten", () => {
  const { ledger } = quotingState();
  const hour = Math.floor(START_MS / 3_600_000);
  const hours = [{ hour, makerMicroUsd: microUsd(90), takerMicroUsd: microUsd(10) }];
  const recent = { roles: "m".repeat(19), hours };
  expect(takerRatio({ ...ledger, recent }, START_MS)).toBeNull();
  const enough = { roles: `${"m".repeat(18)}tttt`, hours };
  expect(takerRatio({ ...ledger, recent: enough }, START_MS)).toBeCloseTo(4 / 22, 9);
  expect(takerRatio({ ...ledger, recent: enough }, START_MS + 86_400_000)).toBe(0);
  expect(takerRatio({ ...ledger, recent: enough }, START_MS + 82_800_000)).not.toBe(0);
});

test("few large takers count by what they took, in all hours of the day together", () => {
  const { ledger } = quotingState();
  const hour = Math.floor(START_MS / 3_600_000);
  const traded = (before: number, maker: number, taker: number) => ({
    hour: hour - before,
    makerMicroUsd: microUsd(maker),
    takerMicroUsd: microUsd(taker),
  });
  const hours = [traded(24, 0, 1_000), traded(23, 40, 20), traded(0, 30, 10)];
  const recent = { roles: `${"m".repeat(19)}t`, hours };
  expect(takerRatio({ ...ledger, recent }, START_MS)).toBeCloseTo(30 / 100, 9);
});
