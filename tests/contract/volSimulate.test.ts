import { expect, setDefaultTimeout, test } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { simulatedHistory } from "../support/simulatedHistory.ts";

setDefaultTimeout(60_000);

const HORIZON_MS = 300_000;

/** Four minutes of the simulated market with days of minutes behind them: a HAR forecasts from the first book on. */
async function run(withHistory: boolean) {
  const sources = new Set<string | undefined>();
  const history = withHistory ? { history: simulatedHistory(5, 2) } : {};
  const summary = await simulate({
    symbol: "US500",
    seed: 5,
    durationMs: 240_000,
    params: defaultParams,
    vol: { horizonMs: HORIZON_MS, ...history },
    onProgress: () => {},
    onWarning: (text) => {
      throw new Error(text);
    },
    onAudit: ({ event }) => {
      if (event.kind === "book") sources.add(event.view?.vol?.source);
    },
  });
  return { hash: summary.eventLogHash, sources: [...sources], volatility: summary.volatility };
}

test("a forecast in virtual time is the same for the same seed, and it is in the events", async () => {
  const first = await run(true);
  expect(first.sources).toContain("localHar");
  expect(first.volatility.forecast).toMatchObject({ source: "localHar", minutes: { ewma: 0 } });
  expect(await run(true)).toEqual(first);
  const without = await run(false);
  expect(without.sources).not.toContain("localHar");
  expect(without.hash).not.toBe(first.hash);
});
