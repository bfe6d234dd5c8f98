import { expect, setDefaultTimeout, test } from "bun:test";
import { actionEconomy, actionsForPlacing } from "../../lib/core/budget.ts";
import { saysGone } from "../../lib/core/orderReports.ts";
import { defaultParams } from "../../lib/core/params.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import type { Params } from "../../lib/messages/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { microUsd, ms } from "../../lib/units/numbers.ts";

setDefaultTimeout(60_000);

const MINUTE_MS = 60_000;

function run(minutes: number, changes: Partial<Params>, onAudit: (audit: Audit) => void) {
  return simulate({
    symbol: "US500",
    seed: 3,
    durationMs: minutes * MINUTE_MS,
    params: { ...defaultParams, ...changes },
    onProgress: () => {},
    onWarning: () => {},
    onAudit,
  });
}

test("a hundred levels a side: all two hundred orders rest, and the exchange refuses none", async () => {
  let most = 0;
  const summary = await run(
    4,
    { orderLevels: 100, capitalMicroUsd: microUsd(100_000_000_000) },
    ({ after }) => {
      const resting = Object.values(after.orders.working).filter(
        ({ phase }) => phase === "resting",
      );
      most = Math.max(most, resting.length);
    },
  );
  expect(most).toBe(200);
  // What was cancelled or moved a moment after it had filled is no refusal of an order.
  const refused = Object.keys(summary.orders.rejected).filter((text) => !saysGone(text));
  expect(refused).toEqual([]);
  expect(summary.openOrdersAtEnd).toBe(0);
  console.log(`200 orders: ${summary.actions.used} actions in four minutes`);
});

/** Follows every flicker, so that the budget runs out while one watches. */
const RESTLESS: Partial<Params> = {
  budgetEconomics: false,
  priceToleranceSteps: 0,
  sizeToleranceFraction: 0,
  requoteMinMs: ms(3_000),
  cancelReserve: 2_000,
};

test("the runway shown is about what then happens", async () => {
  const forecasts: { atMs: number; runwayMs: number }[] = [];
  let startMs = 0;
  let spentMs: number | null = null;
  await run(30, RESTLESS, ({ after, event }) => {
    startMs ||= event.atMs;
    const params = { ...defaultParams, ...RESTLESS };
    const { runwayHours } = actionEconomy(after, event.atMs, params);
    if (after.account.budget !== null && actionsForPlacing(after.account, params) < 1)
      spentMs ??= event.atMs;
    if (spentMs === null && runwayHours !== null && event.atMs > startMs + 8 * MINUTE_MS)
      forecasts.push({ atMs: event.atMs, runwayMs: runwayHours * 3_600_000 });
  });
  expect(spentMs).not.toBeNull();
  const endMs = spentMs ?? 0;
  const early = forecasts[0];
  const middle = forecasts.find(({ atMs }) => atMs > startMs + (endMs - startMs) * 0.7);
  for (const forecast of [early, middle]) {
    const shown = forecast?.runwayMs ?? 0;
    const came = endMs - (forecast?.atMs ?? 0);
    console.log(
      `shown ${(shown / MINUTE_MS).toFixed(1)} min of actions, came ${(came / MINUTE_MS).toFixed(1)} min`,
    );
    expect(shown / came).toBeWithin(0.6, 1.7);
  }
});
