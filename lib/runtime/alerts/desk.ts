import { isAtLeast } from "./alert.ts";
import type { Alert, Severity } from "./alert.ts";
import { ChannelQueue } from "./channelQueue.ts";
import type { ChannelStats } from "./channelQueue.ts";
import type { Channel, Message } from "./channels/channel.ts";
import { AlertGate } from "./gate.ts";
import type { LogFields, LogLevel } from "../log/logger.ts";
import type { Redact } from "../redact.ts";
import { ms } from "../../units/numbers.ts";
import type { Clock, StopTimer } from "../../units/time.ts";

export type AlertDeskOptions = {
  readonly channels: readonly Channel[];
  readonly least: Severity;
  readonly cooldownMs: number;
  /** Which bot speaks, for people: mode and market. */
  readonly source: string;
  /** Begins the ids of messages; unique to this start. */
  readonly idPrefix: string;
  /** The wall's. */
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads attempts. */
  readonly random: () => number;
  readonly redact: Redact;
  readonly log: (level: LogLevel, event: string, fields: LogFields) => void;
};

/** Takes alerts, keeps repetition back, and hands each one to every channel. Never blocks and never throws. */
export class AlertDesk {
  readonly #options: AlertDeskOptions;
  readonly #gate: AlertGate;
  readonly #queues: readonly ChannelQueue[];
  #stopTimer: StopTimer = () => {};
  #made = 0;
  #closed = false;

  constructor(options: AlertDeskOptions) {
    this.#options = options;
    this.#gate = new AlertGate(options.cooldownMs);
    this.#queues = options.channels.map((channel) => this.#queueOf(channel));
  }

  say(alert: Alert): void {
    const { least, clock, redact } = this.#options;
    if (this.#closed || !isAtLeast(alert.severity, least)) return;
    const clean = { ...alert, text: redact(alert.text) };
    const now = this.#gate.offer(clean, clock.nowMs());
    if (now === null) this.#wakeForHeld();
    else this.#deliver(now);
  }

  stats(): readonly ChannelStats[] {
    return this.#queues.map((queue) => queue.stats());
  }

  /** Delivers what waits, for so long at most, then gives up. */
  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    const { clock } = this.#options;
    const patience = Promise.withResolvers<void>();
    const stop = clock.at(ms(clock.nowMs() + withinMs), patience.resolve);
    const all = Promise.all(this.#queues.map((queue) => queue.settled()));
    await Promise.race([all, patience.promise]);
    stop();
    for (const queue of this.#queues) queue.close();
  }

  #deliver(alert: Alert): void {
    const { idPrefix, source, log } = this.#options;
    const { kind, severity, text } = alert;
    log("info", "alert", { kind, severity, text });
    const message: Message = { id: `${idPrefix}-${++this.#made}`, alert, source };
    for (const queue of this.#queues) queue.push(message);
  }

  /** One timer, for the alert whose cooldown ends first. */
  #wakeForHeld(): void {
    this.#stopTimer();
    const dueMs = this.#gate.nextDueMs();
    if (dueMs === null) return;
    const { clock } = this.#options;
    this.#stopTimer = clock.at(ms(Math.ceil(dueMs)), () => {
      for (const alert of this.#gate.due(clock.nowMs())) this.#deliver(alert);
      this.#wakeForHeld();
    });
  }

  #queueOf(channel: Channel): ChannelQueue {
    const { clock, random, log, redact } = this.#options;
    const { name } = channel;
    return new ChannelQueue({
      channel,
      clock,
      random,
      onSent: ({ id }) => log("debug", "alertSent", { channel: name, id }),
      onFailed: ({ id, alert: { kind } }, error, final) => {
        const fields = { channel: name, id, kind, error: redact(error.message), final };
        log(final ? "error" : "warning", "alertFailed", fields);
      },
      onDropped: ({ id, alert: { kind } }) =>
        log("error", "alertLost", { channel: name, id, kind }),
    });
  }
}
