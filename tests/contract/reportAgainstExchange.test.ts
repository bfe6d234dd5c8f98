import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { reportCommand } from "../../lib/cli/report.ts";
import { defaultParams } from "../../lib/core/params.ts";
import type { Transport } from "../../lib/hyperliquid/transport.ts";
import { EAGER } from "../support/eager.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import type { Report } from "../../lib/runtime/report/report.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import type { SimulateOptions } from "../../lib/runtime/simulate.ts";
import { openStore } from "../../lib/store/store.ts";
import { parseDecimal } from "../../lib/units/decimal.ts";
import { cliRun } from "../support/cliRun.ts";

/*
 * A report is made of the database alone. Here its totals meet what the exchange itself keeps of the account, asked for
 * as any other client would.
 */

const SAMPLE = join(import.meta.dir, "../../data/samples/us500-simulated.tape");
const folder = mkdtempSync(join(tmpdir(), "amm500-history-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MicroUsd = z.string().transform((text) => parseDecimal(text, 6) ?? Number.NaN);
const Fills = z.array(
  z.object({
    px: z.string(),
    sz: z.string(),
    fee: MicroUsd,
    crossed: z.boolean(),
    feeToken: z.literal("USDH"),
  }),
);
const Fundings = z.array(z.object({ delta: z.object({ usdc: MicroUsd }) }));
const State = z.object({ marginSummary: z.object({ accountValue: MicroUsd }) });
const Asked = z.object({ type: z.string(), user: z.string(), dex: z.string() });

type History = {
  readonly fills: z.infer<typeof Fills>;
  readonly fundings: z.infer<typeof Fundings>;
  readonly equityMicroUsd: number;
};

/** A run in virtual time with its report, and the account's history as the exchange tells it once nothing rests any more. */
async function runWithHistory(name: string, market: Partial<SimulateOptions>) {
  const dir = join(folder, name);
  const store = openStore(dir, true);
  let ending = false;
  let history: History | null = null;
  const between = (transport: Transport): Transport => ({
    info: async (body) => {
      const answer = await transport.info(body);
      const asked = Asked.safeParse(JSON.parse(body));
      // Whenever the bot looks at the account at its end, somebody else looks too.
      if (ending && asked.success && asked.data.type === "clearinghouseState")
        history = await historyOf(transport, asked.data.user);
      return answer;
    },
    exchange: (body) => transport.exchange(body),
    openSocket: (handlers) => transport.openSocket(handlers),
  });
  await simulate({
    symbol: "US500",
    seed: 7,
    durationMs: 0,
    params: defaultParams,
    store,
    onProgress: () => {},
    onWarning: () => {},
    between,
    onAudit: ({ event }) => {
      if (event.kind === "runStopping") ending = true;
    },
    ...market,
  });
  store.close();
  const run = await cliRun(reportCommand, ["--data", dir, "--json"]);
  if (history === null) throw new Error("the exchange was not asked");
  return { report: run.json() as unknown as Report, history: history as History };
}

async function historyOf(transport: Transport, user: string): Promise<History> {
  const ask = async (question: object): Promise<unknown> =>
    JSON.parse((await transport.info(JSON.stringify(question))).text);
  const fills = Fills.parse(await ask({ type: "userFills", user }));
  const fundings = Fundings.parse(await ask({ type: "userFunding", user, startTime: 0 }));
  const { marginSummary } = State.parse(await ask({ type: "clearinghouseState", user, dex: "km" }));
  return { fills, fundings, equityMicroUsd: marginSummary.accountValue };
}

function expectSame(report: Report, { fills, fundings, equityMicroUsd }: History): void {
  const takers = fills.filter(({ crossed }) => crossed).length;
  const notional = ({ px, sz }: History["fills"][number]): number =>
    (parseDecimal(px, 3) ?? Number.NaN) * (parseDecimal(sz, 3) ?? Number.NaN);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  expect({ ...report.trades, perDay: 0, makerRatio: 0, makerNotionalRatio: 0 }).toEqual({
    count: fills.length,
    maker: fills.length - takers,
    taker: takers,
    notionalMicroUsd: sum(fills.map(notional)),
    perDay: 0,
    makerRatio: 0,
    makerNotionalRatio: 0,
  });
  expect(report.pnl).toMatchObject({
    fees: sum(fills.map(({ fee }) => fee)),
    funding: sum(fundings.map(({ delta }) => delta.usdc)),
    net: equityMicroUsd - defaultParams.capitalMicroUsd,
    residual: 0,
  });
  expect(report.equity).toMatchObject({ endMicroUsd: equityMicroUsd });
}

test("the totals of a simulation are those of the exchange's own account history", async () => {
  // At the least edge hardly anything fills in an hour: here trading is the point.
  const params = { ...defaultParams, ...EAGER };
  const { report, history } = await runWithHistory("simulated", {
    durationMs: 75 * 60_000,
    params,
  });
  expect(history.fills.length).toBeGreaterThan(3);
  expect(history.fundings.length).toBeGreaterThan(0);
  expectSame(report, history);
}, 60_000);

test("and so are those of a replayed tape", async () => {
  const { fromMs, toMs } = openTape(SAMPLE).header;
  if (fromMs === null || toMs === null) throw new Error("the sample has no rows");
  const tape = { path: SAMPLE, fromMs };
  const { report, history } = await runWithHistory("replayed", { durationMs: toMs - fromMs, tape });
  console.log(`replayed: ${history.fills.length} fills`);
  expectSame(report, history);
}, 60_000);
