import { expect, test } from "bun:test";
import { ablate } from "../support/ablate.ts";

test("the quarter of an hour after the open takes a fifth of the actions of cancelling and placing anew", async () => {
  const { variants } = await ablate({
    names: ["as set", "cancel and replace"],
    settings: [{ kind: "simulated", scenario: "week", seed: 1, days: 0.01 }],
    onProgress: () => {},
  });
  const [own, anew] = variants;
  expect(own?.figures.throttled.mean).toBe(0);
  expect(own?.figures.reduceOnlyShare.mean).toBe(0);
  expect(own?.figures.actions.mean).toBeGreaterThan(20);
  expect(anew?.figures.actions.mean ?? 0).toBeGreaterThan(5 * (own?.figures.actions.mean ?? 0));
}, 60_000);
