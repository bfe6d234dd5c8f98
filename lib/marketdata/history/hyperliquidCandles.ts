import { InfoClient, InfoError } from "../../hyperliquid/infoClient.ts";
import { WireError } from "../../hyperliquid/schemas/wire.ts";
import { TransportError } from "../../hyperliquid/transport.ts";
import { ms } from "../../units/numbers.ts";
import { SourceError, withRetries } from "./source.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { HistorySource, Retry, SourceName } from "./source.ts";

/** Intervals of `candleSnapshot` up to a day. */
const INTERVALS: Readonly<Record<number, string>> = {
  60_000: "1m",
  180_000: "3m",
  300_000: "5m",
  900_000: "15m",
  1_800_000: "30m",
  3_600_000: "1h",
  86_400_000: "1d",
};

function failureOf(error: unknown): unknown {
  if (error instanceof InfoError) {
    const failure = error.status === 429 ? "rateLimited" : "serverError";
    return new SourceError(failure, error.message, { cause: error });
  }
  if (error instanceof WireError)
    return new SourceError("malformed", error.message, { cause: error });
  if (error instanceof TransportError) {
    const slow = error.message.includes("TimeoutError");
    return new SourceError(slow ? "timeout" : "noAnswer", error.message, { cause: error });
  }
  return error;
}

/**
 * Candles of a market of the venue. The venue keeps the newest 5,000 bars of each interval; what is older comes from what
 * was stored. A coin keeps its dex prefix: without it the answer is another market's, or none.
 */
export function hyperliquidCandles(
  name: SourceName,
  coin: string,
  transport: Transport,
  retry: Retry,
): HistorySource {
  const client = new InfoClient(transport);
  return {
    name,
    instrument: coin,
    session: "always",
    fetch: async ({ barMs, fromMs, toMs }) => {
      const interval = INTERVALS[barMs];
      if (interval === undefined)
        throw new SourceError(
          "empty",
          `the venue has no bars of ${barMs / 1000} s; allowed: ${Object.values(INTERVALS).join(" ")}`,
        );
      const candles = await withRetries(retry, async () => {
        try {
          return await client.candleSnapshot(coin, interval, ms(fromMs), ms(toMs));
        } catch (error) {
          throw failureOf(error);
        }
      });
      return candles
        .filter((row) => row.openMs >= fromMs && row.openMs + barMs <= toMs)
        .map(({ openMs, open, high, low, close, volume }) => ({
          openMs,
          open,
          high,
          low,
          close,
          volume,
        }));
    },
  };
}
