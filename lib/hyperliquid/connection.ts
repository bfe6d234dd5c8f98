import type { Clock, StopTimer } from "../units/time.ts";
import { ms } from "../units/numbers.ts";
import type { Socket, Transport } from "./transport.ts";

export type ConnectionTimings = {
  /** A connection that is not open after this is given up. */
  readonly connectMs: number;
  /** The venue closes a connection to which it sent nothing for 60 s. */
  readonly pingMs: number;
  /** No word at all this long after a ping: the connection is dead though it does not say so. */
  readonly pongMs: number;
  /** Subscriptions not confirmed after this: the connection is given up. */
  readonly confirmMs: number;
  /** Delay before the first new attempt; doubles up to the maximum, half of it random. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
};

export const CONNECTION_TIMINGS: ConnectionTimings = {
  connectMs: 10_000,
  pingMs: 30_000,
  pongMs: 10_000,
  confirmMs: 10_000,
  backoffMinMs: 250,
  backoffMaxMs: 10_000,
};

export type Subscription = { readonly type: string; readonly [key: string]: unknown };

export type ConnectionDeps = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads reconnects. */
  readonly random: () => number;
  readonly timings: ConnectionTimings;
  readonly subscriptions: readonly Subscription[];
  /** Every data message, parsed from JSON; control messages stay inside. */
  readonly onData: (channel: string, data: unknown) => void;
  /** All subscriptions are confirmed. */
  readonly onReady: () => void;
  readonly onLost: (reason: string) => void;
};

const ALREADY = "Already subscribed: ";
const PING = JSON.stringify({ method: "ping" });

/**
 * One WebSocket that stays: connects, subscribes, pings, and after any loss comes back with a growing, jittered delay
 * and subscribes again.
 */
export class Connection {
  readonly #deps: ConnectionDeps;
  #socket: Socket | null = null;
  #attempt = 0;
  /** Messages received, of any kind. */
  #words = 0;
  #unconfirmed = new Set<string>();
  #ended = false;
  #stopTimer: StopTimer = () => {};

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  open(): void {
    if (this.#ended || this.#socket !== null) return;
    let socket: Socket | null = null;
    /** A transport in the same process may call back before it has returned the socket. */
    const early: (() => void)[] = [];
    const handle = (run: () => void): void => {
      if (socket === null) early.push(run);
      else if (this.#socket === socket) run();
    };
    socket = this.#deps.transport.openSocket({
      onOpen: () => handle(() => this.#subscribe()),
      onMessage: (text) => handle(() => this.#receive(text)),
      onClose: (reason) => handle(() => this.#lost(reason)),
    });
    this.#socket = socket;
    this.#after(this.#deps.timings.connectMs, () => this.drop("no connection in time"));
    for (const run of early) handle(run);
  }

  /** Gives the present connection up; the next one follows by itself. */
  drop(reason: string): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#lost(reason);
    socket.close();
  }

  /** Ends for good. */
  close(): void {
    this.#ended = true;
    this.#stopTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** One timer at a time: it always guards what is waited for next. */
  #after(delayMs: number, run: () => void): void {
    this.#stopTimer();
    const { clock } = this.#deps;
    this.#stopTimer = clock.at(ms(clock.nowMs() + Math.ceil(delayMs)), run);
  }

  #subscribe(): void {
    const { subscriptions, timings } = this.#deps;
    this.#unconfirmed = new Set(subscriptions.map(subscriptionKey));
    this.#after(timings.confirmMs, () =>
      this.drop(`not confirmed in time: ${[...this.#unconfirmed].join(", ")}`),
    );
    for (const subscription of subscriptions) {
      this.#socket?.send(JSON.stringify({ method: "subscribe", subscription }));
    }
  }

  #receive(text: string): void {
    let message: { readonly channel?: unknown; readonly data?: unknown } | null;
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return this.drop(`a message that is no JSON: ${text.slice(0, 100)}`);
    }
    const channel = message?.channel;
    if (typeof channel !== "string") {
      return this.drop(`a message without a channel: ${text.slice(0, 100)}`);
    }
    this.#words++;
    if (channel === "subscriptionResponse") this.#confirm(message?.data);
    else if (channel === "error") this.#refused(message?.data);
    else if (channel !== "pong") this.#deps.onData(channel, message?.data);
  }

  /** What is subscribed already is as good as confirmed; any other refusal ends the connection. */
  #refused(data: unknown): void {
    const isKnown = typeof data === "string" && data.startsWith(ALREADY);
    const key = isKnown ? keyIn(data.slice(ALREADY.length)) : null;
    if (key === null) return this.drop(`the venue says: ${JSON.stringify(data)}`);
    if (this.#unconfirmed.has(key)) this.#confirmed(key);
  }

  #confirm(data: unknown): void {
    const { subscription } = (data ?? {}) as { readonly subscription?: Subscription };
    if (subscription === undefined || this.#unconfirmed.size === 0) return;
    this.#confirmed(subscriptionKey(subscription));
  }

  #confirmed(key: string): void {
    this.#unconfirmed.delete(key);
    if (this.#unconfirmed.size > 0) return;
    this.#attempt = 0;
    this.#armPing(this.#deps.timings.pingMs);
    this.#deps.onReady();
  }

  /** Pings on a fixed beat; any word that follows counts as an answer. */
  #armPing(delayMs: number): void {
    const { pingMs, pongMs } = this.#deps.timings;
    this.#after(delayMs, () => {
      const before = this.#words;
      this.#socket?.send(PING);
      this.#after(pongMs, () => {
        if (this.#words === before) this.drop("no answer to a ping");
        else this.#armPing(Math.max(0, pingMs - pongMs));
      });
    });
  }

  #lost(reason: string): void {
    this.#socket = null;
    this.#unconfirmed.clear();
    if (this.#ended) return;
    const { backoffMinMs, backoffMaxMs } = this.#deps.timings;
    const delayMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#attempt, 30));
    this.#attempt++;
    this.#after(delayMs * (0.5 + this.#deps.random() / 2), () => this.open());
    this.#deps.onLost(reason);
  }
}

/** Key of a subscription as text; null when it is none. */
function keyIn(text: string): string | null {
  try {
    return subscriptionKey(JSON.parse(text) as Subscription);
  } catch {
    return null;
  }
}

/** The venue echoes what was asked, perhaps with more fields and another case of hex. */
function subscriptionKey(subscription: Subscription): string {
  const { type, coin, user } = subscription;
  return [type, coin, user]
    .filter((part) => typeof part === "string")
    .map((part, index) => (index === 0 ? part : part.toLowerCase()))
    .join(" ");
}
