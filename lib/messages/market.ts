import type { Ms, PxTicks, SizeLots } from "../units/numbers.ts";

/** The market as discovered on the venue. Nothing in it is hard-coded anywhere. */
export type MarketSpec = {
  /** Coin string of the venue, for example "km:US500". */
  readonly market: string;
  /** Builder dex, "" for the validator-run one. Every info call passes it. */
  readonly dex: string;
  readonly assetId: number;
  readonly szDecimals: number;
  readonly maxLeverage: number;
  readonly onlyIsolated: boolean;
  readonly collateralToken: number;
  /** What people read: "USDH", "USDC". */
  readonly collateralName: string;
  readonly growthMode: boolean;
  readonly deployerFeeScale: number;
  /** Effective rates for this account on this market, deployer share and growth mode included, in basis points. */
  readonly makerFeeBps: number;
  readonly takerFeeBps: number;
};

export type Level = { readonly pxTicks: PxTicks; readonly sizeLots: SizeLots };

/**
 * What is known of the market at an event. Estimators run in front of the handlers; their values travel inside the
 * event so that a decision can be explained from the log alone. Prices that are statistics are floats in ticks.
 */
export type MarketView = {
  /** Venue time of the newest book message. */
  readonly bookVenueMs: Ms;
  /** Local time the newest book message was received. */
  readonly bookRecvMs: Ms;
  /** Best first. May be empty. Own orders are included, as the venue shows them. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Forecast volatility over the next minutes, in basis points per square root of a second; null until known. */
  readonly sigmaBpsPerSqrtSec: number | null;
  /** Who forecast it; absent before anything is known. */
  readonly vol?: ViewVolatility;
  /** Signed taker flow of the last seconds, -1 (all sells) to 1 (all buys). */
  readonly flowImbalance: number;
  /** How far takers lately went beyond the touch, see intensity; absent before anything was counted. */
  readonly sweeps?: {
    readonly exposureSec: number;
    readonly sweeps: number;
    readonly excessBps: number;
  };
  readonly oraclePxTicks: PxTicks | null;
  readonly markPxTicks: PxTicks | null;
  /** The last changes of the mid, oldest first: what it was just before a trade, when the book already shows after. */
  readonly midChanges?: readonly MidChange[];
  /** False while the touch is newer than the depth: what lies behind it is then not known. */
  readonly depthKnown?: boolean;
  /** When the oracle's price last changed, local time, and twice the mid of then; absent before the first. */
  readonly oracleChange?: { readonly recvMs: Ms; readonly midX2Ticks: number | null };
};

/**
 * Who forecasts volatility: a promoted network, a promoted HAR, a HAR fitted here, the running average of the mid. Before
 * any of them can: what the last run forecast, if that is fresh, else a stated prior.
 */
export type VolSource = "lstm" | "har" | "localHar" | "ewma" | "lastRun" | "prior";

/** Provenance of a view's volatility. */
export type ViewVolatility = {
  readonly source: VolSource;
  /** Age of the newest data in the forecast; null when it rests on none. */
  readonly ageMs: number | null;
  /** From 0 to 1: the source's rank, fading with age. */
  readonly confidence: number;
  /** Eight of ten realised values lay between these; null for the running average, which promises nothing. */
  readonly band: { readonly low: number; readonly high: number } | null;
  /** File of the model in use; null when none is. */
  readonly model: string | null;
  /** The running average of the mid, beside which the forecast is seen. */
  readonly realisedBpsPerSqrtSec: number | null;
};

/** Since a venue time the mid of the touch has been this: twice the mid, in ticks. */
export type MidChange = { readonly venueMs: Ms; readonly midX2Ticks: number };

export type PublicTrade = {
  readonly tid: number;
  readonly venueMs: Ms;
  /** Side of the aggressor: "bid" bought, "ask" sold. */
  readonly aggressor: "bid" | "ask";
  readonly pxTicks: PxTicks;
  readonly sizeLots: SizeLots;
};
