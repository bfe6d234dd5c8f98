import { dispatch } from "../../functions/index.ts";
import { AccountReader } from "./accountReader.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { EventInput } from "./eventInput.ts";
import { FirstReconcile } from "./firstReconcile.ts";
import { accountInputs, marketInput } from "./inputs.ts";
import { LatencyMeter } from "./latency.ts";
import type { NonceCounter } from "./nonce.ts";
import { ReconcileRetry } from "./reconcileRetry.ts";
import { Scheduler, systemCron } from "./scheduler.ts";
import { Sequencer } from "./sequencer.ts";
import type { StepTimes } from "./sequencer.ts";
import { shutDown } from "./shutdown.ts";
import type { ShutdownReport } from "./shutdown.ts";
import type { Submitter } from "./submitter.ts";
import { Tally } from "./tally.ts";
import { VolFeed } from "./volFeed.ts";
import type { VolOptions } from "./volFeed.ts";
import { VolJobs } from "./volJobs.ts";
import type { VolPlan } from "./volJobs.ts";
import { startDailyReport, startHousekeeping, startTicks } from "./ticks.ts";
import { planBatches } from "../core/batches.ts";
import { initialState } from "../core/initialState.ts";
import { emptyMarketView, reduceMarketView } from "../core/marketView.ts";
import { recordInFlight } from "../core/orderPhase.ts";
import { checkRisk } from "../core/risk.ts";
import { Feeds } from "../hyperliquid/feeds.ts";
import type { AccountMessage } from "../hyperliquid/feeds.ts";
import { InfoClient } from "../hyperliquid/infoClient.ts";
import type { AccountInfo } from "../hyperliquid/infoClient.ts";
import { patientTransport } from "../hyperliquid/patientTransport.ts";
import { resolveCommands } from "../hyperliquid/resolve.ts";
import type { MarketMessage } from "../messages/marketStream.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import type { Audit } from "../messages/audit.ts";
import type { FeedName } from "../messages/events.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import type { BotState } from "../messages/state.ts";
import type { Store } from "../store/store.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";

const VOL_DEFAULT: VolOptions = { horizonMs: 300_000, models: null };

const TICKS = { requoteMs: 500, marginTickMs: 5_000, reconcileMs: 30_000 };

export type BotDeps = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads reconnects, nothing else. */
  readonly random: () => number;
  /** Address of the account, lower case. */
  readonly account: string;
  readonly spec: MarketSpec;
  readonly params: Params;
  readonly store: Store;
  readonly submitter: Submitter;
  /** The one counter of the key. */
  readonly nonces: NonceCounter;
  readonly onFatal: (error: Error) => void;
  /** Something outside a step failed and trading goes on. */
  readonly onWarning: (text: string) => void;
  /** What each step took. */
  readonly onTimes?: (times: StepTimes) => void;
  /** True where time is the wall's: the calendar runs there alone. */
  readonly calendar: boolean;
  /** Virtual time handles events at once. */
  readonly defer?: (run: () => void) => void;
  /** Horizon and sources of the volatility forecast; five minutes and no model when left out. */
  readonly vol?: VolOptions;
  /** Fetching and training by the calendar; none when left out. */
  readonly volPlan?: VolPlan;
};

/** The market maker, whatever it is connected to: the way from messages to steps and from steps to the venue. */
export class Bot {
  readonly sequencer: Sequencer;
  readonly tally = new Tally();
  readonly latency: LatencyMeter;
  readonly info: AccountInfo;
  readonly vol: VolFeed;
  readonly volJobs: VolJobs | null;
  readonly runId: number;
  readonly #deps: BotDeps;
  readonly #dispatcher: Dispatcher;
  readonly #reader: AccountReader;
  readonly #first: FirstReconcile;
  readonly #retry: ReconcileRetry;
  readonly #feeds: Feeds;
  readonly #scheduler: Scheduler;
  readonly #submitter: Submitter;
  #market = emptyMarketView;
  #inputs = 0;
  #continues = false;

  constructor(deps: BotDeps) {
    const { clock, store, spec, params, transport, account } = deps;
    this.#deps = deps;
    this.runId = clock.nowMs();
    const patient = patientTransport({ transport, clock, onWait: deps.onWarning });
    this.info = new InfoClient(patient).account(spec, account);
    this.vol = volFeedOf(deps, new InfoClient(patient));
    this.latency = new LatencyMeter(clock);
    this.#submitter = this.latency.around(deps.submitter);
    const nextNonce = (): number => deps.nonces.next();
    const post = (input: EventInput): void => this.sequencer.post(input);
    this.volJobs = this.#volJobs(post);
    this.sequencer = new Sequencer({
      functions: {
        dispatch: (event, state, limits) => {
          this.latency.stepping(event);
          return dispatch(event, state, limits);
        },
        checkRisk,
        recordInFlight,
        planBatches,
      },
      params,
      loaded: store.loadState(initialState),
      store,
      clock,
      nextNonce,
      onBatches: (batches) => this.#dispatcher.send(batches),
      onReadMargin: () => void this.#reader.readMargin(),
      onReconcile: () => this.#first.ask(),
      onFatal: deps.onFatal,
      onListenerError: (error) => deps.onWarning(`a view failed: ${String(error)}`),
      ...(deps.onTimes === undefined ? {} : { onTimes: deps.onTimes }),
      ...(deps.defer === undefined ? {} : { defer: deps.defer }),
    });
    this.sequencer.onAudit((audit) => {
      this.latency.stepped();
      this.tally.onAudit(audit);
      this.#retry.onAudit(audit);
    });
    this.#dispatcher = new Dispatcher({
      submitter: this.#submitter,
      store,
      clock,
      nextNonce,
      post,
      resolve: (commands) => resolveCommands(commands, this.info, clock),
      onResolveError: (error) => deps.onWarning(`the venue could not be asked: ${String(error)}`),
      onFatal: deps.onFatal,
    });
    this.#reader = new AccountReader(
      { info: this.info, clock, state: () => this.state, post },
      this.runId,
    );
    const reconcile = (): void => void this.#reader.reconcile();
    const isLive = (): boolean => this.state.run.feeds.account === "live";
    this.#first = new FirstReconcile({ clock, isLive, reconcile });
    this.#retry = new ReconcileRetry({ clock, reconcile });
    this.#scheduler = schedulerOf(deps);
    this.#feeds = this.#feedsOf(deps);
  }

  /** True where the store held an earlier run of the account at the start. */
  get continues(): boolean {
    return this.#continues;
  }

  get state(): BotState {
    return this.sequencer.state;
  }

  onAudit(listener: (audit: Audit) => void): void {
    this.sequencer.onAudit(listener);
  }

  /** Hands an operator's word in; resolves when it was handled and stored. */
  tell(input: EventInput): Promise<Audit> {
    return this.sequencer.ask(input);
  }

  /** The id of an input that only this process knows of. */
  nextId(kind: string): string {
    return `${kind}:${this.runId}:${++this.#inputs}`;
  }

  /** Crash recovery is the start: what was left unanswered is asked for, then the account is read, then it quotes. */
  async start(): Promise<void> {
    const { spec } = this.#deps;
    this.#continues = this.state.ledger.baseline !== null;
    await this.sequencer.ask({
      kind: "runStarted",
      id: this.nextId("runStarted"),
      runId: this.runId,
      spec,
    });
    this.#dispatcher.start();
    this.#feeds.start();
    void this.vol.start().catch((error: unknown) => this.#volFailed(error));
    void this.#reader.readMargin();
    startTicks(
      this.#scheduler,
      TICKS,
      (input) => this.sequencer.post(input),
      () => this.#deps.clock.nowMs(),
    );
    startHousekeeping(this.#scheduler, this.#deps.store, () => this.sequencer.isIdle());
    if (!this.#deps.calendar) return;
    startDailyReport(this.#scheduler, "UTC", (input) => this.sequencer.post(input));
    this.volJobs?.start(this.#scheduler);
  }

  /** Cancels everything of ours, verifies it with the venue, and lets go of everything. */
  async stop(reason: string): Promise<ShutdownReport> {
    const report = await shutDown({
      reason,
      clock: this.#deps.clock,
      sequencer: this.sequencer,
      reader: this.#reader,
      info: this.info,
      nextId: (kind) => this.nextId(kind),
    });
    await this.close();
    return report;
  }

  /** Lets go without a word to the venue: after a contradiction. */
  async close(): Promise<void> {
    this.#scheduler.stop();
    this.volJobs?.close();
    this.#first.close();
    this.#retry.close();
    this.#feeds.close();
    this.#dispatcher.close();
    await this.vol.close();
    this.sequencer.end("the bot has ended");
    await this.#submitter.close();
  }

  #onMarket(message: MarketMessage): void {
    const recvMs = this.#deps.clock.nowMs();
    const before = this.#market.view;
    this.#market = reduceMarketView(this.#market, marketInput(message, recvMs));
    const seen = this.#market.view;
    if (seen === null || seen === before) return;
    const view = this.vol.priced(seen);
    const id = this.nextId(message.kind);
    this.latency.received(id);
    if (message.kind === "trades")
      this.sequencer.post({ kind: "trade", id, view, trades: message.trades });
    else this.sequencer.post({ kind: "book", id, view });
  }

  #feedsOf({ transport, spec, account, clock, random, params }: BotDeps): Feeds {
    return new Feeds({
      transport,
      spec,
      account,
      clock,
      random,
      marketStaleMs: params.bookStaleMs,
      onMarket: (message) => this.#onMarket(message),
      onAccount: (message) => this.#onAccount(message),
      onFeedState: (feed, state, detail) => this.#onFeedState(feed, state, detail),
    });
  }

  #volJobs(post: (input: EventInput) => void): VolJobs | null {
    const { volPlan: plan, clock, onWarning } = this.#deps;
    if (plan === undefined) return null;
    return new VolJobs({
      plan,
      clock,
      feed: this.vol,
      slice: () => this.state.vol,
      post,
      nextId: (kind) => this.nextId(kind),
      onWarning,
    });
  }

  #volFailed(error: unknown): void {
    this.#deps.onWarning(`volatility is not forecast: ${String(error)}`);
  }

  #onAccount(message: AccountMessage): void {
    for (const input of accountInputs(message)) this.sequencer.post(input);
  }

  #onFeedState(feed: FeedName, state: "live" | "stale" | "lost", detail: string): void {
    this.sequencer.post({ kind: "feedState", id: this.nextId("feedState"), feed, state, detail });
  }
}

/** The forecast of volatility, with the venue's own candles for the time before the start. */
function volFeedOf(
  { vol = VOL_DEFAULT, clock, spec, onWarning }: BotDeps,
  info: InfoClient,
): VolFeed {
  const candles = (fromMs: Ms, toMs: Ms): ReturnType<InfoClient["candleSnapshot"]> =>
    info.candleSnapshot(spec.market, "1m", fromMs, toMs);
  return new VolFeed({ ...vol, clock, spec, candles, onWarning });
}

function schedulerOf({ clock, calendar, onWarning }: BotDeps): Scheduler {
  return new Scheduler({
    clock,
    onError: (name, error) => onWarning(`the job "${name}" failed: ${String(error)}`),
    cron: calendar ? systemCron : null,
  });
}
