import { TransportError } from "../../lib/hyperliquid/transport.ts";
import type { HttpAnswer, SocketHandlers, Transport } from "../../lib/hyperliquid/transport.ts";
import type { Bot } from "../../lib/runtime/bot.ts";
import { ms } from "../../lib/units/numbers.ts";
import type { Clock } from "../../lib/units/time.ts";

export const MINUTE_MS = 60_000;

/** What goes wrong from which minute to which. */
const TROUBLES = {
  /** No connection for streams. */
  silent: [3, 4],
  /** No answer to questions about open orders: reconciliation fails. */
  deafToOrders: [6, 7],
  /** No answer to questions about the margin. */
  deafToMargin: [9, 10.5],
  /** Orders are refused: too many requests. */
  refusing: [12, 13.5],
  /** Orders act, and the answer is lost. */
  forgetful: [16, 17],
  /** The action budget is nearly used up. */
  poor: [19, 20.5],
  /** 85 % of the equity is in use. */
  strained: [25, 26],
  /** Three per cent of the equity are gone. */
  falling: [32, 33],
  /** Nearly all of it is gone, and no order gets through. */
  broken: [45, 47],
} as const;
type Trouble = keyof typeof TROUBLES;

type Json = { [name: string]: unknown };

/** The exchange as the bot sees it in an hour in which everything goes wrong once. */
export class ProvokedHour implements Transport {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #account: string;
  readonly #positionLots: () => number;
  readonly #open = new Set<(reason: string) => void>();
  #liquidated = false;
  #brokenFromMs = Number.POSITIVE_INFINITY;

  constructor(transport: Transport, clock: Clock, account: string, positionLots: () => number) {
    this.#transport = transport;
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#account = account;
    this.#positionLots = positionLots;
    clock.at(ms(this.#startMs + TROUBLES.silent[0] * MINUTE_MS), () => {
      for (const cut of this.#open) cut("cut");
    });
  }

  async info(body: string): Promise<HttpAnswer> {
    const { type } = JSON.parse(body) as { readonly type: string };
    if (this.#has("deafToOrders") && type === "frontendOpenOrders") throw lost();
    if (this.#has("deafToMargin") && type === "clearinghouseState") throw lost();
    const answer = await this.#transport.info(body);
    if (type === "userRateLimit" && this.#has("poor"))
      return changed(answer, (limit) => {
        limit["nRequestsUsed"] = Number(limit["nRequestsCap"]) - 500;
      });
    if (type !== "clearinghouseState") return answer;
    return changed(answer, (state) => this.#reported(state["marginSummary"] as Json));
  }

  async exchange(body: string): Promise<HttpAnswer> {
    const isOrder = body.includes('"orders"') || body.includes('"modifies"');
    if (isOrder && (this.#has("refusing") || this.#isBroken()))
      return { status: 429, text: "too many requests" };
    const answer = await this.#transport.exchange(body);
    if (isOrder && this.#has("forgetful")) throw lost();
    return answer;
  }

  openSocket(handlers: SocketHandlers): ReturnType<Transport["openSocket"]> {
    if (this.#has("silent")) {
      this.#clock.at(ms(this.#clock.nowMs() + 10), () => handlers.onClose("refused"));
      return { send: () => {}, close: () => {} };
    }
    let closed = false;
    const end = (reason: string): void => {
      if (closed) return;
      closed = true;
      this.#open.delete(end);
      handlers.onClose(reason);
    };
    this.#open.add(end);
    const socket = this.#transport.openSocket({
      onOpen: () => (closed ? undefined : handlers.onOpen()),
      onMessage: (text) => (closed ? undefined : handlers.onMessage(this.#streamed(text))),
      onClose: end,
    });
    return { send: (text) => (closed ? undefined : socket.send(text)), close: socket.close };
  }

  #has(trouble: Trouble): boolean {
    const [from, to] = TROUBLES[trouble];
    const minute = (this.#clock.nowMs() - this.#startMs) / MINUTE_MS;
    return minute >= from && minute < to;
  }

  /** The worst begins when something is held, so that it matters. */
  #isBroken(): boolean {
    const nowMs = this.#clock.nowMs();
    const [from, to] = TROUBLES.broken;
    const planned = nowMs - this.#startMs >= from * MINUTE_MS;
    if (planned && this.#positionLots() !== 0)
      this.#brokenFromMs = Math.min(this.#brokenFromMs, nowMs);
    return nowMs >= this.#brokenFromMs && nowMs < this.#brokenFromMs + (to - from) * MINUTE_MS;
  }

  #reported(summary: Json): void {
    const equity = Number(summary["accountValue"]);
    if (this.#has("strained")) summary["totalMarginUsed"] = (0.85 * equity).toFixed(6);
    if (this.#has("falling")) summary["accountValue"] = (0.97 * equity).toFixed(6);
    if (this.#isBroken()) summary["accountValue"] = (0.0005 * equity).toFixed(6);
  }

  /** One fill of the second half hour is said to be a liquidation. */
  #streamed(text: string): string {
    const late = this.#clock.nowMs() - this.#startMs > 28 * MINUTE_MS;
    if (this.#liquidated || !late || !text.includes('"userFills"')) return text;
    const frame = JSON.parse(text) as { data?: { isSnapshot?: boolean; fills?: Json[] } };
    const [fill] = frame.data?.fills ?? [];
    if (fill === undefined || frame.data?.isSnapshot === true) return text;
    this.#liquidated = true;
    fill["liquidation"] = { liquidatedUser: this.#account, markPx: fill["px"], method: "market" };
    return JSON.stringify(frame);
  }
}

function lost(): TransportError {
  return new TransportError("no answer from https://user:hunter2-password@proxy.example/info");
}

function changed(answer: HttpAnswer, change: (value: Json) => void): HttpAnswer {
  const value = JSON.parse(answer.text) as Json;
  change(value);
  return { ...answer, text: JSON.stringify(value) };
}

/** What people and the calendar do within that hour. */
export function actWithinHour(bot: Bot, clock: Clock): void {
  const startMs = clock.nowMs();
  const at = (minute: number, run: () => void): void =>
    void clock.at(ms(startMs + minute * MINUTE_MS), run);
  type Order = Parameters<Bot["tell"]>[0] & { readonly kind: "operator" };
  const tell = (minute: number, order: Order["order"]): void =>
    at(minute, () => {
      const id = bot.nextId("operator");
      void bot.tell({ kind: "operator", id, order, reason: "of the plan" });
    });
  tell(22, { op: "reduceOnly", enabled: true });
  tell(23, { op: "reduceOnly", enabled: false });
  tell(36, { op: "flatten" });
  tell(38, { op: "resume" });
  tell(52, { op: "resume" });
  at(55, () => {
    bot.sequencer.post({ kind: "timer", timer: "dailyReport", id: bot.nextId("daily") });
    bot.sequencer.post({
      kind: "volRetrain",
      id: bot.nextId("retrain"),
      durationMs: 90_000,
      source: null,
      result: null,
      failure: "no source had enough bars",
    });
  });
}
