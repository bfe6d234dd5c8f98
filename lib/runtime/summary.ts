import type { VolStatus } from "./volStatus.ts";

/**
 * What a finished run was, as one JSON object. Money is in whole collateral tokens (micro-USD / 1e6) unless the name
 * says otherwise; sizes are in lots.
 */
export type RunSummary = {
  readonly mode: "paper" | "simulate" | "testnet" | "live";
  /** Where the market came from, for people. */
  readonly feed: string;
  readonly market: string;
  readonly szDecimals: number;
  /** Name of the collateral token. */
  readonly collateral: string;
  /** Null when nothing of the run was drawn from a seed. */
  readonly seed: number | null;
  /** Time of the venue, which a faster clock stretches. */
  readonly durationMs: number;
  readonly orders: {
    readonly placed: number;
    readonly modified: number;
    readonly cancelled: number;
    /** Counts by the exchange's own words. */
    readonly rejected: { readonly [reason: string]: number };
  };
  readonly fills: {
    readonly count: number;
    readonly maker: number;
    readonly taker: number;
    readonly notionalUsd: number;
    /** Why they happened: the queue in front was used up, the price traded through, or we took. Null: not told. */
    readonly byCause: {
      readonly queue: number;
      readonly through: number;
      readonly taker: number;
    } | null;
  };
  /**
   * What a data folder holds that has run before: profit counts from its beginning, orders, fills and actions above are of
   * this run alone. Null in the folder's first run, where all is of this run.
   */
  readonly folder: {
    readonly sinceMs: number;
    readonly fills: Omit<RunSummary["fills"], "byCause">;
  } | null;
  /** As the bot and as the exchange have it: they agree at the end. */
  readonly position: { readonly lots: number; readonly venueLots: number };
  readonly pnl: {
    readonly spread: number;
    readonly adverse: number;
    readonly inventory: number;
    readonly funding: number;
    /** A cost: positive is paid. */
    readonly fees: number;
    readonly total: number;
    /** Change of the account's value on the exchange, less transfers. */
    readonly accountChange: number;
    /** Total less account change: nothing, or the books do not close. */
    readonly residualMicroUsd: number;
  };
  readonly actions: { readonly used: number; readonly left: number | null };
  readonly latencyMs: {
    readonly eventToWire: { readonly p50: number | null; readonly p99: number | null };
    readonly roundTrip: { readonly p50: number | null; readonly p99: number | null };
  };
  /** Who forecast volatility, from what, and how well. */
  readonly volatility: VolStatus;
  readonly openOrdersAtEnd: number;
  readonly errors: readonly string[];
};
