import { WHOLE_WEEK } from "./sessions.ts";
import type { Stretch } from "./sessions.ts";

/** A forced move of the efficient price, spread evenly over its time. */
type Shock = {
  readonly atMs: number;
  readonly durationMs: number;
  /** Logarithmic move, bp. */
  readonly moveBps: number;
  /** Volatility is multiplied by this while the shock lasts. */
  readonly volScale: number;
};

export type Scenario = {
  readonly stretch: Stretch;
  readonly volScale: number;
  /** Uninformed takers relative to the session's rate; 0 is none. */
  readonly uninformed: number;
  /** Informed takers relative to the normal rate; 0 is none. */
  readonly informed: number;
  readonly trendBpsPerHour: number;
  readonly shocks: readonly Shock[];
};

const WEDNESDAY_MIN = 3 * 1440;
const REGULAR_HOURS: Stretch = { fromMin: WEDNESDAY_MIN + 570, toMin: WEDNESDAY_MIN + 960 };
const QUIET_EVENING: Stretch = { fromMin: WEDNESDAY_MIN + 990, toMin: WEDNESDAY_MIN + 1070 };
const SATURDAY: Stretch = { fromMin: 6 * 1440, toMin: 7 * 1440 };

const NORMAL: Scenario = {
  stretch: WHOLE_WEEK,
  volScale: 1,
  uninformed: 1,
  informed: 1,
  trendBpsPerHour: 0,
  shocks: [],
};

export type ScenarioName =
  "week" | "us-session" | "calm" | "weekend" | "trend" | "crash" | "flat" | "informed";

export const SCENARIOS: { readonly [name in ScenarioName]: Scenario } = {
  /** The whole week, session by session. */
  week: NORMAL,
  /** Regular New York hours, day after day. */
  "us-session": {
    ...NORMAL,
    stretch: REGULAR_HOURS,
  },
  /** The quiet hour after the close, for ever. */
  calm: {
    ...NORMAL,
    stretch: QUIET_EVENING,
  },
  /** Saturday, for ever. */
  weekend: { ...NORMAL, stretch: SATURDAY },
  /** Regular hours with a steady rise of 40 bp per hour. */
  trend: {
    ...NORMAL,
    stretch: REGULAR_HOURS,
    trendBpsPerHour: 40,
  },
  /** Regular hours; after ten minutes the price falls by 20 % within four. */
  crash: {
    ...NORMAL,
    stretch: REGULAR_HOURS,
    shocks: [{ atMs: 600_000, durationMs: 240_000, moveBps: 10_000 * Math.log(0.8), volScale: 4 }],
  },
  /** Regular hours without a single taker: nothing may fill. */
  flat: {
    ...NORMAL,
    stretch: REGULAR_HOURS,
    uninformed: 0,
    informed: 0,
  },
  /** Regular hours with informed takers only: no maker may profit. */
  informed: {
    ...NORMAL,
    stretch: REGULAR_HOURS,
    uninformed: 0,
  },
};

/** How the simulated crowd behaves in every scenario. Sizes in dollars, so that any market can be simulated. */
export const CROWD = {
  price: {
    /** Share of the variance that comes in small jumps: news, and the larger tick of the future that everyone follows. */
    jumpVarianceShare: 0.96,
    jumpsPerMin: 4,
    /** Rare large jumps, scaled with the session's volatility. */
    rareJumpsPerDay: 2,
    rareJumpMinutesOfVol: 3,
    /** Log-volatility: mean-reverting factors, so that calm and storm last for minutes, for an hour, for half a day. */
    volFactors: [
      { tauMs: 8 * 60_000, deviation: 0.08 },
      { tauMs: 60 * 60_000, deviation: 0.25 },
      { tauMs: 6 * 3_600_000, deviation: 0.27 },
    ],
    /** A hidden pressure that takers feel and the price slowly follows: the later part of adverse selection. */
    pressureTauMs: 3 * 60_000,
    /** Drift under a pressure of one, as a share of one minute's volatility per minute. */
    pressureDrift: 0.22,
    /** The gap when outside prices come back after the weekend, bp. */
    reopeningGapBps: 15,
  },
  /**
   * What is offered on a side ebbs and flows, each side for itself: deviation of its logarithm, and how long a tide
   * lasts. Asks were the more fickle side in the one log there is.
   */
  depthTide: { tauMs: 20 * 60_000, deviation: { bid: 0.28, ask: 0.5 } },
  /** After a sudden move makers stand back by this share of it, and come back with this time constant. */
  alarm: { share: 0.3, tauMs: 3_500 },
  quickMakers: [
    { usd: 50_000, lookScale: 1, halfScale: 1, keepUnits: 0.7, noiseUnits: 0.06 },
    { usd: 30_000, lookScale: 1.6, halfScale: 1.4, keepUnits: 1.3, noiseUnits: 0.12 },
  ],
  ladder: {
    lookScale: 1.8,
    halfScale: 1.5,
    noiseUnits: 0.2,
    /** New orders and tidying cancels per look. */
    actionsPerLook: 2,
    /** Bands of price levels: every `everyUnits` up to `reachUnits` from the quote, this size each. */
    bands: [
      { everyUnits: 1, reachUnits: 10, usd: 4_500 },
      { everyUnits: 5, reachUnits: 40, usd: 14_000 },
      { everyUnits: 40, reachUnits: 320, usd: 70_000 },
    ],
    /** A level is left standing until it is this many times its band's reach away. */
    tidyBeyond: 1.4,
  },
  uninformed: {
    medianUsd: 800,
    /** Deviation of the logarithm of the size. */
    sizeSpread: 1.3,
    largestUsd: 60_000,
    /** Orders that follow a first one on the same side, on average, and the mean wait before each. */
    followers: 1.2,
    followerWaitMs: 6_000,
    /** Strength of the hidden pressure on the side they take. */
    pressure: 0.8,
    /** Furthest price from the touch that they accept, bp. */
    reachBps: 0.5,
    /** What a taker of 100,000 dollars moves the efficient price by, bp, at 1.7 bp of volatility; grows with the square root of the size. */
    impactBps: 0.8,
  },
  sweeps: {
    /** Per minute at 1.7 bp of volatility per root minute; grows with the volatility to this power. */
    perMin: 0.2,
    volPower: 2,
    mostAgitation: 2.5,
    /** How far beyond the efficient price they pay: this, and an exponential of so many minutes' worth of root volatility. */
    leastReachBps: 0.2,
    reachPerVol: 0.5,
    largestReachPerVol: 2,
    /** How much of that distance the efficient price keeps, for the shortest and the longest, and the deviation. */
    keptShare: { least: 0.35, most: 0.85, deviation: 0.4 },
    medianUsd: 100_000,
    sizeSpread: 0.8,
  },
  informed: {
    /** Mean time between looks, in looks of the quickest maker. */
    lookScale: 0.7,
    /** They trade when a quote is off by more than this: their fee and what they want to earn. */
    costBps: 0.4,
    /** What they take of a quote that is off by just that; with the third power of how far it is off, for more come and dare more. */
    usualUsd: 250,
  },
} as const;
