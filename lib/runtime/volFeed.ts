import { VolScore } from "./volScore.ts";
import type { VolView } from "../dashboard/volView.ts";
import type { MarketSpec, MarketView } from "../messages/market.ts";
import { pxDecimalsOf } from "../units/decimal.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";
import type { CandleRow } from "../vol/candles.ts";
import { ModelRefused } from "../vol/modelMetadata.ts";
import type { VolPrior } from "../vol/prior.ts";
import { VolatilityPort } from "../vol/port.ts";
import type { LocalHarFit, VolReading } from "../vol/port.ts";
import type { ModelRegistry, SeatName } from "../vol/registry.ts";
import { messageOf } from "../units/messageOf.ts";

const MINUTE_MS = 60_000;
/** As far back as the port keeps bars. */
const BACKFILL_MS = 4 * 86_400_000;

/** Where models come from: the first of the seats that has one. */
export type VolModels = {
  readonly registry: ModelRegistry;
  readonly seats: readonly SeatName[];
};

export type VolOptions = {
  readonly horizonMs: number;
  /** Null: no model may forecast; what serves then is a HAR fitted on the market's own minutes, and the running average. */
  readonly models: VolModels | null;
  /** Where a HAR is fitted; in this thread when left out. */
  readonly fit?: LocalHarFit;
  /** Minutes of the market before its venue's candles, oldest first. */
  readonly history?: readonly CandleRow[];
  /** What is assumed until enough has been seen; the stated default when left out. */
  readonly prior?: VolPrior;
};

export type VolFeedDeps = VolOptions & {
  readonly clock: Clock;
  readonly spec: MarketSpec;
  /** The venue's finished and forming minute candles. */
  readonly candles: (fromMs: Ms, toMs: Ms) => Promise<readonly CandleRow[]>;
  readonly onWarning: (text: string) => void;
};

/**
 * Between the market's messages and the forecast: mids go in, and the view of the market goes out with the best forecast
 * that is known, which never waits for anything. Forecasts are made anew once a minute, outside the events.
 */
export class VolFeed {
  readonly #deps: VolFeedDeps;
  readonly #port: VolatilityPort;
  readonly #score: VolScore;
  readonly #pxScale: number;
  #backfill: VolView["backfill"] = { bars: 0, failure: "not asked yet" };
  #forecastBarMs = 0;
  #closed = false;
  readonly #minutes = { lstm: 0, har: 0, localHar: 0, ewma: 0, lastRun: 0, prior: 0 };

  constructor(deps: VolFeedDeps) {
    this.#deps = deps;
    this.#port = new VolatilityPort(deps.horizonMs, deps.fit, deps.prior);
    this.#score = new VolScore(deps.horizonMs);
    this.#pxScale = 10 ** -pxDecimalsOf(deps.spec.szDecimals);
  }

  /** Takes up a model and the venue's candles; the market is quoted meanwhile. */
  async start(): Promise<void> {
    const { clock, history } = this.#deps;
    if (history !== undefined) this.#port.addCandles(history);
    await Promise.all([this.sync(), this.#fill()]);
    await this.#refresh(clock.nowMs());
  }

  /** Takes up what the registry holds: at the start, after a training, and now and then, as models expire. */
  async sync(): Promise<void> {
    const { models, clock } = this.#deps;
    if (models === null) return this.#port.dropModel("models are switched off");
    try {
      const seat = await seatOf(models, clock.nowMs());
      if (seat === null) await this.#port.dropModel("no model is published");
      else await this.#port.syncModel(models.registry, seat, clock.nowMs());
    } catch (error) {
      if (!(error instanceof ModelRefused)) throw error;
      await this.#port.dropModel(error.message);
    }
  }

  /** When the newest training of these seats that ended well was; null when there was none. */
  async trainedMs(): Promise<number | null> {
    const { models } = this.#deps;
    if (models === null) return null;
    let newestMs: number | null = null;
    for (const seat of models.seats)
      for (const { atMs } of await models.registry.attempts(seat))
        newestMs = Math.max(newestMs ?? 0, atMs);
    return newestMs;
  }

  /** The view with the forecast in it, and who made it. Where nothing better is known the running average stays as it is. */
  priced(view: MarketView): MarketView {
    this.#addMid(view);
    const { sigmaBpsPerSqrtSec: realised } = view;
    const { source, sigmaBpsPerSqrtSec, ageMs, confidence, band, model } = this.#read();
    const age = ageMs === null ? null : Math.max(0, ageMs);
    const provenance = { source, ageMs: age, confidence, band, model };
    return {
      ...view,
      sigmaBpsPerSqrtSec: source === "ewma" ? (realised ?? sigmaBpsPerSqrtSec) : sigmaBpsPerSqrtSec,
      vol: { ...provenance, realisedBpsPerSqrtSec: realised },
    };
  }

  /** What people see of it. */
  view(): Omit<VolView, "jobs"> {
    return {
      ...this.#read(),
      horizonMs: this.#deps.horizonMs,
      minutes: { ...this.#minutes },
      backfill: this.#backfill,
      score: this.#score.view(),
    };
  }

  /** Finished minutes that begin at `fromMs` or later. */
  minutesSince(fromMs: number): readonly CandleRow[] {
    return this.#port.minutesSince(fromMs);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#port.close();
  }

  #read(): VolReading {
    return this.#port.read(this.#deps.clock.nowMs());
  }

  /** By the venue's time, so that a minute of ours is a minute of its candles. */
  #addMid({ bids, asks, bookVenueMs }: MarketView): void {
    const [bid] = bids;
    const [ask] = asks;
    if (bid === undefined || ask === undefined) return;
    const mid = ((bid.pxTicks + ask.pxTicks) / 2) * this.#pxScale;
    if (!this.#port.addMid(mid, bookVenueMs)) return;
    void this.#refresh(bookVenueMs).catch((error: unknown) =>
      this.#deps.onWarning(`no forecast of volatility: ${String(error)}`),
    );
  }

  async #fill(): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    try {
      const rows = await this.#deps.candles(ms(nowMs - BACKFILL_MS), nowMs);
      const finished = rows.filter(({ openMs }) => openMs + MINUTE_MS <= nowMs);
      this.#port.addCandles(finished);
      this.#backfill = { bars: finished.length, failure: null };
    } catch (error) {
      this.#backfill = { bars: 0, failure: messageOf(error) };
    }
  }

  async #refresh(nowMs: number): Promise<void> {
    if (this.#closed) return;
    await this.#port.refresh(nowMs);
    const { barEndMs } = this.#port;
    if (barEndMs === null || barEndMs === this.#forecastBarMs) return;
    this.#forecastBarMs = barEndMs;
    const { source, sigmaBpsPerSqrtSec, band } = this.#port.read(nowMs);
    const average = this.#port.averageBpsPerSqrtSec;
    this.#minutes[source]++;
    // An assumption is no forecast, and is not scored as one.
    if (source !== "prior" && source !== "lastRun")
      this.#score.add({ fromMs: barEndMs, source, forecast: sigmaBpsPerSqrtSec, band, average });
    const { neededFromMs } = this.#score;
    if (neededFromMs !== null) this.#score.settle(this.#port.minutesSince(neededFromMs));
  }
}

/** The first seat whose model is good still, else the first that has one at all, to say why it is not used. */
async function seatOf({ registry, seats }: VolModels, nowMs: number): Promise<SeatName | null> {
  let first: SeatName | null = null;
  for (const seat of seats) {
    const champion = await registry.champion(seat);
    if (champion === null) continue;
    if (nowMs <= champion.expiresMs) return seat;
    first ??= seat;
  }
  return first;
}
