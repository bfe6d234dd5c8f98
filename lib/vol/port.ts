import {
  addMid,
  emptyVolatility,
  roughSigmaBpsPerSqrtSec,
  sigmaBpsPerSqrtSec,
} from "../core/volatility.ts";
import { measureBars } from "./bars.ts";
import { fitLocalHar, forecastLocalHar } from "./localHar.ts";
import { MidBars } from "./midBars.ts";
import { ModelRefused } from "./modelMetadata.ts";
import { VolModel } from "./onnx/model.ts";
import { priorAt, STATED_PRIOR_BPS } from "./prior.ts";
import type { VolPrior } from "./prior.ts";
import { poseProblem } from "./problem.ts";
import { windowLengths } from "./windows.ts";
import type { VolatilityState } from "../core/volatility.ts";
import type { VolSource } from "../messages/market.ts";
import type { CandleRow, Candles } from "./candles.ts";
import type { LocalHar } from "./localHar.ts";
import type { ModelRecord, ModelRegistry, SeatName } from "./registry.ts";

/** What the quoting side sees. Plain data. */
export type VolReading = {
  /** Basis points per square root of a second over the horizon. */
  readonly sigmaBpsPerSqrtSec: number;
  /** Eight of ten realised values lay between these; null for the running average, which promises nothing. */
  readonly band: { readonly low: number; readonly high: number } | null;
  readonly source: VolSource;
  /** Age of the newest data in the forecast; null when it rests on none. */
  readonly ageMs: number | null;
  /** From 0 to 1: the source's rank, fading with age to nothing at two horizons. For widening and for people, not a probability. */
  readonly confidence: number;
  /** Why nothing better was used; empty when the best was. */
  readonly why: string;
  /** File of the model in use. */
  readonly model: string | null;
};

/** Fits the HAR that serves when no file does; null with too few bars. */
export type LocalHarFit = (
  candles: Candles,
  horizonMs: number,
  nowMs: number,
) => LocalHar | null | Promise<LocalHar | null>;

type Forecast = {
  readonly source: Extract<VolSource, "lstm" | "har" | "localHar">;
  readonly sigma: number;
  readonly band: { readonly low: number; readonly high: number };
  /** End of the newest bar in it. */
  readonly barEndMs: number;
};

const BAR_MS = 60_000;
/** Four days of minutes: the day's window, and enough to fit a HAR on. */
const BARS_KEPT = 5760;
/** Bars before the longest window ends that a forecast looks at: the network's steps, each with an hour behind it. */
const BARS_BEFORE = 120;
const REFIT_MS = 6 * 3_600_000;
const RANK: Readonly<Record<VolSource, number>> = {
  lstm: 1,
  har: 1,
  localHar: 0.9,
  ewma: 0.6,
  lastRun: 0.5,
  prior: 0,
};

/** Variance of log returns over a span to basis points per square root of a second. */
function sigmaOf(variance: number, spanMs: number): number {
  return 1e4 * Math.sqrt(variance / (spanMs / 1000));
}

/**
 * The bot's window on volatility. Mids go in as they come and cost next to nothing; once a minute `refresh` makes a forecast
 * with the best source that may be used: the promoted model, else a HAR fitted on the market's own bars, else the running
 * average of the mid, else, in the first minute, the prior. `read` never waits and always says which one spoke and why.
 */
export class VolatilityPort {
  readonly #horizonMs: number;
  readonly #fit: LocalHarFit;
  readonly #prior: VolPrior;
  readonly #bars = new MidBars(BAR_MS, BARS_KEPT);
  #ewma: VolatilityState = emptyVolatility;
  #model: { readonly loaded: VolModel; readonly record: ModelRecord } | null = null;
  #modelRefused = "no model is published";
  #local: LocalHar | null = null;
  #localTriedMs: number | null = null;
  #forecast: Forecast | null = null;
  #why = "no bar has ended yet";
  #tail: Promise<void> = Promise.resolve();

  /** @param fit where fitting happens: it takes some 50 ms, so a thread that quotes hands it to another one */
  constructor(
    horizonMs: number,
    fit: LocalHarFit = fitLocalHar,
    prior: VolPrior = { statedBps: STATED_PRIOR_BPS, lastRun: null },
  ) {
    this.#horizonMs = horizonMs;
    this.#fit = fit;
    this.#prior = prior;
  }

  /** A new mid in any unit, > 0. True when it ended a bar: time for `refresh`. */
  addMid(mid: number, nowMs: number): boolean {
    this.#ewma = addMid(this.#ewma, mid, nowMs);
    return this.#bars.addMid(mid, nowMs);
  }

  /** Finished minute candles of the same market, for the time before the first mid. Same price unit as the mids. */
  addCandles(rows: readonly CandleRow[]): void {
    this.#bars.addCandles(rows);
  }

  /**
   * Takes up what the registry holds for a seat: loads a new champion, drops one that expired or is refused. The old model
   * serves until the new one is loaded.
   */
  syncModel(registry: ModelRegistry, seat: SeatName, nowMs: number): Promise<void> {
    return this.#inTurn(() => this.#sync(registry, seat, nowMs));
  }

  /** Uses no model from now on: HAR and the running average only. */
  dropModel(reason: string): Promise<void> {
    return this.#inTurn(() => this.#replace(null, reason));
  }

  /** Makes the forecast anew from the bars that have ended. Calls queue up; none is lost. */
  refresh(nowMs: number): Promise<void> {
    return this.#inTurn(() => this.#refresh(nowMs));
  }

  /** End of the newest finished bar; null before the first. */
  get barEndMs(): number | null {
    return this.#bars.endMs;
  }

  /** The running average of the mid, whoever speaks; null until a minute has been covered. */
  get averageBpsPerSqrtSec(): number | null {
    return sigmaBpsPerSqrtSec(this.#ewma);
  }

  /** Finished minute bars that begin at `fromMs` or later, oldest first. */
  minutesSince(fromMs: number): readonly CandleRow[] {
    return this.#bars.rowsSince(fromMs);
  }

  /** The best that is known now. */
  read(nowMs: number): VolReading {
    const forecast = this.#forecast;
    const ageMs = forecast === null ? Number.POSITIVE_INFINITY : nowMs - forecast.barEndMs;
    if (forecast !== null && ageMs <= this.#horizonMs + BAR_MS)
      return {
        sigmaBpsPerSqrtSec: forecast.sigma,
        band: forecast.band,
        source: forecast.source,
        ageMs,
        confidence: this.#confidence(forecast.source, ageMs),
        why: this.#why,
        model: forecast.source === "localHar" ? null : (this.#model?.record.file ?? null),
      };
    const late = `the newest bar is ${Math.round(ageMs / 1000)} s old`;
    return this.#readAverage(nowMs, forecast === null ? this.#why : late);
  }

  /** Gives the model's memory back. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#replace(null, "closed"));
  }

  #readAverage(nowMs: number, why: string): VolReading {
    const sigma = sigmaBpsPerSqrtSec(this.#ewma);
    if (sigma === null) return this.#readPrior(nowMs, why);
    const ageMs = nowMs - (this.#ewma.sampleMs ?? nowMs);
    const confidence = this.#confidence("ewma", ageMs);
    return {
      sigmaBpsPerSqrtSec: sigma,
      band: null,
      source: "ewma",
      ageMs,
      confidence,
      why,
      model: null,
    };
  }

  /** Whoever knows nothing yet is wide: the prior, or what the first seconds show if that is more. */
  #readPrior(nowMs: number, why: string): VolReading {
    const { source, bps, ageMs } = priorAt(this.#prior, nowMs, 2 * this.#horizonMs);
    return {
      sigmaBpsPerSqrtSec: Math.max(bps, roughSigmaBpsPerSqrtSec(this.#ewma) ?? 0),
      band: null,
      source,
      ageMs,
      confidence: this.#confidence(source, ageMs ?? 0),
      why: `${why}; the running average needs a minute`,
      model: null,
    };
  }

  #confidence(source: VolSource, ageMs: number): number {
    return RANK[source] * Math.min(1, Math.max(0, 1 - ageMs / (2 * this.#horizonMs)));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(work, work);
    return this.#tail;
  }

  async #sync(registry: ModelRegistry, seat: SeatName, nowMs: number): Promise<void> {
    try {
      const record = await registry.champion(seat);
      if (record === null) return await this.#replace(null, "no model is published");
      const bytes = await registry.load(record, nowMs);
      if (record.file === this.#model?.record.file) {
        this.#model = { loaded: this.#model.loaded, record };
        return;
      }
      await this.#replace({ loaded: await VolModel.load(bytes), record }, "");
    } catch (error) {
      if (!(error instanceof ModelRefused)) throw error;
      await this.#replace(null, error.message);
    }
  }

  async #replace(
    next: { readonly loaded: VolModel; readonly record: ModelRecord } | null,
    refused: string,
  ): Promise<void> {
    const before = this.#model;
    this.#model = next;
    this.#modelRefused = refused;
    await before?.loaded.release();
  }

  async #refresh(nowMs: number): Promise<void> {
    const fromModel = await this.#fromModel(nowMs);
    if (typeof fromModel !== "string") {
      this.#forecast = fromModel;
      this.#why = "";
      return;
    }
    const fromHar = await this.#fromLocalHar(nowMs);
    this.#forecast = typeof fromHar === "string" ? null : fromHar;
    this.#why = typeof fromHar === "string" ? `${fromModel}; ${fromHar}` : fromModel;
  }

  /** The model's forecast, or why it may not speak. */
  async #fromModel(nowMs: number): Promise<Forecast | string> {
    const model = this.#model;
    if (model === null) return this.#modelRefused;
    if (nowMs > model.record.expiresMs) return `${model.record.file} has expired`;
    const { metadata } = model.loaded;
    const longest = windowLengths(metadata.barMs, metadata.session).at(-1) ?? 0;
    const kept = metadata.session === "always" ? longest + BARS_BEFORE : BARS_KEPT;
    const bars = measureBars(this.#bars.candles(metadata.barMs, kept), metadata.session);
    const needed = Math.ceil(0.5 * longest);
    if (bars.count < needed)
      return `the model needs ${needed} bars of ${metadata.barMs / 1000} s, ${bars.count} are known`;
    const barEndMs = bars.endMs[bars.count - 1] ?? 0;
    if (nowMs - barEndMs > metadata.barMs + BAR_MS)
      return metadata.session === "us-equity"
        ? "outside the regular US hours that the model knows"
        : "the newest bar is too old";
    const spanMs = metadata.horizonBars * metadata.barMs;
    if (metadata.needsVolume && Number.isNaN(bars.volume[bars.count - 1] ?? Number.NaN))
      return "the model needs volume, and the bars have none";
    const problem = poseProblem(bars, spanMs, metadata);
    try {
      const answer = await model.loaded.forecast(problem, Int32Array.of(bars.count - 1));
      if (answer.outOfRange.length > 0)
        return `unlike the training data: ${answer.outOfRange.join(", ")}`;
      const sigma = sigmaOf(answer.variance[0] ?? Number.NaN, spanMs);
      const band = bandOf(sigma, metadata.errorQuantiles);
      return { source: metadata.name, sigma, band, barEndMs };
    } catch (error) {
      if (error instanceof ModelRefused) return error.message;
      throw error;
    }
  }

  async #fromLocalHar(nowMs: number): Promise<Forecast | string> {
    const barEndMs = this.#bars.endMs;
    if (barEndMs === null) return "no bar has ended yet";
    const triedMs = this.#localTriedMs;
    const pause = this.#local === null ? 10 * BAR_MS : REFIT_MS;
    if (triedMs === null || nowMs - triedMs >= pause) {
      this.#localTriedMs = nowMs;
      const all = this.#bars.candles(BAR_MS, BARS_KEPT);
      this.#local = (await this.#fit(all, this.#horizonMs, nowMs)) ?? this.#local;
    }
    if (this.#local === null) return `${this.#bars.count} bars are too few to fit a HAR`;
    const longest = windowLengths(BAR_MS, "always").at(-1) ?? 0;
    const recent = this.#bars.candles(BAR_MS, longest + BARS_BEFORE);
    const sigma = sigmaOf(forecastLocalHar(this.#local, recent), this.#horizonMs);
    if (!Number.isFinite(sigma)) return "the HAR's forecast is not finite";
    const band = bandOf(sigma, this.#local.errorQuantiles);
    return { source: "localHar", sigma, band, barEndMs };
  }
}

function bandOf(
  sigma: number,
  quantiles: readonly [number, number],
): { readonly low: number; readonly high: number } {
  return { low: sigma * Math.exp(quantiles[0] / 2), high: sigma * Math.exp(quantiles[1] / 2) };
}
