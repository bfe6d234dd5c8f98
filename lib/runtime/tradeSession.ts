import { keepApiToken } from "./apiToken.ts";
import { writeAccountFile } from "./accountFile.ts";
import type { AccountFile } from "./accountFile.ts";
import { Bot } from "./bot.ts";
import { StepMeter } from "./botMetrics.ts";
import { serveControlPlane } from "./controlPlane.ts";
import { dailyReports } from "./dailyReport.ts";
import { forecastKeeper } from "./forecastScore.ts";
import type { CauseCounts, LocalFeed } from "./localExchange.ts";
import { lastSweep } from "./lastSweep.ts";
import { NonceCounter } from "./nonce.ts";
import { openOperations } from "./operations.ts";
import type { Operations } from "./operations.ts";
import { readRunFile } from "./runFile.ts";
import type { RunFile } from "./runFile.ts";
import { keepRunInfo, runInfoOf } from "./runInfo.ts";
import { summarise } from "./runSummary.ts";
import { SerialSubmitter } from "./serialSubmitter.ts";
import type { Settings } from "./settings.ts";
import type { Submitter } from "./submitter.ts";
import type { RunSummary } from "./summary.ts";
import { volatilityKeeper } from "./lastVolatility.ts";
import { volDeps } from "./volSettings.ts";
import { warmUp } from "./warmUp.ts";
import { Guard } from "./watchdog/guard.ts";
import type { GuardPlan } from "./watchdog/guard.ts";
import { WorkerPool } from "./workerPool.ts";
import { restoredFeed } from "./restoreFeed.ts";
import type { DashboardFeed } from "../dashboard/model.ts";
import type { RunInfo } from "../dashboard/types.ts";
import type { HttpTransport } from "../hyperliquid/httpTransport.ts";
import { setLeverage } from "../hyperliquid/leverage.ts";
import type { Signer } from "../hyperliquid/signedRequest.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { Store } from "../store/store.ts";
import { assert } from "../units/assert.ts";
import type { Clock } from "../units/time.ts";
import { messageOf } from "../units/messageOf.ts";

/** An answer that takes longer than this counts as none. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** An account on a market of an exchange, found and checked, with the database that belongs to it. */
export type SessionGround = {
  readonly url: string;
  readonly clock: Clock;
  readonly transport: HttpTransport;
  /** The same way, waiting where waiting is better than failing. */
  readonly patient: Transport;
  readonly signer: Signer;
  /** Address of the account, lower case. */
  readonly account: string;
  readonly spec: MarketSpec;
  readonly store: Store;
  readonly params: Params;
  readonly settings: Settings;
};

/** Ready to trade. */
export type Connected = SessionGround & {
  readonly submitter: Submitter;
  readonly nonces: NonceCounter;
};

export type SessionUp = { readonly feed: DashboardFeed; readonly pageUrl: string };

/** What a run of the bot is, whatever the exchange. */
export type Session = {
  readonly mode: RunFile["mode"];
  readonly dataDir: string;
  readonly writeRunFile: (run: RunFile) => void;
  /** What feeds the market of a local exchange; undefined where none is known. */
  readonly feed: LocalFeed | undefined;
  /** What the market is, for people, where no feed says it. */
  readonly feedText?: string;
  /** Venue seconds per second of the wall clock. */
  readonly speed: number;
  /** Of the page; 0 takes a free one. */
  readonly port: number;
  readonly onWarning: (text: string) => void;
  /** Called once it is up. */
  readonly onUp: (up: SessionUp) => void;
  /** Resolves when the run should end, with why; `over` is aborted when it has ended for another reason. */
  readonly ending: (
    clock: Clock,
    feed: LocalFeed | undefined,
    over: AbortSignal,
  ) => Promise<string>;
  /** Venue time: `epochMs` plus `speed` times the wall time since. */
  readonly epochMs: number;
  /** True where the exchange is part of this process and ends with it. */
  readonly ownExchange: boolean;
  /** What the watchdog needs before it can start; null: the run goes without one. */
  readonly guard: GuardPlan | null;
  /** Why the fills of these keys happened; null where the exchange does not tell. */
  readonly causesOf: (keys: ReadonlySet<string>) => Promise<CauseCounts | null>;
};

/**
 * Sets the leverage and brings the order workers up.
 * @throws LeverageRefused, TransportError, and what broke on the way; nothing is left running then
 */
export async function connectSession(ground: SessionGround): Promise<Connected> {
  const { url, clock, patient, signer, account, spec, store, params, settings } = ground;
  const pool = new WorkerPool({
    workers: settings.ORDER_WORKERS,
    clock,
    start: {
      kind: "start",
      url,
      timeoutMs: ANSWER_TIMEOUT_MS,
      privateKey: Buffer.from(signer.privateKey).toString("hex"),
      source: signer.source,
      vault: signer.vault,
      spec,
    },
  });
  const submitter = settings.PARALLEL_ORDERS ? pool : new SerialSubmitter(pool);
  const nonces = new NonceCounter(clock, store.highestNonce() ?? 0);
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
  return { ...ground, submitter, nonces };
}

/** Quotes until the run should end, with page and operator's door. The caller closes submitter and store. */
export async function tradeSession(session: Session, connected: Connected): Promise<RunSummary> {
  const operations = operationsOf(session, connected);
  const { warn: onWarning } = operations;
  const { dataDir, guard: plan } = session;
  const guard = new Guard({ plan, dataDir, onWarning });
  try {
    writeAccountFile(dataDir, accountFileOf(session, connected));
    return await trade({ ...session, onWarning }, connected, operations, guard);
  } catch (error) {
    operations.broke(error);
    if (guard.began)
      guard.broke(await lastSweep({ ...connected, error, onWarning, pause: Bun.sleep }));
    throw error;
  } finally {
    await guard.close();
    await operations.close();
  }
}

/** Alerts, log and traces. What they may never show is told to them first. */
function operationsOf({ mode, dataDir, onWarning }: Session, connected: Connected): Operations {
  const { settings, params, account, clock, spec, signer } = connected;
  return openOperations({
    dataDir,
    settings,
    params,
    account,
    clock,
    source: `${mode} ${spec.market}`,
    secrets: [
      Buffer.from(signer.privateKey).toString("hex"),
      settings.API_TOKEN ?? keepApiToken(dataDir),
    ],
    onWarning,
    // Whoever ends as he should takes the file away.
    cameBack: readRunFile(dataDir) !== null,
  });
}

/** What is stamped on every view and report, kept for those that are made later. */
function describeRun({ mode, feed, feedText, speed }: Session, connected: Connected): RunInfo {
  const { clock, spec, params, store } = connected;
  const parts = { mode, feed, spec, startedMs: clock.nowMs(), speed, params };
  const run = runInfoOf({ ...parts, ...(feedText === undefined ? {} : { feedText }) });
  keepRunInfo(store, run, params);
  return run;
}

function keepForecasts(bot: Bot, store: Store, market: string): void {
  bot.onAudit(forecastKeeper(() => bot.vol.view(), store));
  bot.onAudit(volatilityKeeper(store, market));
}

async function trade(
  session: Session,
  connected: Connected,
  operations: Operations,
  guard: Guard,
): Promise<RunSummary> {
  const { dataDir, writeRunFile, onWarning, feed: feedOfMarket, speed, mode } = session;
  const { clock, account, spec, params, settings, store, submitter, url } = connected;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const steps = new StepMeter();
  const bot = new Bot({
    ...connected,
    submitter: operations.around(submitter),
    ...volDeps(connected, { dataDir, market: spec.market, exchangeUrl: url, feed: feedOfMarket }),
    random: Math.random,
    onFatal: (error) => failed.reject(error),
    onWarning,
    onTimes: (times) => {
      steps.record(times);
      operations.onTimes(times);
    },
    calendar: speed === 1,
  });
  const run = describeRun(session, connected);
  const feed = restoredFeed(run, store.read, bot.state.ledger);
  operations.follow(bot);
  bot.onAudit((audit) => feed.onAudit(audit));
  bot.onAudit(dailyReports(dataDir, store.read, onWarning));
  keepForecasts(bot, store, spec.market);
  const { API_TOKEN: token, WEBHOOK_SECRET: webhookSecret } = settings;
  const server = serveControlPlane({
    bot,
    submitter,
    feed,
    steps,
    clock,
    params,
    operationsMetrics: operations.metrics,
    dataDir,
    token,
    webhookSecret,
    port: session.port,
    onWarning,
  });
  const { startedMs } = run;
  const { port: httpPort } = server;
  writeRunFile({ pid: process.pid, httpPort, startedMs, mode, exchange: url, account });
  const over = new AbortController();
  try {
    await guard.start();
    await bot.start();
    operations.up(`${run.feed}; page ${server.url}`);
    session.onUp({ feed, pageUrl: server.url });
    const why = await Promise.race([
      session.ending(clock, feedOfMarket, over.signal),
      failed.promise,
    ]);
    const endedMs = clock.nowMs();
    const report = await Promise.race([bot.stop(why), failed.promise]);
    operations.ended(why, report.errors);
    guard.ended(report.openOrders === 0 && report.errors.length === 0);
    const { causes, errors } = await toldCauses(session, bot);
    return summarise(bot, feed.run, report, causes, endedMs, errors);
  } finally {
    over.abort();
    await server.stop();
    await bot.close();
  }
}

/** An exchange that is gone takes the causes with it, not what else is known of the run. */
async function toldCauses(
  { causesOf }: Session,
  { tally }: Bot,
): Promise<{ readonly causes: CauseCounts | null; readonly errors: readonly string[] }> {
  try {
    return { causes: await causesOf(tally.fillKeys), errors: [] };
  } catch (error) {
    const text = messageOf(error);
    return { causes: null, errors: [`why our fills came could not be asked: ${text}`] };
  }
}

function accountFileOf(session: Session, connected: Connected): AccountFile {
  const { mode, epochMs, speed, ownExchange } = session;
  const { url: exchange, account, signer, spec, params } = connected;
  const { market, dex, assetId } = spec;
  const { source } = signer;
  const { orderExpiryMs } = params;
  assert(mode !== "simulate", "a simulation has no account that outlives it");
  const clock = { epochMs, speed };
  const place = { exchange, account, source, market, dex, assetId };
  return { mode, ...place, clock, orderExpiryMs, ownExchange };
}
