import { discoverMarket } from "../../hyperliquid/discovery.ts";
import { HttpTransport } from "../../hyperliquid/httpTransport.ts";
import { InfoClient } from "../../hyperliquid/infoClient.ts";
import { hyperliquidCandles } from "./hyperliquidCandles.ts";
import { yahooCandles } from "./yahooCandles.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { CandleStore } from "./candleStore.ts";
import type { HistorySource, Retry } from "./source.ts";

/** The S&P 100 at Yahoo. */
const SP100 = "^OEX";
/** Discovery also reads fees; those of an account that never traded will do. */
const NOBODY = "0x0000000000000000000000000000000000000000";

export type SourceSettings = {
  /** "US500", or with its dex. */
  readonly symbol: string;
  readonly exchangeUrl: string;
  /** Stands in for Yahoo's hosts: a proxy, or a stub. Null: Yahoo itself. */
  readonly yahooUrl: string | null;
  /** The market itself, where it is another one than the symbol's; null: it is not. */
  readonly own: { readonly url: string; readonly coin: string; readonly instrument: string } | null;
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly nowMs: () => number;
};

/** The market's name at the venue; when the venue does not answer, the name under which its bars were stored. */
async function coinOf(symbol: string, transport: Transport, store: CandleStore): Promise<string> {
  try {
    return (await discoverMarket(new InfoClient(transport), symbol, NOBODY)).market;
  } catch {
    const stored = store.instruments().find((name) => name.split(":").at(-1) === symbol);
    return stored ?? symbol;
  }
}

function yahooFetch(base: string | null): (url: string, init: RequestInit) => Promise<Response> {
  if (base === null) return (url, init) => fetch(url, init);
  return (url, init) => {
    const asked = new URL(url);
    return fetch(`${base.replace(/\/+$/, "")}${asked.pathname}${asked.search}`, init);
  };
}

/** The chain's sources in their order: S&P 100, the market, BTC. */
export async function openSources(
  settings: SourceSettings,
  store: CandleStore,
): Promise<readonly HistorySource[]> {
  const { exchangeUrl, timeoutMs, retry, nowMs } = settings;
  const transport = new HttpTransport({ url: exchangeUrl, timeoutMs });
  const { own } = settings;
  const market = async (): Promise<HistorySource> => {
    if (own === null)
      return hyperliquidCandles(
        "us500",
        await coinOf(settings.symbol, transport, store),
        transport,
        retry,
      );
    const there = new HttpTransport({ url: own.url, timeoutMs });
    const source = hyperliquidCandles("us500", own.coin, there, retry);
    return { ...source, instrument: own.instrument };
  };
  return [
    yahooCandles(SP100, { timeoutMs, retry, nowMs, fetch: yahooFetch(settings.yahooUrl) }),
    await market(),
    hyperliquidCandles("btc", "BTC", transport, retry),
  ];
}
