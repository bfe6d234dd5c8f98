import { expect, test } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import { warmUp } from "../../lib/runtime/warmUp.ts";
import { ms } from "../../lib/units/numbers.ts";
import { US500 } from "../support/batches.ts";

test("the warm-up quotes, follows the touches and ends", () => {
  const actions = warmUp(US500, defaultParams, 20);
  expect(actions).toBeGreaterThan(10);
  expect(actions).toBeLessThan(200);
});

test("it ends whatever the least time between replacements is", () => {
  expect(warmUp(US500, { ...defaultParams, requoteMinMs: ms(0) }, 5)).toBeGreaterThan(0);
});
