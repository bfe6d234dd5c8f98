import { ms } from "../../units/numbers.ts";
import type { Clock, StopTimer } from "../../units/time.ts";
import { SEVERITIES } from "./alert.ts";
import { DeliveryError } from "./channels/channel.ts";
import type { Channel, Message } from "./channels/channel.ts";

/** Alerts that may wait for one channel. */
const WAITING_MAX = 100;
const ATTEMPTS_MAX = 8;
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_LIMIT_MS = 60_000;
/** A service may ask for patience, not for ever. */
const RETRY_AFTER_LIMIT_MS = 600_000;

export type ChannelQueueOptions = {
  readonly channel: Channel;
  /** The wall's: services do not live in market time. */
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads attempts. */
  readonly random: () => number;
  readonly onSent: (message: Message) => void;
  /** An attempt failed; `final`: it is given up. */
  readonly onFailed: (message: Message, error: Error, final: boolean) => void;
  /** No room: this one is lost. */
  readonly onDropped: (message: Message) => void;
};

export type ChannelStats = {
  readonly channel: string;
  readonly waiting: number;
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
};

/**
 * Delivers to one channel, one alert after another in the order of arrival. What does not go is tried again with a
 * growing, jittered delay. Nobody ever waits for it: when it is full the least severe, oldest alert is lost, and the
 * next one says how many were.
 */
export class ChannelQueue {
  readonly #options: ChannelQueueOptions;
  readonly #waiting: Message[] = [];
  #busy = false;
  #closed = false;
  #stopTimer: StopTimer = () => {};
  #lost = 0;
  #counts = { sent: 0, failed: 0, dropped: 0 };
  #idle: (() => void)[] = [];

  constructor(options: ChannelQueueOptions) {
    this.#options = options;
  }

  push(message: Message): void {
    if (this.#closed) return;
    this.#waiting.push(message);
    if (this.#waiting.length > WAITING_MAX) this.#makeRoom();
    if (this.#busy) return;
    this.#busy = true;
    const { clock } = this.#options;
    // Not in the step that gave the reason: building a request takes time.
    this.#stopTimer = clock.at(clock.nowMs(), () => void this.#deliver(0));
  }

  stats(): ChannelStats {
    const channel = this.#options.channel.name;
    return { channel, waiting: this.#waiting.length, ...this.#counts };
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    if (!this.#busy) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.push(resolve);
    await promise;
  }

  /** Gives up what waits. */
  close(): void {
    this.#closed = true;
    this.#stopTimer();
    for (const message of this.#waiting.splice(0)) this.#drop(message);
    this.#options.channel.close();
    this.#rest();
  }

  /** The message that is being delivered is the first one, and stays. */
  #makeRoom(): void {
    const rank = ({ alert }: Message): number => SEVERITIES.indexOf(alert.severity);
    let least = 1;
    this.#waiting.forEach((message, index) => {
      if (index > 0 && rank(message) < rank(this.#waiting[least] ?? message)) least = index;
    });
    const [message] = this.#waiting.splice(least, 1);
    if (message !== undefined) this.#drop(message);
  }

  #drop(message: Message): void {
    this.#lost++;
    this.#counts.dropped++;
    this.#options.onDropped(message);
  }

  async #deliver(attempt: number): Promise<void> {
    const [message] = this.#waiting;
    if (message === undefined || this.#closed) return this.#rest();
    const { channel, onSent } = this.#options;
    const lost = this.#lost;
    try {
      await channel.send(withLost(message, lost));
    } catch (error) {
      if (!this.#closed) this.#failed(message, error, attempt);
      return;
    }
    if (this.#closed) return;
    this.#lost -= lost;
    this.#counts.sent++;
    this.#waiting.shift();
    onSent(message);
    void this.#deliver(0);
  }

  #failed(message: Message, thrown: unknown, attempt: number): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const refused = error instanceof DeliveryError && error.permanent;
    const final = refused || attempt + 1 >= ATTEMPTS_MAX;
    this.#options.onFailed(message, error, final);
    if (!final) return this.#later(attempt, error);
    this.#counts.failed++;
    this.#waiting.shift();
    void this.#deliver(0);
  }

  #later(attempt: number, error: Error): void {
    const { clock, random } = this.#options;
    const asked = error instanceof DeliveryError ? (error.retryAfterMs ?? 0) : 0;
    const backoffMs = Math.min(BACKOFF_FIRST_MS * 2 ** attempt, BACKOFF_LIMIT_MS);
    const jitteredMs = backoffMs * (0.5 + random() / 2);
    const delayMs = Math.max(Math.min(asked, RETRY_AFTER_LIMIT_MS), Math.ceil(jitteredMs));
    this.#stopTimer = clock.at(ms(clock.nowMs() + delayMs), () => void this.#deliver(attempt + 1));
  }

  #rest(): void {
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function withLost(message: Message, lost: number): Message {
  if (lost === 0) return message;
  const { alert } = message;
  const note = `(${lost} alerts before this one were lost: too many waited)`;
  return { ...message, alert: { ...alert, text: `${alert.text} ${note}` } };
}
