import type { Session } from "../../vol/bars.ts";
import type { CandleRow } from "../../vol/candles.ts";

/** Who a history comes from: the S&P 100 at Yahoo, the market itself, BTC as the last resort. */
export type SourceName = "xyz100" | "us500" | "btc";

export type HistoryRequest = {
  readonly barMs: number;
  readonly fromMs: number;
  readonly toMs: number;
};

/** Why a source was passed over. */
export type SourceFailure =
  | "disabled"
  | "empty"
  | "tooFew"
  | "stale"
  | "rateLimited"
  | "unauthorized"
  | "serverError"
  | "malformed"
  | "timeout"
  | "noAnswer";

/** A source gave nothing usable. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly failure: SourceFailure;

  constructor(failure: SourceFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** One provider of candles. */
export type HistorySource = {
  readonly name: SourceName;
  /** What is asked for, as people know it: "^OEX", "km:US500". */
  readonly instrument: string;
  readonly session: Session;
  /** Finished bars of the request, any order. @throws SourceError */
  readonly fetch: (request: HistoryRequest) => Promise<readonly CandleRow[]>;
};

/** Failures that pass by themselves: worth another try. */
const PASSING: readonly SourceFailure[] = ["rateLimited", "serverError", "timeout", "noAnswer"];

export type Retry = {
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1): spreads the tries of many. */
  readonly random: () => number;
};

/** Tries again after passing failures, waiting twice as long each time, give or take half. @throws SourceError the last one */
export async function withRetries<T>(retry: Retry, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof SourceError && PASSING.includes(error.failure);
      if (!passing || attempt >= retry.attempts) throw error;
      await retry.sleep(retry.firstWaitMs * 2 ** (attempt - 1) * (0.5 + retry.random()));
    }
  }
}
