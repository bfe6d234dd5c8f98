import type { EventInput } from "./eventInput.ts";
import type { Scheduler } from "./scheduler.ts";
import { runVolJob } from "./volChild.ts";
import type { VolChildCallbacks } from "./volChild.ts";
import type { VolFeed } from "./volFeed.ts";
import type { RunningVolJob } from "../dashboard/volView.ts";
import type { HistoryOrder } from "../marketdata/history/askHistory.ts";
import type { VolJob, VolJobMessage } from "../marketdata/history/volJob.ts";
import type { DataFetchEvent, VolRetrainEvent } from "../messages/events.ts";
import type { VolSlice } from "../messages/state.ts";
import type { Clock, StopTimer } from "../units/time.ts";
import { ms } from "../units/numbers.ts";
import { messageOf } from "../units/messageOf.ts";

/** What is fetched and trained, and when. */
export type VolPlan = {
  readonly history: HistoryOrder;
  /** Name under which the market's own minutes are added to the history; null: they are not. */
  readonly recordAs: string | null;
  readonly training: VolJob["training"];
  /** Five fields, New York's clock; "off": never by itself. */
  readonly fetchCron: string;
  readonly retrainCron: string;
};

export type VolJobsDeps = {
  readonly plan: VolPlan;
  readonly clock: Clock;
  readonly feed: VolFeed;
  readonly slice: () => VolSlice;
  readonly post: (input: EventInput) => void;
  readonly nextId: (kind: string) => string;
  readonly onWarning: (text: string) => void;
  /** Does a job; a process of its own when left out. */
  readonly run?: (job: VolJob, callbacks: VolChildCallbacks) => Promise<Answer>;
};

type Answer = Exclude<VolJobMessage, { kind: "progress" }>;

const TIME_ZONE = "America/New_York";
/** Nothing of this happens earlier. */
const FIRST_MS = 60_000;
const MODEL_CHECK_MS = 300_000;
const PAUSE_MS = 15 * 60_000;
const PAUSE_MS_MAX = 4 * 3_600_000;
/** Clocks and crons are not exact to the second. */
const SLACK_MS = 30_000;

/**
 * Fetching and training as the calendar wants it, outside the process that quotes. Each end is an event. A run that is due
 * while its job runs joins it; runs missed while the bot was down are made up for by one.
 */
export class VolJobs {
  readonly #deps: VolJobsDeps;
  readonly #over = new AbortController();
  readonly #running = new Map<VolJob["kind"], RunningVolJob>();
  readonly #ends = new Map<VolJob["kind"], Promise<void>>();
  #trigger: ((name: string) => Promise<void>) | null = null;
  #stopStart: StopTimer = () => {};
  #recordedMs = 0;
  /** By the newest fetch; the state says so only once its event was handled. */
  #isHistoryFound = false;

  constructor(deps: VolJobsDeps) {
    this.#deps = deps;
  }

  /** Puts the jobs on the calendar once the bot has found its feet; a short run asks nobody. */
  start(scheduler: Scheduler): void {
    const { clock, feed } = this.#deps;
    scheduler.every("volModelCheck", MODEL_CHECK_MS, () => feed.sync());
    this.#stopStart = clock.at(ms(clock.nowMs() + FIRST_MS), () => {
      this.#schedule(scheduler);
      void this.#catchUp();
    });
  }

  /** Jobs that run now. */
  get running(): readonly RunningVolJob[] {
    return [...this.#running.values()];
  }

  /** Trains now, or joins the training that runs. False when it was joined. */
  retrainNow(): boolean {
    const fresh = !this.#ends.has("retrain");
    void this.#retrain();
    return fresh;
  }

  /** Ends what runs. Nothing of it counts. */
  close(): void {
    this.#stopStart();
    this.#over.abort();
  }

  #schedule(scheduler: Scheduler): void {
    const { fetchCron, retrainCron } = this.#deps.plan;
    this.#trigger = (name) => scheduler.trigger(name);
    if (fetchCron !== "off")
      scheduler.calendar("dataFetch", fetchCron, TIME_ZONE, () => this.#fetchWhenDue());
    if (retrainCron !== "off")
      scheduler.calendar("volRetrain", retrainCron, TIME_ZONE, () => this.#retrain());
  }

  /** What was missed while the bot was down, each job once. */
  async #catchUp(): Promise<void> {
    const { plan, clock, slice, feed } = this.#deps;
    if (plan.fetchCron === "off") return;
    await this.#trigger?.("dataFetch");
    if (plan.retrainCron === "off" || !this.#isHistoryFound) return;
    const lastMs = Math.max((await feed.trainedMs()) ?? 0, slice().lastAttempt?.atMs ?? 0);
    const next = Bun.cron.parse(plan.retrainCron, lastMs, { tz: TIME_ZONE });
    if (next !== null && next.getTime() <= clock.nowMs()) await this.#trigger?.("volRetrain");
  }

  /** Failures make it patient: nobody is asked over and over in vain. */
  #fetchWhenDue(): Promise<void> | undefined {
    const { fetchFailures, lastFetch } = this.#deps.slice();
    if (fetchFailures > 0 && lastFetch !== null) {
      const pauseMs = Math.min(PAUSE_MS * 2 ** (fetchFailures - 1), PAUSE_MS_MAX);
      if (this.#deps.clock.nowMs() < lastFetch.atMs + pauseMs - SLACK_MS) return undefined;
    }
    return this.#fetch();
  }

  #fetch(): Promise<void> {
    return this.#joined("fetch", () => this.#fetchOnce());
  }

  #retrain(): Promise<void> {
    return this.#joined("retrain", () => this.#retrainOnce());
  }

  /** One of a kind at a time; who comes meanwhile waits for it. */
  #joined(kind: VolJob["kind"], work: () => Promise<void>): Promise<void> {
    const known = this.#ends.get(kind);
    if (known !== undefined) return known;
    const end = work().finally(() => this.#ends.delete(kind));
    this.#ends.set(kind, end);
    return end;
  }

  async #fetchOnce(): Promise<void> {
    const { slice, post, nextId, onWarning } = this.#deps;
    const started = this.#deps.clock.nowMs();
    const outcome = await this.#do("fetch");
    if (outcome === null) return;
    const durationMs = this.#deps.clock.nowMs() - started;
    const event = fetchEvent(outcome);
    this.#isHistoryFound = event.used !== null;
    if (event.used === null && slice().fetchFailures === 0)
      onWarning(`${event.failure ?? "no history"}; asked again less and less often`);
    post({ kind: "dataFetch", id: nextId("dataFetch"), durationMs, ...event });
  }

  async #retrainOnce(): Promise<void> {
    const { post, nextId, clock, feed, onWarning } = this.#deps;
    const started = clock.nowMs();
    const outcome = await this.#do("retrain");
    if (outcome === null) return;
    const durationMs = clock.nowMs() - started;
    const event = retrainEvent(outcome);
    if (event.failure !== null) onWarning(`volatility was not retrained: ${event.failure}`);
    await feed.sync();
    post({ kind: "volRetrain", id: nextId("volRetrain"), durationMs, ...event });
  }

  /** @returns null when the bot ended meanwhile */
  async #do(kind: VolJob["kind"]): Promise<Answer | null> {
    const { clock, plan, run = runVolJob } = this.#deps;
    const { signal } = this.#over;
    if (signal.aborted) return null;
    const sinceMs = clock.nowMs();
    const onProgress = (text: string, share: number): void => {
      this.#running.set(kind, { kind, sinceMs, text, share });
    };
    onProgress("started", 0);
    const { history, training } = plan;
    try {
      const minutes = this.#minutes();
      const answer = await run({ kind, history, training, minutes }, { onProgress, signal });
      return signal.aborted ? null : answer;
    } catch (error) {
      const reason = messageOf(error);
      return signal.aborted ? null : { kind: "failed", source: null, reason };
    } finally {
      this.#running.delete(kind);
    }
  }

  /** What was seen of the market since the last time, from the beginning of a bar on. */
  #minutes(): VolJob["minutes"] {
    const { plan, feed } = this.#deps;
    if (plan.recordAs === null) return null;
    const { barMs } = plan.history;
    const rows = feed.minutesSince(this.#recordedMs);
    const newestMs = rows.at(-1)?.openMs;
    if (newestMs !== undefined) this.#recordedMs = Math.floor(newestMs / barMs) * barMs;
    const columns = rows.map(
      ({ openMs, open, high, low, close }) =>
        [openMs, open, high, low, close] satisfies [number, number, number, number, number],
    );
    return { instrument: plan.recordAs, rows: columns };
  }
}

type FetchPart = Omit<DataFetchEvent, "kind" | "id" | "atMs" | "view" | "durationMs">;

function fetchEvent(answer: Answer): FetchPart {
  if (answer.kind === "fetched") {
    const { kind: _, ...rest } = answer;
    return rest;
  }
  const failure = answer.kind === "failed" ? answer.reason : "it answered something else";
  return { used: null, returnScale: 1, scaleFrom: "", reports: [], failure };
}

type RetrainPart = Omit<VolRetrainEvent, "kind" | "id" | "atMs" | "view" | "durationMs">;

function retrainEvent(answer: Answer): RetrainPart {
  if (answer.kind === "retrained")
    return { source: answer.source, result: answer.result, failure: null };
  if (answer.kind === "failed")
    return { source: answer.source, result: null, failure: answer.reason };
  return { source: null, result: null, failure: "it answered something else" };
}
