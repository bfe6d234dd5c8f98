import { Bot } from "./bot.ts";
import { StepMeter } from "./botMetrics.ts";
import { scaledClock } from "./clock.ts";
import { dailyReports } from "./dailyReport.ts";
import { serveControlPlane } from "./controlPlane.ts";
import type { PaperExchange } from "./exchangeOf.ts";
import type { LocalFeed } from "./localExchange.ts";
import { NonceCounter } from "./nonce.ts";
import { fundOnce, openMarket } from "./openMarket.ts";
import { openStoreFor } from "./paperFolder.ts";
import type { PaperFolder } from "./paperFolder.ts";
import { keepRunInfo, runInfoOf } from "./runInfo.ts";
import { summarise } from "./runSummary.ts";
import { SerialSubmitter } from "./serialSubmitter.ts";
import type { RunSummary } from "./summary.ts";
import type { Settings } from "./settings.ts";
import { volDeps } from "./volSettings.ts";
import { warmUp } from "./warmUp.ts";
import { WorkerPool } from "./workerPool.ts";
import { DashboardFeed } from "../dashboard/model.ts";
import { HttpTransport } from "../hyperliquid/httpTransport.ts";
import { setLeverage } from "../hyperliquid/leverage.ts";
import { patientTransport } from "../hyperliquid/patientTransport.ts";
import { addressOf, initSigning } from "../hyperliquid/signing/signature.ts";
import type { Params } from "../messages/params.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "../units/time.ts";
import type { Submitter } from "./submitter.ts";

/** An answer that takes longer than this counts as none. */
const ANSWER_TIMEOUT_MS = 10_000;

export type PaperOptions = {
  readonly folder: PaperFolder;
  readonly exchange: PaperExchange;
  readonly symbol: string;
  readonly params: Params;
  readonly settings: Settings;
  /** Of the page; 0 takes a free one. */
  readonly port: number;
  readonly onWarning: (text: string) => void;
  /** Called once it is up. */
  readonly onUp: (up: PaperUp) => void;
  /** Resolves when the run should end, with why; `over` is aborted when it has ended for another reason. */
  readonly ending: (
    clock: Clock,
    feed: LocalFeed | undefined,
    over: AbortSignal,
  ) => Promise<string>;
};

export type PaperUp = { readonly feed: DashboardFeed; readonly pageUrl: string };

/** What a bot needs of its exchange and its folder, ready to trade. */
type Connected = {
  readonly clock: Clock;
  readonly transport: HttpTransport;
  readonly account: string;
  readonly spec: MarketSpec;
  readonly store: Store;
  readonly submitter: Submitter;
  readonly nonces: NonceCounter;
};

/**
 * The same bot as live, over the same wire, against a local exchange.
 * @throws OpenError, LeverageRefused, PortError, DatabaseError, and what broke on the way
 */
export async function runPaper(options: PaperOptions): Promise<RunSummary> {
  await initSigning();
  const connected = await connect(options);
  try {
    return await trade(options, connected);
  } finally {
    await connected.submitter.close();
    connected.store.close();
  }
}

/** Finds the market, funds the account, opens the database and brings the order workers up. */
async function connect(options: PaperOptions): Promise<Connected> {
  const { folder, exchange, params, settings, onWarning } = options;
  const clock = scaledClock(exchange.epochMs, exchange.speed);
  const transport = new HttpTransport({ url: exchange.url, timeoutMs: ANSWER_TIMEOUT_MS });
  const { privateKey } = folder;
  const account = addressOf(privateKey);
  const patient = patientTransport({ transport, clock, onWait: onWarning });
  const spec = await openMarket(patient, options.symbol, account, params);
  await fundOnce(exchange.local, patient, spec, account, params.capitalMicroUsd);
  const place = `${exchange.epochMs} ${account} ${spec.market}`;
  const { store, setAside } = openStoreFor(folder.dir, place);
  if (setAside !== null)
    onWarning(`the account in this data folder lived on another exchange; kept as ${setAside}`);
  const pool = new WorkerPool({
    workers: settings.ORDER_WORKERS,
    clock,
    start: {
      kind: "start",
      url: exchange.url,
      timeoutMs: ANSWER_TIMEOUT_MS,
      privateKey: Buffer.from(privateKey).toString("hex"),
      source: "a",
      vault: null,
      spec,
    },
  });
  const submitter = settings.PARALLEL_ORDERS ? pool : new SerialSubmitter(pool);
  const nonces = new NonceCounter(clock, store.highestNonce() ?? 0);
  const signer = { privateKey, source: "a", vault: null } as const;
  const nextNonce = (): number => nonces.next();
  const { leverage } = params;
  try {
    await setLeverage({ transport: patient, signer, account, spec, leverage, nextNonce });
    // While the threads sign their dummies, this one goes through its own.
    warmUp(spec, params);
    await pool.ready();
  } catch (error) {
    // Threads that wait for work would keep the process alive.
    await submitter.close();
    store.close();
    throw error;
  }
  return { clock, transport, account, spec, store, submitter, nonces };
}

async function trade(options: PaperOptions, connected: Connected): Promise<RunSummary> {
  const { exchange, folder, params, onWarning } = options;
  const { clock, account, spec } = connected;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const steps = new StepMeter();
  const feedOfMarket = (await exchange.local.feeds())[spec.market];
  const bot = new Bot({
    ...connected,
    ...volDeps(options.settings, {
      dataDir: folder.dir,
      market: spec.market,
      exchangeUrl: exchange.url,
      feed: feedOfMarket,
    }),
    random: Math.random,
    params,
    onFatal: (error) => failed.reject(error),
    onWarning,
    onTimes: (times) => steps.record(times),
    calendar: exchange.speed === 1,
  });
  const startedMs = clock.nowMs();
  const { speed } = exchange;
  const run = runInfoOf({ mode: "paper", feed: feedOfMarket, spec, startedMs, speed, params });
  keepRunInfo(connected.store, run, params);
  const feed = new DashboardFeed(run);
  bot.onAudit((audit) => feed.onAudit(audit));
  const { submitter, store } = connected;
  const { dir: dataDir, writeRunFile } = folder;
  bot.onAudit(dailyReports(dataDir, store.read, onWarning));
  const { port, settings } = options;
  const token = settings.API_TOKEN;
  const server = serveControlPlane({
    bot,
    submitter,
    feed,
    steps,
    dataDir,
    token,
    port,
    onWarning,
  });
  writeRunFile({
    pid: process.pid,
    httpPort: server.port,
    startedMs,
    mode: "paper",
    exchange: exchange.url,
    account,
  });
  const over = new AbortController();
  try {
    await bot.start();
    options.onUp({ feed, pageUrl: server.url });
    const why = await Promise.race([
      options.ending(clock, feedOfMarket, over.signal),
      failed.promise,
    ]);
    const endedMs = clock.nowMs();
    const report = await Promise.race([bot.stop(why), failed.promise]);
    const causes = await exchange.local.fillCauses(account, bot.tally.fillKeys);
    return summarise(bot, feed.run, report, causes, endedMs, []);
  } finally {
    over.abort();
    await server.stop();
    await bot.close();
  }
}
