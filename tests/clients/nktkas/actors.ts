import {
  ApiRequestError,
  ExchangeClient,
  HttpTransport,
  InfoClient,
  SubscriptionClient,
  WebSocketTransport,
} from "@nktkas/hyperliquid";
import { formatPrice } from "@nktkas/hyperliquid/utils";
import { privateKeyToAccount } from "viem/accounts";

export const COIN = "km:US500";
export const ASSET = 110_000;
export const ETH_ASSET = 1;
export const USDC = "USDC:0x6d1e7cde53ba9467b783cb7c530ce054";
export const CAROL = `0x${"ca".repeat(20)}` as const;

export type Actors = Awaited<ReturnType<typeof actorsAt>>;

/** A funded account with all clients of the package. */
export async function actorsAt(url: string) {
  const wallet = privateKeyToAccount(`0x${"71".repeat(32)}`);
  const user = wallet.address.toLowerCase() as `0x${string}`;
  const http = new HttpTransport({ apiUrl: url });
  const sockets = new WebSocketTransport({ url: `${url.replace("http", "ws")}/ws` });
  for (const [dex, usd] of [
    ["", "100000"],
    ["km", "10000"],
  ] as const)
    await fetch(`${url}/local/faucet`, {
      method: "POST",
      body: JSON.stringify({ user, dex, usd }),
    });
  const info = new InfoClient({ transport: http });
  return {
    user,
    wallet,
    http,
    sockets,
    info,
    exchange: new ExchangeClient({ transport: http, wallet }),
    subscriptions: new SubscriptionClient({ transport: sockets }),
    close: () => sockets.close(),
  };
}

/** Best bid and ask, once both are there. */
export async function touchOf(info: InfoClient, coin: string) {
  for (let tries = 0; tries < 200; tries++) {
    const book = await info.l2Book({ coin });
    const [bid, ask] = [book?.levels[0][0], book?.levels[1][0]];
    if (bid !== undefined && ask !== undefined) return { bid: Number(bid.px), ask: Number(ask.px) };
    await Bun.sleep(50);
  }
  throw new Error(`no book of ${coin}`);
}

export function orderOf(
  isBuy: boolean,
  px: number,
  tif: "Alo" | "Gtc" | "Ioc",
  more: { a?: number; s?: string; r?: boolean; szDecimals?: number; c?: `0x${string}` } = {},
) {
  const { a = ASSET, s = "0.1", r = false, szDecimals = 3, c } = more;
  const p = formatPrice(px, szDecimals);
  return { a, b: isBuy, p, s, r, t: { limit: { tif } }, ...(c === undefined ? {} : { c }) };
}

/** What a refused action throws. */
export async function refusalOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ApiRequestError) return error.message;
    throw error;
  }
  throw new Error("expected to be refused");
}
