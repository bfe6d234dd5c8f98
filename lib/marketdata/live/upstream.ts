import { HttpTransport } from "../../hyperliquid/httpTransport.ts";
import { InfoClient, InfoError } from "../../hyperliquid/infoClient.ts";
import { WireError } from "../../hyperliquid/schemas/wire.ts";
import { TransportError } from "../../hyperliquid/transport.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import { readListing } from "./listing.ts";
import type { Listing } from "./listing.ts";
import { LiveMarket } from "./liveMarket.ts";
import type { LiveMarketDeps } from "./liveMarket.ts";

const ANSWER_TIMEOUT_MS = 10_000;

/** A live exchange whose public market data is listened to: mainnet, testnet, another local one. */
export class Upstream {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** What it lists, and the market asked for. @throws NotListed, TransportError, InfoError, WireError */
  listing(symbol: string): Promise<Listing> {
    return readListing(this.#transport, symbol);
  }

  /** The streams of one market, not started yet. */
  market(deps: Omit<LiveMarketDeps, "transport">): LiveMarket {
    return new LiveMarket({ ...deps, transport: this.#transport });
  }

  /** Null when it answers, else why it does not count as an exchange that does. */
  async whySilent(): Promise<string | null> {
    try {
      await new InfoClient(this.#transport).perpDexs();
      return null;
    } catch (error) {
      if (!isUpstreamFailure(error)) throw error;
      return error.message;
    }
  }
}

/**
 * By its address, such as "https://api.hyperliquid.xyz" or "http://127.0.0.1:3001".
 * @param timeoutMs an answer that takes longer does not come
 */
export function upstreamAt(url: string, timeoutMs = ANSWER_TIMEOUT_MS): Upstream {
  return new Upstream(new HttpTransport({ url, timeoutMs }));
}

/** True when the other exchange did not answer, or not as a Hyperliquid does. */
export function isUpstreamFailure(error: unknown): error is Error {
  return [TransportError, InfoError, WireError].some((type) => error instanceof type);
}
