import type { FeedName } from "../messages/events.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { OwnFill } from "../messages/orders.ts";
import type { Clock, StopTimer } from "../units/time.ts";
import { ms } from "../units/numbers.ts";
import { Connection, CONNECTION_TIMINGS } from "./connection.ts";
import type { ConnectionTimings, Subscription } from "./connection.ts";
import { accountSchemas } from "./schemas/account.ts";
import type { FundingPayment, OrderUpdate } from "./schemas/account.ts";
import { parseBbo, parseBook, parseContext, parseTrades } from "./schemas/market.ts";
import type { MarketMessage } from "../messages/marketStream.ts";
import { WireError } from "./schemas/wire.ts";
import type { Transport } from "./transport.ts";

/** Word on our account, of this market alone. `snapshot` rows come after each (re)connection and may be known already. */
export type AccountMessage =
  | { readonly kind: "fills"; readonly snapshot: boolean; readonly fills: readonly OwnFill[] }
  | { readonly kind: "orderUpdates"; readonly updates: readonly OrderUpdate[] }
  | {
      readonly kind: "fundings";
      readonly snapshot: boolean;
      readonly fundings: readonly FundingPayment[];
    };

export type FeedState = "live" | "stale" | "lost";

export type FeedsDeps = {
  readonly transport: Transport;
  readonly spec: MarketSpec;
  /** Address of the account, not of an agent. */
  readonly account: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** No book message for this long: the market feed is stale. */
  readonly marketStaleMs: number;
  readonly onMarket: (message: MarketMessage) => void;
  readonly onAccount: (message: AccountMessage) => void;
  /**
   * Only changes are told. The account feed turns "live" after every (re)connection: what happened in between was
   * missed, so whoever listens has to reconcile then.
   */
  readonly onFeedState: (feed: FeedName, state: FeedState, detail: string) => void;
  readonly timings?: ConnectionTimings;
};

/**
 * The venue's streams, parsed once: the market's on one connection, the account's on another, so that the loss of one
 * does not hide the other. A message that is not understood makes the market stale until the next good book, and the
 * account's connection starts over, as what was in it cannot be known.
 */
export class Feeds {
  readonly #deps: FeedsDeps;
  readonly #market: Connection;
  readonly #account: Connection;
  readonly #schemas: ReturnType<typeof accountSchemas>;
  readonly #state: { [F in FeedName]: FeedState } = { market: "lost", account: "lost" };
  #bookMs = 0;
  #stopWatch: StopTimer = () => {};

  constructor(deps: FeedsDeps) {
    this.#deps = deps;
    this.#schemas = accountSchemas(deps.spec);
    const common = {
      transport: deps.transport,
      clock: deps.clock,
      random: deps.random,
      timings: deps.timings ?? CONNECTION_TIMINGS,
    };
    this.#market = new Connection({
      ...common,
      subscriptions: marketSubscriptions(deps.spec),
      onData: (channel, data) => this.#onMarketData(channel, data),
      // The market is live with its first book, not with the confirmation.
      onReady: () => {},
      onLost: (reason) => this.#lostMarket(reason),
    });
    this.#account = new Connection({
      ...common,
      subscriptions: accountSubscriptions(deps.account),
      onData: (channel, data) => this.#onAccountData(channel, data),
      onReady: () => this.#set("account", "live", "connected"),
      onLost: (reason) => this.#set("account", "lost", reason),
    });
  }

  start(): void {
    this.#market.open();
    this.#account.open();
  }

  close(): void {
    this.#stopWatch();
    this.#market.close();
    this.#account.close();
  }

  #set(feed: FeedName, state: FeedState, detail: string): void {
    if (this.#state[feed] === state) return;
    this.#state[feed] = state;
    this.#deps.onFeedState(feed, state, detail);
  }

  #lostMarket(reason: string): void {
    this.#stopWatch();
    this.#set("market", "lost", reason);
  }

  #onMarketData(channel: string, data: unknown): void {
    let message: MarketMessage | null;
    try {
      message = this.#parseMarket(channel, data);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (this.#state.market === "live") this.#set("market", "stale", error.message);
      return;
    }
    if (message === null) return;
    const isBook = message.kind === "bbo" || message.kind === "book";
    if (isBook) this.#bookMs = this.#deps.clock.nowMs();
    this.#deps.onMarket(message);
    if (isBook && this.#state.market !== "live") {
      this.#set("market", "live", "book received");
      this.#watch();
    }
  }

  /** @returns null for other markets and unknown channels */
  #parseMarket(channel: string, data: unknown): MarketMessage | null {
    const { market, szDecimals } = this.#deps.spec;
    switch (channel) {
      case "bbo":
        return coinOf(data) === market ? parseBbo(data, szDecimals) : null;
      case "l2Book":
        return coinOf(data) === market ? parseBook(data, szDecimals) : null;
      case "activeAssetCtx":
        return coinOf(data) === market ? parseContext(data, szDecimals) : null;
      case "trades": {
        const first: unknown = Array.isArray(data) ? data[0] : undefined;
        if (Array.isArray(data) && first === undefined) return null;
        return coinOf(first) === market ? parseTrades(data, szDecimals) : null;
      }
      default:
        return null;
    }
  }

  /** One timer, due when the newest book would be too old. */
  #watch(): void {
    const { clock, marketStaleMs } = this.#deps;
    this.#stopWatch();
    this.#stopWatch = clock.at(ms(this.#bookMs + marketStaleMs + 1), () => {
      if (this.#state.market !== "live") return;
      const ageMs = clock.nowMs() - this.#bookMs;
      if (ageMs > marketStaleMs) {
        this.#set("market", "stale", `no book for ${ageMs} ms, allowed ${marketStaleMs}`);
      } else this.#watch();
    });
  }

  #onAccountData(channel: string, data: unknown): void {
    let message: AccountMessage | null;
    try {
      message = this.#parseAccount(channel, data);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#account.drop(error.message);
      return;
    }
    if (message !== null) this.#deps.onAccount(message);
  }

  #parseAccount(channel: string, data: unknown): AccountMessage | null {
    const body = (data ?? {}) as { readonly [key: string]: unknown };
    const snapshot = body["isSnapshot"] === true;
    switch (channel) {
      case "userFills":
        return { kind: "fills", snapshot, fills: this.#schemas.fills(body["fills"]) };
      case "userFundings":
        return { kind: "fundings", snapshot, fundings: this.#schemas.fundings(body["fundings"]) };
      case "orderUpdates":
        return { kind: "orderUpdates", updates: this.#schemas.orderUpdates(data) };
      default:
        return null;
    }
  }
}

/** The fast book is five levels twice a second; the touch itself comes with every block that changes it. */
function marketSubscriptions({ market: coin }: MarketSpec): readonly Subscription[] {
  return [
    { type: "bbo", coin },
    { type: "l2Book", coin, nSigFigs: null, mantissa: null, fast: true },
    { type: "trades", coin },
    { type: "activeAssetCtx", coin },
  ];
}

function accountSubscriptions(user: string): readonly Subscription[] {
  return [
    { type: "orderUpdates", user },
    { type: "userFills", user, aggregateByTime: false },
    { type: "userFundings", user },
  ];
}

function coinOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "coin" in data ? data.coin : undefined;
}
