import {
  ApiRequestError,
  ExchangeClient,
  HttpRequestError,
  HttpTransport,
} from "@nktkas/hyperliquid";
import { privateKeyToAccount } from "viem/accounts";
import type { ExchangeProcess } from "./exchangeProcess.ts";
import { until } from "./until.ts";

const KEY = "0x0123456789012345678901234567890123456789012345678901234567890123";
/** The market's id on the local exchange: dex 1, first of its list. */
const ASSET = 110_000;
/** Deep enough for any book that the simulation shows. */
const SIZE = "300";
/** The venue counts each as one of the address's actions; a trade wins some back. */
const CREDIT_USD = "100000000";

/** Somebody else with an ordinary client: takes whatever rests, ours included. */
export type Counterparty = {
  /**
   * Takes all that rests at `px` or better. "B" buys.
   * @returns false when nothing rested there any more
   */
  readonly take: (side: "A" | "B", px: string) => Promise<boolean>;
};

export async function counterpartyOn(exchange: ExchangeProcess): Promise<Counterparty> {
  const wallet = privateKeyToAccount(KEY);
  await exchange.credit(wallet.address.toLowerCase(), CREDIT_USD);
  const client = new ExchangeClient({
    transport: new HttpTransport({ apiUrl: exchange.url }),
    wallet,
  });
  return {
    take: (side, px) => {
      const order = {
        a: ASSET,
        b: side === "B",
        p: px,
        s: SIZE,
        r: false,
        t: { limit: { tif: "Ioc" as const } },
      };
      return until("the exchange has time for a counterparty", async () => {
        try {
          await client.order({ orders: [order], grouping: "na" });
          return true;
        } catch (error) {
          if (error instanceof HttpRequestError && error.response?.status === 429) return null;
          if (error instanceof ApiRequestError && /could not immediately match/.test(error.message))
            return false;
          throw error;
        }
      });
    },
  };
}
