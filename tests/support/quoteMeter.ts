import type { Audit } from "../../lib/messages/audit.ts";
import type { QuoteReason } from "../../lib/messages/orders.ts";
import type { BotState, QualitySlice } from "../../lib/messages/state.ts";

const HOUR_MS = 3_600_000;
const THROTTLED = /too many cumulative requests/i;

export type PlacementTally = {
  fills: number;
  filledLots: number;
  /** Lots times seconds at rest. */
  lotSeconds: number;
};

/** What a run's steps say about its quoting: measured from outside, by the audits alone. */
export class QuoteMeter {
  readonly placements = new Map<string, PlacementTally>();
  throttled = 0;
  /** Markouts by side, placement and horizon, as the bot itself measured them. */
  quality: QualitySlice = { open: [], cells: [], dropped: 0 };
  readonly actionsByHour: number[] = [];
  /** Seconds without a quote on a side, while the run was quoting. */
  readonly emptySeconds = { bid: 0, ask: 0 };
  readonly modeSeconds = new Map<string, number>();
  /** Largest fall of the account's equity from an earlier peak, as a share of the peak. */
  drawdown = 0;
  #peakMicroUsd = 0;
  #startMs: number | null = null;
  #lastMs = 0;
  #seconds = 0;
  #notionalSum = 0;
  #squareSum = 0;

  onAudit(audit: Audit): void {
    this.quality = audit.after.quality;
    this.#pass(audit.before, audit.event.atMs);
    this.#fall(audit.after);
    const actions = audit.approved.filter(
      ({ kind }) => kind !== "readMargin" && kind !== "reconcile",
    ).length;
    const hour = Math.floor((audit.event.atMs - (this.#startMs ?? 0)) / HOUR_MS);
    this.actionsByHour[hour] = (this.actionsByHour[hour] ?? 0) + actions;
    if (audit.event.kind === "outcome")
      for (const outcome of audit.event.outcomes)
        if (outcome.result === "rejected" && THROTTLED.test(outcome.text)) this.throttled++;
    if (audit.event.kind !== "fill" || audit.before.ledger === audit.after.ledger) return;
    const { cloid, sizeLots } = audit.event.fill;
    const order = cloid === null ? undefined : audit.before.orders.working[cloid];
    for (const tally of this.#tallies(order?.reason ?? null)) {
      tally.fills++;
      tally.filledLots += sizeLots;
    }
  }

  /** Standard deviation over time of the position's value, dollars. */
  inventorySpreadUsd(): number {
    if (this.#seconds === 0) return 0;
    const mean = this.#notionalSum / this.#seconds;
    return Math.sqrt(Math.max(0, this.#squareSum / this.#seconds - mean * mean));
  }

  /** Share of the time in a mode. */
  modeShare(mode: string): number {
    return this.#seconds === 0 ? 0 : (this.modeSeconds.get(mode) ?? 0) / this.#seconds;
  }

  #fall({ account }: BotState): void {
    const equity = account.reading?.equityMicroUsd ?? 0;
    this.#peakMicroUsd = Math.max(this.#peakMicroUsd, equity);
    if (this.#peakMicroUsd > 0)
      this.drawdown = Math.max(this.drawdown, 1 - equity / this.#peakMicroUsd);
  }

  #pass(state: BotState, atMs: number): void {
    this.#startMs ??= atMs;
    const seconds = this.#lastMs === 0 ? 0 : Math.max(0, atMs - this.#lastMs) / 1000;
    this.#lastMs = atMs;
    if (seconds === 0) return;
    const usd = (state.ledger.positionLots * (state.ledger.markX2Ticks ?? 0)) / 2e6;
    this.#seconds += seconds;
    this.#notionalSum += seconds * usd;
    this.#squareSum += seconds * usd * usd;
    const { mode } = state.risk;
    this.modeSeconds.set(mode, (this.modeSeconds.get(mode) ?? 0) + seconds);
    const quoted = { bid: false, ask: false };
    for (const order of Object.values(state.orders.working)) {
      if (order.phase !== "resting") continue;
      quoted[order.side] = true;
      for (const tally of this.#tallies(order.reason))
        tally.lotSeconds += order.leavesLots * seconds;
    }
    if (!quoted.bid) this.emptySeconds.bid += seconds;
    if (!quoted.ask) this.emptySeconds.ask += seconds;
  }

  /** By placement, and all of the five best levels together. */
  #tallies(reason: QuoteReason | null): readonly PlacementTally[] {
    const own = this.#tally(reason?.placement ?? "unknown");
    return reason !== null && reason.level < 5 ? [own, this.#tally("five best")] : [own];
  }

  #tally(placement: string): PlacementTally {
    const known = this.placements.get(placement);
    if (known !== undefined) return known;
    const made = { fills: 0, filledLots: 0, lotSeconds: 0 };
    this.placements.set(placement, made);
    return made;
  }
}
