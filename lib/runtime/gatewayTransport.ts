import { TransportError } from "../hyperliquid/transport.ts";
import type { HttpAnswer, Socket, SocketHandlers, Transport } from "../hyperliquid/transport.ts";
import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";
import { CUT } from "../venue/server/front.ts";
import type { Front } from "../venue/server/front.ts";

const JSON_TYPE = "application/json";

/**
 * The wire without a network: the same texts, carried by the clock. What is sent arrives `wireMs` later, each way, so
 * that in virtual time a reaction costs what it costs.
 */
export class GatewayTransport implements Transport {
  readonly #gateway: Front;
  readonly #clock: Clock;
  readonly #wireMs: number;
  #stopPump: StopTimer = () => {};
  #pumpMs = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(gateway: Front, clock: Clock, wireMs: number) {
    this.#gateway = gateway;
    this.#clock = clock;
    this.#wireMs = wireMs;
    this.#pump();
  }

  info(body: string): Promise<HttpAnswer> {
    return this.#roundTrip((reply) => this.#gateway.ask(body, JSON_TYPE, reply));
  }

  exchange(body: string): Promise<HttpAnswer> {
    return this.#roundTrip((reply) => this.#gateway.exchange(body, JSON_TYPE, reply));
  }

  openSocket(handlers: SocketHandlers): Socket {
    let open = true;
    const close = (reason: string): void => {
      if (!open) return;
      open = false;
      this.#later(() => handlers.onClose(reason));
    };
    const session = this.#gateway.openSession(
      (text) => this.#later(() => (open ? handlers.onMessage(text) : undefined)),
      (code, reason) => {
        close(`${code} ${reason}`);
        // As on a network, where the server hears of every end: else the connection would count on.
        this.#later(() => this.#atVenue(() => session.closed()));
      },
    );
    this.#later(() => (open ? handlers.onOpen() : undefined));
    return {
      send: (text) =>
        this.#later(() => (open ? this.#atVenue(() => session.receive(text)) : undefined)),
      close: () => {
        close("closed by us");
        session.closed();
      },
    };
  }

  /** No more time for the exchange. */
  close(): void {
    this.#closed = true;
    this.#stopPump();
  }

  #roundTrip(act: (reply: (status: number, text: string) => void) => void): Promise<HttpAnswer> {
    if (this.#closed) return Promise.reject(new TransportError("the exchange has ended"));
    return new Promise((resolve, reject) => {
      const reply = (status: number, text: string): void =>
        this.#later(() =>
          status === CUT
            ? reject(new TransportError("the connection was cut before an answer came"))
            : resolve({ status, text }),
        );
      this.#later(() => this.#atVenue(() => act(reply)));
    });
  }

  #later(run: () => void): void {
    this.#clock.at(ms(this.#clock.nowMs() + this.#wireMs), run);
  }

  #atVenue(act: () => void): void {
    this.#gateway.advanceTo(this.#clock.nowMs());
    act();
    this.#pump();
  }

  /** Wakes the exchange when it next has something to do. */
  #pump(): void {
    if (this.#closed) return;
    const nextMs = this.#gateway.nextWorkMs();
    if (nextMs === this.#pumpMs) return;
    this.#stopPump();
    this.#pumpMs = nextMs;
    if (!Number.isFinite(nextMs)) return;
    this.#stopPump = this.#clock.at(ms(Math.max(nextMs, this.#clock.nowMs())), () => {
      this.#pumpMs = Number.POSITIVE_INFINITY;
      this.#gateway.advanceTo(this.#clock.nowMs());
      this.#pump();
    });
  }
}
