import { Absence } from "./absence.ts";
import type { Alert, AlertKind, Severity } from "./alert.ts";
import { riskAlerts } from "./riskRules.ts";
import { Storm } from "./storm.ts";
import { dayStart, retrainWords, spanWords, summaryWords } from "./words.ts";
import type { DayStart } from "./words.ts";
import { actionEconomy } from "../../core/budget.ts";
import { asksForPatience } from "../../core/orderReports.ts";
import type { Audit } from "../../messages/audit.ts";
import type { EventOf, FeedName } from "../../messages/events.ts";
import type { Params } from "../../messages/params.ts";
import type { BotState } from "../../messages/state.ts";

/** A connection that comes back within this was a hiccup. */
const FEED_GRACE_MS = 3_000;
/** A start takes longer: connect, subscribe, first book. */
const FIRST_FEED_GRACE_MS = 30_000;
/** A fill may be on its way while the venue is asked. */
const RECONCILE_GRACE_MS = 5_000;
const MARGIN_GRACE_MS = 30_000;
const STORM_SPAN_MS = 60_000;
/** After a refusal no order is made for some seconds, so that ten in a minute mean that nearly none gets through. */
const REJECTIONS_MANY = 10;
const UNRESOLVED_MANY = 10;

/** Modes of the action budget by what they mean; quoting adapts to the mild ones by itself. */
const BUDGET_SEVERITY: { readonly [mode: string]: Severity } = {
  free: "info",
  lean: "notice",
  scarce: "warning",
  spent: "critical",
  throttled: "critical",
};
const BUDGET_RANK = ["free", "lean", "scarce", "spent", "throttled"];

export type RulesOptions = {
  readonly params: Params;
  /** Of the account, lower case: tells our liquidations from others'. */
  readonly account: string;
};

type Make = (kind: AlertKind, severity: Severity, key: string, text: string) => void;

/**
 * From what happened to what people are told. Follows the audits and has no clock: time is the events'. Most steps
 * change nothing that matters here and cost a few comparisons.
 */
export class AlertRules {
  readonly #options: RulesOptions;
  readonly #feeds: { [F in FeedName]: Absence } = newFeeds();
  readonly #disagreement = new Absence(RECONCILE_GRACE_MS);
  readonly #unread = new Absence(MARGIN_GRACE_MS);
  readonly #rejections = new Storm(STORM_SPAN_MS, REJECTIONS_MANY);
  readonly #unresolved = new Storm(STORM_SPAN_MS, UNRESOLVED_MANY);
  #budgetRank = 0;
  #day: DayStart | null = null;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  onAudit(audit: Audit): readonly Alert[] {
    const { event, before, after } = audit;
    if (before === after && !this.#isWaiting() && !CARRIES_NEWS.has(event.kind)) return NONE;
    const alerts: Alert[] = [];
    const make: Make = (kind, severity, key, text) =>
      alerts.push({ kind, severity, key, text, atMs: event.atMs });
    if (event.kind === "runStarted") this.#started(event.atMs);
    if (before.risk !== after.risk && event.kind !== "runStopping")
      riskAlerts(before.risk, after.risk, make);
    if (before.run !== after.run) this.#runChanged(event, after, make);
    if (before.account !== after.account) this.#accountChanged(event.atMs, after, make);
    this.#ofKind(event, after, make);
    if (this.#isWaiting() && after.run.phase !== "stopping") this.#timePasses(event.atMs, make);
    return alerts;
  }

  /** What was down before this start is not news. */
  #started(atMs: number): void {
    Object.assign(this.#feeds, newFeeds(FIRST_FEED_GRACE_MS));
    for (const feed of FEEDS) this.#feeds[feed].note(atMs, "not connected since the start");
  }

  #isWaiting(): boolean {
    return (
      this.#feeds.market.isPending ||
      this.#feeds.account.isPending ||
      this.#disagreement.isPending ||
      this.#unread.isPending
    );
  }

  #timePasses(atMs: number, make: Make): void {
    for (const feed of FEEDS) {
      const lost = this.#feeds[feed].passed(atMs);
      if (lost !== null)
        make(
          "feedLost",
          "warning",
          `feedLost:${feed}`,
          `The ${feed} feed is down for ${spanWords(lost.awayMs)}: ${lost.why}. Nothing is quoted.`,
        );
    }
    const differs = this.#disagreement.passed(atMs);
    if (differs !== null)
      make(
        "reconciliation",
        "warning",
        "reconciliation",
        `The exchange's account and ours do not agree for ${spanWords(differs.awayMs)}: ${differs.why}. Nothing is quoted.`,
      );
    const unread = this.#unread.passed(atMs);
    if (unread !== null)
      make(
        "margin",
        "warning",
        "margin:unread",
        `The margin could not be read for ${spanWords(unread.awayMs)}: ${unread.why}`,
      );
  }

  #runChanged(event: Audit["event"], { run }: BotState, make: Make): void {
    const failure = run.phase === "stopping" ? null : run.reconcileFailure;
    const agreed = this.#disagreement.note(event.atMs, failure);
    if (agreed !== null && run.phase !== "stopping")
      make(
        "reconciled",
        "notice",
        "reconciled",
        `The exchange's account and ours agree again, after ${spanWords(agreed.awayMs)}.`,
      );
    if (event.kind !== "feedState") return;
    const why = event.state === "live" ? null : `${event.state}, ${event.detail}`;
    const back = this.#feeds[event.feed].note(event.atMs, why);
    if (why === null) this.#feeds[event.feed] = new Absence(FEED_GRACE_MS);
    if (back !== null)
      make(
        "feedBack",
        "notice",
        `feedBack:${event.feed}`,
        `The ${event.feed} feed is live again, after ${spanWords(back.awayMs)}.`,
      );
  }

  #accountChanged(atMs: number, state: BotState, make: Make): void {
    const { account } = state;
    if (this.#day === null && account.reading !== null) this.#day = dayStart(state, atMs);
    this.#unread.note(atMs, account.failure);
    if (account.budget === null) return;
    const economy = actionEconomy(state, state.account.readMs, this.#options.params);
    const rank = BUDGET_RANK.indexOf(economy.mode);
    if (rank > this.#budgetRank)
      make(
        "actionBudget",
        BUDGET_SEVERITY[economy.mode] ?? "warning",
        `actionBudget:${economy.mode}`,
        `The action budget is ${economy.mode}: ${Math.floor(economy.left)} actions are left to place with, spending ${Math.round(economy.spentPerHour)} and earning ${Math.round(economy.earnedPerHour)} an hour.`,
      );
    this.#budgetRank = rank;
  }

  #ofKind(event: Audit["event"], state: BotState, make: Make): void {
    if (event.kind === "outcome") this.#outcome(event, make);
    else if (event.kind === "fill") this.#fill(event, make);
    else if (event.kind === "volRetrain")
      make(
        "retrain",
        event.result === null ? "warning" : "notice",
        `retrain:${event.id}`,
        retrainWords(event),
      );
    else if (event.kind === "timer" && event.timer === "dailyReport") {
      const start = this.#day ?? dayStart(state, event.atMs);
      this.#day = dayStart(state, event.atMs);
      make("dailySummary", "notice", event.id, summaryWords(start, state, event.atMs));
    }
  }

  #fill({ fill }: EventOf<"fill">, make: Make): void {
    if (fill.liquidatedUser !== this.#options.account) return;
    const { side, sizeLots, pxTicks, oid } = fill;
    const text = `The exchange has liquidated: ${side} ${sizeLots} lots at ${pxTicks} ticks (order ${oid}).`;
    make("liquidated", "critical", "liquidated", text);
  }

  #outcome({ atMs, outcomes }: EventOf<"outcome">, make: Make): void {
    const refused = outcomes.filter(asksForPatience);
    const [refusal] = refused;
    if (refusal?.result === "rejected") {
      const storm = this.#rejections.add(atMs, refusal.text, refused.length);
      if (storm !== null)
        make(
          "rejections",
          "warning",
          "rejections",
          `${storm.count} orders were refused within a minute, mostly: ${storm.text}`,
        );
    }
    const open = outcomes.filter(({ result }) => result === "unresolved");
    const [unanswered] = open;
    if (unanswered?.result !== "unresolved") return;
    const storm = this.#unresolved.add(atMs, unanswered.text, open.length);
    if (storm !== null)
      make(
        "unresolved",
        "warning",
        "unresolved",
        `Of ${storm.count} orders and cancels within a minute nobody knows whether they acted; the exchange is being asked. Mostly: ${storm.text}`,
      );
  }
}

const NONE: readonly Alert[] = [];
const FEEDS: readonly FeedName[] = ["market", "account"];
/** Kinds that may be worth an alert though they change no state. */
const CARRIES_NEWS: ReadonlySet<string> = new Set([
  "runStarted",
  "outcome",
  "fill",
  "volRetrain",
  "timer",
  "feedState",
]);

function newFeeds(graceMs = FEED_GRACE_MS): { [F in FeedName]: Absence } {
  return { market: new Absence(graceMs), account: new Absence(graceMs) };
}
