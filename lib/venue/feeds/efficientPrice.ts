import type { Random } from "../../core/random.ts";
import { CROWD } from "./scenarios.ts";
import type { Scenario } from "./scenarios.ts";
import type { SessionClock } from "./sessions.ts";

/** The price moves on this grid of its own, so that its path does not depend on who looks when. */
const STEP_MS = 100;
/** Volatility and pressure change slowly and are moved once in so many steps. */
const SLOW_STEPS = 10;
const MINUTES = STEP_MS / 60_000;
const DAY_MIN = 1440;
const BPS = 1e-4;
const ALARM_KEPT = Math.exp(-STEP_MS / CROWD.alarm.tauMs);

/**
 * What the simulated market is worth, before anyone quotes it: diffusion and small jumps whose volatility follows the
 * session and three log-Ornstein-Uhlenbeck factors (absolute returns are autocorrelated, as in the real market), rare
 * large jumps, a slow drift under hidden buying or selling pressure, the scenario's trend and shocks.
 */
export class EfficientPrice {
  readonly #random: Random;
  readonly #clock: SessionClock;
  readonly #scenario: Scenario;
  readonly #startTicks: number;
  readonly #factors: number[] = CROWD.price.volFactors.map(() => 0);
  #nowMs = 0;
  #steps = 0;
  #stochasticRatio = 1;
  #logMove = 0;
  #pressure = 0;
  #volRatio = 1;
  #alarmBps = 0;

  constructor(random: Random, clock: SessionClock, scenario: Scenario, startTicks: number) {
    this.#random = random;
    this.#clock = clock;
    this.#scenario = scenario;
    this.#startTicks = startTicks;
    CROWD.price.volFactors.forEach((factor, i) => {
      this.#factors[i] = factor.deviation * random.normal();
    });
    this.#pressure = random.normal();
  }

  /** In px ticks, with a fraction. */
  get ticks(): number {
    return this.#startTicks * Math.exp(this.#logMove);
  }

  /** Hidden pressure: mean 0, deviation 1; positive is buying. */
  get pressure(): number {
    return this.#pressure;
  }

  /** Current volatility over the session's usual one. */
  get volRatio(): number {
    return this.#volRatio;
  }

  /** Size of the latest sudden move, fading, bp: what makes makers stand back. */
  get alarmBps(): number {
    return this.#alarmBps;
  }

  /** Moves on to the last step at or before `feedMs`; never back. */
  advanceTo(feedMs: number): void {
    while (this.#nowMs + STEP_MS <= feedMs) this.#step();
  }

  /** Permanent effect of a trade that was decided on before the book was seen, bp; positive is up. */
  push(moveBps: number): void {
    this.#move(moveBps);
  }

  #move(moveBps: number): void {
    this.#logMove += moveBps * BPS;
    this.#alarmBps = Math.max(this.#alarmBps, Math.abs(moveBps));
  }

  #step(): void {
    const wasWeekend = this.#clock.at(this.#nowMs).isWeekend;
    if (this.#steps % SLOW_STEPS === 0) this.#moveHiddenStates(STEP_MS * SLOW_STEPS);
    this.#steps++;
    this.#nowMs += STEP_MS;
    const conditions = this.#clock.at(this.#nowMs);
    const shockVol = this.#applyShocks(this.#nowMs - STEP_MS, this.#nowMs);
    this.#volRatio = this.#stochasticRatio * this.#scenario.volScale * shockVol;
    const volBps = conditions.volBps * this.#volRatio;
    let moveBps = this.#noiseBps(volBps);
    moveBps += (this.#scenario.trendBpsPerHour / 60) * MINUTES;
    moveBps += CROWD.price.pressureDrift * this.#pressure * volBps * MINUTES;
    if (wasWeekend && !conditions.isWeekend)
      moveBps += CROWD.price.reopeningGapBps * this.#random.normal();
    this.#alarmBps *= ALARM_KEPT;
    this.#move(moveBps);
  }

  #noiseBps(volBps: number): number {
    const { jumpVarianceShare, jumpsPerMin, rareJumpsPerDay, rareJumpMinutesOfVol } = CROWD.price;
    let moveBps = volBps * Math.sqrt((1 - jumpVarianceShare) * MINUTES) * this.#random.normal();
    const luck = this.#random.uniform();
    const jumpChance = jumpsPerMin * MINUTES;
    const rareChance = (rareJumpsPerDay / DAY_MIN) * MINUTES;
    if (luck < jumpChance)
      moveBps += volBps * Math.sqrt(jumpVarianceShare / jumpsPerMin) * this.#random.normal();
    else if (luck < jumpChance + rareChance)
      moveBps += this.#random.laplace(volBps * Math.sqrt(rareJumpMinutesOfVol));
    return moveBps;
  }

  #moveHiddenStates(spanMs: number): void {
    CROWD.price.volFactors.forEach((factor, i) => {
      const kept = Math.exp(-spanMs / factor.tauMs);
      const fresh = factor.deviation * Math.sqrt(1 - kept * kept) * this.#random.normal();
      this.#factors[i] = (this.#factors[i] ?? 0) * kept + fresh;
    });
    const kept = Math.exp(-spanMs / CROWD.price.pressureTauMs);
    this.#pressure = this.#pressure * kept + Math.sqrt(1 - kept * kept) * this.#random.normal();
    this.#stochasticRatio = this.#ratioOfFactors();
  }

  /** exp(sum of factors), scaled so that the mean of its square is one. */
  #ratioOfFactors(): number {
    let exponent = 0;
    for (let i = 0; i < this.#factors.length; i++) {
      const deviation = CROWD.price.volFactors[i]?.deviation ?? 0;
      exponent += (this.#factors[i] ?? 0) - deviation * deviation;
    }
    return Math.exp(exponent);
  }

  #applyShocks(fromMs: number, toMs: number): number {
    let volScale = 1;
    for (const shock of this.#scenario.shocks) {
      const overlapMs =
        Math.min(toMs, shock.atMs + shock.durationMs) - Math.max(fromMs, shock.atMs);
      if (overlapMs <= 0) continue;
      this.#logMove += (overlapMs / shock.durationMs) * shock.moveBps * BPS;
      volScale = Math.max(volScale, shock.volScale);
    }
    return volScale;
  }
}
