import { expect, test } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import { planQuotes } from "../../lib/core/quotes.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { sideSign } from "../../lib/units/grid.ts";

/** Seconds after the start until the first ladder stands. */
const FIRST_LADDER_MS = 5_000;

test("the best quotes follow the market for as long as it runs", async () => {
  let looks = 0;
  let behind = 0;
  let furthestBps = 0;
  let startMs = 0;
  await simulate({
    symbol: "US500",
    seed: 7,
    durationMs: 20 * 60_000,
    params: defaultParams,
    onProgress: () => {},
    onWarning: () => {},
    onAudit: ({ event, after }) => {
      startMs ||= event.atMs;
      if (event.kind !== "timer" || event.atMs < startMs + FIRST_LADDER_MS) return;
      const { quotes } = planQuotes(after, event, defaultParams);
      for (const side of ["bid", "ask"] as const) {
        const wanted = quotes.find((quote) => quote.side === side);
        if (wanted === undefined) continue;
        const { fairTicks } = wanted.reason;
        const awayBps = (px: number) => (1e4 * sideSign(side) * (fairTicks - px)) / fairTicks;
        const own = Object.values(after.orders.working).filter((order) => order.side === side);
        const best = Math.min(...own.map(({ pxTicks }) => awayBps(pxTicks)));
        looks++;
        if (best > 1 + 1.5 * awayBps(wanted.pxTicks)) behind++;
        if (Number.isFinite(best)) furthestBps = Math.max(furthestBps, best);
      }
    },
  });
  console.log(`behind at ${behind} of ${looks} looks, furthest ${furthestBps.toFixed(1)} bp`);
  expect(looks).toBeGreaterThan(4_000);
  // An order is behind while its replacement is on the way, or the least time between two has not passed.
  expect(behind / looks).toBeLessThan(0.02);
}, 60_000);
