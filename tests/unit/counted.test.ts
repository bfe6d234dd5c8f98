import { expect, test } from "bun:test";
import { counted } from "../../lib/units/counted.ts";

test("one is singular, every other number plural", () => {
  expect([0, 1, 2].map((count) => counted(count, "order"))).toEqual([
    "0 orders",
    "1 order",
    "2 orders",
  ]);
});
