import { Connection } from "../../hyperliquid/connection.ts";
import type { ConnectionTimings, Subscription } from "../../hyperliquid/connection.ts";
import {
  parseBbo,
  parseBook,
  parseContext,
  parseTrades,
} from "../../hyperliquid/schemas/market.ts";
import { WireError } from "../../hyperliquid/schemas/wire.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { Level } from "../../messages/market.ts";
import type { MarketMessage } from "../../messages/marketStream.ts";
import type { Clock, StopTimer } from "../../units/time.ts";
import { ms } from "../../units/numbers.ts";

/** The venue sends a whole book every half second, changed or not: after four missed ones nobody knows it any more. */
const BOOK_STALE_MS = 2_000;
/** A connection that answers pings but brings no book for this long starts over. */
const SILENCE_MS_MAX = 15_000;

/** Quicker than for trading: nothing is lost with a connection but market data, which every lost second costs. */
const TIMINGS: ConnectionTimings = {
  connectMs: 5_000,
  pingMs: 10_000,
  pongMs: 5_000,
  confirmMs: 5_000,
  backoffMinMs: 250,
  backoffMaxMs: 10_000,
};

export type LiveMarketDeps = {
  readonly transport: Transport;
  readonly coin: string;
  readonly szDecimals: number;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads reconnects. */
  readonly random: () => number;
  /** Everything said about the market while connected. */
  readonly onMessage: (message: MarketMessage, recvMs: number) => void;
  /** The first book, and the first one after each cut; called before that book's `onMessage`. */
  readonly onLive: () => void;
  /** From now on the book is not known, until `onLive`. */
  readonly onCut: (reason: string, atMs: number) => void;
};

/**
 * The public streams of one market of any Hyperliquid, without an account: touch, depth, trades, context. Comes back by
 * itself after every loss, and says when the book is not known and why: the connection is gone, no book comes, or what
 * comes is not understood.
 */
export class LiveMarket {
  readonly #deps: LiveMarketDeps;
  readonly #connection: Connection;
  #live = false;
  /** Time of the newest book, or of the last attempt to get one. */
  #heardMs = 0;
  #stopWatch: StopTimer = () => {};

  constructor(deps: LiveMarketDeps) {
    this.#deps = deps;
    const { transport, clock, random } = deps;
    this.#connection = new Connection({
      transport,
      clock,
      random,
      timings: TIMINGS,
      subscriptions: subscriptionsOf(deps.coin),
      onData: (channel, data) => this.#receive(channel, data),
      onReady: () => this.#watch(),
      onLost: (reason) => {
        this.#stopWatch();
        this.#cut(`the connection was lost: ${reason}`);
      },
    });
  }

  start(): void {
    this.#connection.open();
  }

  stop(): void {
    this.#stopWatch();
    this.#connection.close();
  }

  #receive(channel: string, data: unknown): void {
    let message: MarketMessage | null;
    try {
      message = parse(channel, data, this.#deps.coin, this.#deps.szDecimals);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#cut(error.message);
    }
    if (message === null) return;
    const nowMs = this.#deps.clock.nowMs();
    const flaw = flawOf(message);
    if (flaw !== null) return this.#cut(flaw);
    if (message.kind === "book") {
      this.#heardMs = nowMs;
      if (!this.#live) {
        this.#live = true;
        this.#deps.onLive();
        this.#watch();
      }
    }
    this.#deps.onMessage(message, nowMs);
  }

  #cut(reason: string): void {
    if (!this.#live) return;
    this.#live = false;
    this.#deps.onCut(reason, this.#deps.clock.nowMs());
  }

  /** One timer, due when the newest book is too old; once cut, when the connection has been silent for too long. */
  #watch(): void {
    this.#stopWatch();
    const { clock } = this.#deps;
    if (!this.#live) this.#heardMs = Math.max(this.#heardMs, clock.nowMs());
    const arm = (): void => {
      const allowedMs = this.#live ? BOOK_STALE_MS : SILENCE_MS_MAX;
      this.#stopWatch = clock.at(ms(this.#heardMs + allowedMs + 1), () => {
        const silentMs = clock.nowMs() - this.#heardMs;
        if (silentMs > allowedMs && this.#live)
          this.#cut(`no book for ${silentMs} ms, allowed ${BOOK_STALE_MS}`);
        else if (silentMs > SILENCE_MS_MAX)
          return this.#connection.drop(`no book for ${silentMs} ms`);
        arm();
      });
    };
    arm();
  }
}

/** @returns null for other markets and unknown channels. @throws WireError for what is not understood */
function parse(
  channel: string,
  data: unknown,
  coin: string,
  szDecimals: number,
): MarketMessage | null {
  const about: unknown = channel === "trades" && Array.isArray(data) ? data[0] : data;
  const isOurs =
    typeof about === "object" && about !== null && "coin" in about && about.coin === coin;
  if (!isOurs) return null;
  switch (channel) {
    case "bbo":
      return parseBbo(data, szDecimals);
    case "l2Book":
      return parseBook(data, szDecimals);
    case "trades":
      return parseTrades(data, szDecimals);
    case "activeAssetCtx":
      return parseContext(data, szDecimals);
    default:
      return null;
  }
}

/** What no market shows; a book that is empty on both sides is what an exchange sends that does not know its own. */
function flawOf(message: MarketMessage): string | null {
  if (message.kind !== "book" && message.kind !== "bbo") return null;
  const [bid, ask]: (Level | null | undefined)[] =
    message.kind === "bbo"
      ? [message.bid, message.ask]
      : [message.bids[0] ?? null, message.asks[0] ?? null];
  if (!bid && !ask) return "the book that is told is empty";
  if (!bid || !ask || bid.pxTicks < ask.pxTicks) return null;
  return `the book that is told is crossed: ${bid.pxTicks} bid, ${ask.pxTicks} asked, in ticks`;
}

/** Five levels twice a second and twenty every five seconds; the touch with every block that changes it. */
function subscriptionsOf(coin: string): readonly Subscription[] {
  return [
    { type: "bbo", coin },
    { type: "l2Book", coin, nSigFigs: null, mantissa: null, fast: true },
    { type: "l2Book", coin, nSigFigs: null, mantissa: null },
    { type: "trades", coin },
    { type: "activeAssetCtx", coin },
  ];
}
