import YahooFinance from "yahoo-finance2";
import { SourceError, withRetries } from "./source.ts";
import type { CandleRow } from "../../vol/candles.ts";
import type { HistoryRequest, HistorySource, Retry } from "./source.ts";
import { messageOf } from "../../units/messageOf.ts";

const DAY_MS = 86_400_000;

type Interval = "1m" | "5m" | "15m" | "1h" | "1d";

/** Yahoo's limits on intraday history: how far back, and how much at once. */
const LIMITS: Readonly<
  Record<number, { interval: Interval; lookBackDays: number; chunkDays: number }>
> = {
  60_000: { interval: "1m", lookBackDays: 29, chunkDays: 7 },
  300_000: { interval: "5m", lookBackDays: 59, chunkDays: 30 },
  900_000: { interval: "15m", lookBackDays: 59, chunkDays: 30 },
  3_600_000: { interval: "1h", lookBackDays: 729, chunkDays: 365 },
  86_400_000: { interval: "1d", lookBackDays: 36_500, chunkDays: 3650 },
};

export type YahooOptions = {
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly nowMs: () => number;
  /** The platform's by default; tests hand in one that reaches a local stub. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
};

const quiet = {
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (): void => undefined,
  debug: (): void => undefined,
  dir: (): void => undefined,
};

/** The library's errors, and Yahoo's refusals of a cookie or crumb, as our closed list. */
function failureOf(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const text = messageOf(error);
  const name = error instanceof Error ? error.name : "";
  const code = error instanceof Error && "code" in error ? error.code : null;
  const fail = (failure: SourceError["failure"]): SourceError =>
    new SourceError(failure, `Yahoo: ${text.slice(0, 200)}`, { cause: error });
  if (code === 401 || code === 403 || /crumb|cookie|unauthorized/i.test(text))
    return fail("unauthorized");
  if (code === 429 || /too many requests/i.test(text)) return fail("rateLimited");
  if (typeof code === "number" && code >= 500) return fail("serverError");
  if (name === "TimeoutError" || name === "AbortError") return fail("timeout");
  if (name === "BadRequestError" || /no data found|not found/i.test(text)) return fail("empty");
  if (name === "FailedYahooValidationError" || /not parsable|unexpected|undefined|null/i.test(text))
    return fail("malformed");
  return fail("noAnswer");
}

function chunksOf(request: HistoryRequest, nowMs: number): readonly [number, number][] {
  const limit = LIMITS[request.barMs];
  if (limit === undefined)
    throw new SourceError(
      "empty",
      `Yahoo has no bars of ${request.barMs / 1000} s; allowed: ${Object.values(LIMITS)
        .map((l) => l.interval)
        .join(" ")}`,
    );
  const from = Math.max(request.fromMs, nowMs - limit.lookBackDays * DAY_MS);
  const chunks: [number, number][] = [];
  for (let start = from; start < request.toMs; start += limit.chunkDays * DAY_MS)
    chunks.push([start, Math.min(request.toMs, start + limit.chunkDays * DAY_MS)]);
  return chunks;
}

type Quote = {
  readonly date: Date;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
};

/** Bars without prices are holes. Yahoo knows no volume of an index: its zeros are not real. */
function rowsOf(quotes: readonly Quote[], request: HistoryRequest): CandleRow[] {
  const rows: CandleRow[] = [];
  for (const { date, open, high, low, close, volume } of quotes) {
    const openMs = date.getTime();
    if (open === null || high === null || low === null || close === null) continue;
    if (openMs % 60_000 !== 0 || openMs + request.barMs > request.toMs) continue;
    const known = volume === null || volume === 0 ? Number.NaN : volume;
    rows.push({ openMs, open, high, low, close, volume: known });
  }
  return rows;
}

/** The S&P 100 through yahoo-finance2: the primary history, in pieces that Yahoo's intraday limits allow. */
export function yahooCandles(symbol: string, options: YahooOptions): HistorySource {
  const bounded = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    options.fetch(input instanceof Request ? input.url : input.toString(), {
      ...init,
      signal: AbortSignal.timeout(options.timeoutMs),
    });
  const yahoo = new YahooFinance({
    logger: quiet,
    versionCheck: false,
    validation: { logErrors: false, logOptionsErrors: false },
    suppressNotices: ["yahooSurvey"],
    fetch: bounded as typeof fetch,
  });
  const ask = async (fromMs: number, toMs: number, interval: Interval): Promise<Quote[]> => {
    try {
      const answer = await yahoo.chart(symbol, {
        period1: new Date(fromMs),
        period2: new Date(toMs),
        interval,
        includePrePost: false,
        return: "array",
      });
      return answer.quotes;
    } catch (error) {
      throw failureOf(error);
    }
  };
  return {
    name: "xyz100",
    instrument: symbol,
    session: "us-equity",
    fetch: async (request) => {
      const interval = LIMITS[request.barMs]?.interval ?? "5m";
      const rows: CandleRow[] = [];
      for (const [fromMs, toMs] of chunksOf(request, options.nowMs())) {
        const quotes = await withRetries(options.retry, () => ask(fromMs, toMs, interval));
        rows.push(...rowsOf(quotes, request));
      }
      return rows;
    },
  };
}
