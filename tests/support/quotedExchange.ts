import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import { startExchange } from "../../lib/venue/server/start.ts";
import type { RunningExchange } from "../../lib/venue/server/start.ts";
import { until } from "./until.ts";

const ANSWER_TIMEOUT_MS = 5000;

/** A simulated exchange in this process, without limits, whose markets have both sides. */
export async function startQuotedExchange(
  coins: readonly string[] = ["km:US500"],
): Promise<RunningExchange> {
  const exchange = await startExchange({
    port: 0,
    hostname: "127.0.0.1",
    feed: { kind: "sim", seed: 5 },
    speed: 1,
    limits: false,
  });
  const transport = new HttpTransport({ url: exchange.url, timeoutMs: ANSWER_TIMEOUT_MS });
  const info = new InfoClient(transport);
  await until("the markets are quoted", async () => {
    const books = await Promise.all(coins.map((coin) => info.l2Book(coin)));
    return books.every(({ bids, asks }) => bids.length > 0 && asks.length > 0) ? true : null;
  });
  return exchange;
}
