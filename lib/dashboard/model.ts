import type { Audit } from "../messages/audit.ts";
import type { MarketView } from "../messages/market.ts";
import type { BotState } from "../messages/state.ts";
import { ActionRate, budgetView } from "./budget.ts";
import { decisionsOf } from "./decisions.ts";
import {
  accountSection,
  ledgerSection,
  lotsOfFraction,
  marketSection,
  midX2,
  orderRows,
  ownExtent,
  pnlOf,
} from "./live.ts";
import { DecisionLog, Ring } from "./rings.ts";
import { TieredSeries } from "./series.ts";
import { markoutPoints } from "./markouts.ts";
import { sampleRows } from "./samples.ts";
import { volSample } from "./volView.ts";
import { RISK_MODES, SAMPLE_COLUMNS } from "./types.ts";
import type {
  Decision,
  Delta,
  FillRow,
  LiveView,
  RiskChange,
  RunInfo,
  RuntimeStats,
  SampleColumn,
  Snapshot,
  StoredViews,
} from "./types.ts";

const FILLS_KEPT = 4096;
const DECISIONS_PER_TOPIC = 250;
const RISK_CHANGES_KEPT = 60;
/** Fills that wait for the next publication; more than this and a client reads them in its next snapshot. */
const FILLS_PENDING = 2000;

type Section = Exclude<keyof LiveView, "clock">;
const SECTIONS: readonly Section[] = [
  "run",
  "market",
  "orders",
  "ledger",
  "risk",
  "account",
  "budget",
  "markouts",
  "vol",
  "runtime",
];

/**
 * Follows the steps of the bot and keeps what people look at: bounded, and without a clock of its own (time is the
 * events'). Listeners get what changed when the owner calls `publish`, which it should do at most four times a second.
 */
export class DashboardFeed {
  readonly run: RunInfo;
  private state: BotState | null = null;
  private view: MarketView | null = null;
  private runtime: RuntimeStats | null = null;
  private nowMs: number;
  private stepSeq = 0;
  private fillSeq = 0;
  private readonly dirty = new Set<Section>();
  private touched = false;
  private readonly series = new TieredSeries(SAMPLE_COLUMNS.length);
  private publishedSampleMs = Number.NEGATIVE_INFINITY;
  private readonly fills = new Ring<FillRow>(FILLS_KEPT);
  private pendingFills: FillRow[] = [];
  private readonly log = new DecisionLog(DECISIONS_PER_TOPIC);
  private readonly riskChanges = new Ring<RiskChange>(RISK_CHANGES_KEPT);
  private readonly rate = new ActionRate();
  private readonly listeners = new Set<(delta: Delta) => void>();
  private readonly scratch = new Float64Array(SAMPLE_COLUMNS.length);

  constructor(run: RunInfo) {
    this.run = run;
    this.nowMs = run.startedMs;
  }

  /** Takes in what earlier starts have stored, oldest first, before the first step. Columns that are absent stay empty. */
  restore(stored: StoredViews): void {
    for (const sample of stored.samples) {
      SAMPLE_COLUMNS.forEach((name, index) => {
        this.scratch[index] = sample[name] ?? Number.NaN;
      });
      this.series.push(sample.atMs, this.scratch);
    }
    for (const fill of stored.fills) this.fills.push({ ...fill, seq: ++this.fillSeq });
    for (const change of stored.riskChanges) this.riskChanges.push(change);
  }

  /** Takes one step in. Cheap: most of the work waits for `publish` or for the next sample. */
  onAudit(audit: Audit): void {
    const previous = this.state;
    this.state = audit.after;
    this.stepSeq = audit.stepSeq;
    this.nowMs = Math.max(this.nowMs, audit.event.atMs);
    this.touched = true;
    this.markDirty(previous, audit);
    for (const draft of decisionsOf(audit)) this.log.add(draft, audit);
    this.followRisk(audit);
    if (audit.event.kind === "fill") this.followFill(audit);
    const actions = audit.approved.filter(
      (command) => command.kind !== "readMargin" && command.kind !== "reconcile",
    ).length;
    if (actions > 0) this.rate.add(audit.event.atMs, actions);
    if (this.series.wants(this.nowMs)) this.sample(audit.after);
  }

  /** Takes measurements of the runtime in, whenever there are new ones. */
  onRuntime(stats: RuntimeStats): void {
    this.runtime = stats;
    this.dirty.add("runtime");
    this.touched = true;
  }

  private markDirty(previous: BotState | null, audit: Audit): void {
    const { after, event } = audit;
    if (event.view !== null && event.view !== this.view) {
      this.view = event.view;
      this.dirty.add("market");
    }
    if (previous === null) for (const section of SECTIONS) this.dirty.add(section);
    if (previous?.run !== after.run) this.dirty.add("run");
    if (previous?.orders !== after.orders) this.dirty.add("orders").add("market").add("budget");
    if (previous?.ledger !== after.ledger) this.dirty.add("ledger");
    if (previous?.risk !== after.risk) this.dirty.add("risk").add("account");
    if (previous?.quality.cells !== after.quality.cells) this.dirty.add("markouts");
    if (previous?.vol !== after.vol) this.dirty.add("vol");
    if (previous?.account !== after.account) this.dirty.add("account").add("budget").add("ledger");
  }

  private followRisk(audit: Audit): void {
    const from = audit.before.risk.mode;
    const { mode, reason } = audit.after.risk;
    if (from !== mode) this.riskChanges.push({ atMs: audit.event.atMs, from, to: mode, reason });
  }

  private followFill(audit: Audit): void {
    if (audit.event.kind !== "fill") return;
    const { fill } = audit.event;
    // A fill that was known already leaves the ledger as it was.
    if (audit.before.ledger === audit.after.ledger) return;
    const row: FillRow = {
      seq: ++this.fillSeq,
      atMs: fill.venueMs,
      side: fill.side,
      pxTicks: fill.pxTicks,
      sizeLots: fill.sizeLots,
      taker: fill.taker,
      feeMicroUsd: fill.feeMicroUsd,
      spreadMicroUsd: (audit.after.ledger.pnl.spread - audit.before.ledger.pnl.spread) / 2,
      positionLots: audit.after.ledger.positionLots,
      order: fill.cloid ?? String(fill.oid),
      cause: fill.taker ? "taker" : placementOf(audit.before, fill.cloid),
    };
    this.fills.push(row);
    if (this.pendingFills.length < FILLS_PENDING) this.pendingFills.push(row);
  }

  private sample(state: BotState): void {
    const orders = Object.values(state.orders.working);
    const bid = ownExtent(orders, "bid");
    const ask = ownExtent(orders, "ask");
    const pnl = pnlOf(state.ledger);
    const { limits } = this.run;
    const limit = lotsOfFraction(
      limits.positionLimitFraction,
      limits,
      state.account,
      midX2(this.view),
    );
    const values: Readonly<Record<SampleColumn, number | null>> = {
      bid: this.view?.bids[0]?.pxTicks ?? null,
      ask: this.view?.asks[0]?.pxTicks ?? null,
      ownBid: bid?.best ?? null,
      ownAsk: ask?.best ?? null,
      ownBidFar: bid?.far ?? null,
      ownAskFar: ask?.far ?? null,
      position: state.ledger.positionLots,
      limit,
      ...pnl,
      ...volSample(this.runtime),
      equity: state.account.reading?.equityMicroUsd ?? null,
      drawdown: accountSection(state.account, state.risk).drawdownRun,
      mode: RISK_MODES.indexOf(state.risk.mode),
    };
    SAMPLE_COLUMNS.forEach((name, index) => {
      this.scratch[index] = values[name] ?? Number.NaN;
    });
    this.series.push(this.nowMs, this.scratch);
  }

  private section<S extends Section>(name: S, state: BotState): LiveView[S] {
    return this.builders[name](state);
  }

  private readonly builders: { readonly [S in Section]: (state: BotState) => LiveView[S] } = {
    run: ({ run }) => ({
      phase: run.phase,
      feeds: run.feeds,
      reconcileFailure: run.reconcileFailure,
    }),
    market: (state) => marketSection(this.view, state),
    orders: orderRows,
    ledger: (state) => ledgerSection(state, this.run.limits, midX2(this.view)),
    risk: ({ risk }) => ({
      mode: risk.mode,
      reason: risk.reason,
      sinceMs: risk.sinceMs,
      haltReason: risk.haltReason,
      operatorReduceOnly: risk.operatorReduceOnly,
      history: this.riskChanges.all().toReversed(),
    }),
    account: ({ account, risk }) => accountSection(account, risk),
    budget: ({ account }) => budgetView(account, this.rate, this.nowMs),
    markouts: ({ quality }) => markoutPoints(quality.cells),
    vol: ({ vol }) => vol,
    runtime: () => this.runtime,
  };

  private clock(): LiveView["clock"] {
    return { nowMs: this.nowMs, stepSeq: this.stepSeq };
  }

  /** The small sections as they are now; null before the first step. */
  live(): LiveView | null {
    const { state } = this;
    if (state === null) return null;
    return {
      clock: this.clock(),
      run: this.section("run", state),
      market: this.section("market", state),
      orders: this.section("orders", state),
      ledger: this.section("ledger", state),
      risk: this.section("risk", state),
      account: this.section("account", state),
      budget: this.section("budget", state),
      markouts: this.section("markouts", state),
      vol: this.section("vol", state),
      runtime: this.section("runtime", state),
    };
  }

  /** The newest line of the log; null before the first. */
  latestDecision(): Decision | null {
    return this.log.latest();
  }

  /** Everything kept, as plain data. */
  snapshot(): Snapshot {
    return {
      run: this.run,
      live: this.live(),
      samples: sampleRows(this.series.rows()),
      fills: this.fills.all(),
      decisions: this.log.all(),
    };
  }

  /** A listener takes a snapshot after it subscribed: deltas begin there. @returns how to stop listening. */
  subscribe(listener: (delta: Delta) => void): () => void {
    if (this.listeners.size === 0) this.forgetPending();
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Gives every listener what changed since the last call, once, in one piece; nothing when nothing did. */
  publish(): void {
    const { state } = this;
    if (state === null || !this.touched || this.listeners.size === 0) return;
    const live: Record<string, unknown> = { clock: this.clock() };
    for (const name of this.dirty) live[name] = this.section(name, state);
    const delta: Delta = {
      live: live as Delta["live"],
      samples: sampleRows(this.series.rows(this.publishedSampleMs)),
      fills: this.pendingFills,
      decisions: this.log.takeChanged(),
    };
    this.forgetPending();
    for (const listener of this.listeners) listener(delta);
  }

  private forgetPending(): void {
    this.publishedSampleMs = this.series.lastMs() ?? Number.NEGATIVE_INFINITY;
    this.log.takeChanged();
    this.dirty.clear();
    this.pendingFills = [];
    this.touched = false;
  }
}

/** How the price of an order was found, as far as the order is still known. */
function placementOf({ orders }: BotState, cloid: string | null): string {
  return (cloid === null ? undefined : orders.working[cloid])?.reason?.placement ?? "unknown";
}
