import type { InfoClient } from "../../hyperliquid/infoClient.ts";
import { act } from "./sweep.ts";
import type { SweepDeps } from "./sweep.ts";
import { messageOf } from "../../units/messageOf.ts";

export type DeadManDeps = Pick<SweepDeps, "transport" | "signer" | "nextNonce" | "tell"> & {
  readonly info: Pick<InfoClient, "userRateLimit">;
  readonly account: string;
  /** Venue time. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
};

/** Volume from which the venue lets an account schedule a cancel (VENUE-RULES, scheduleCancel). */
const UNLOCKED_USD = 1_000_000;
const ASK_VOLUME_EVERY_MS = 600_000;
/** Each renewal is an action of the address budget: 120 an hour. */
const RENEW_EVERY_MS = 30_000;
const AHEAD_MS = 90_000;

/**
 * The exchange's own dead-man switch, behind this process: when machine or network are gone for good, it cancels every
 * order of the account at the time that was renewed last. It takes an account that has traded a million.
 */
export class DeadMan {
  readonly #deps: DeadManDeps;
  #unlocked = false;
  #askedMs = Number.NEGATIVE_INFINITY;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #pending = false;
  #busy = false;

  constructor(deps: DeadManDeps) {
    this.#deps = deps;
  }

  /** Called often while the bot lives; does something when it is time. Failures are told and tried again. */
  async tick(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#ask();
      await this.#renew();
    } catch (error) {
      const text = messageOf(error);
      this.#deps.tell(`the exchange's own dead-man switch is not set: ${text}`);
    } finally {
      this.#busy = false;
    }
  }

  /** Nothing is left to be cancelled. */
  async clear(): Promise<void> {
    if (!this.#pending) return;
    try {
      await act({ type: "scheduleCancel" }, this.#deps);
      this.#pending = false;
    } catch (error) {
      const text = messageOf(error);
      this.#deps.tell(`the exchange's own dead-man switch is still set: ${text}`);
    }
  }

  async #ask(): Promise<void> {
    const { info, account, monotonicMs, tell } = this.#deps;
    if (this.#unlocked || monotonicMs() - this.#askedMs < ASK_VOLUME_EVERY_MS) return;
    this.#askedMs = monotonicMs();
    const { tradedUsd } = await info.userRateLimit(account);
    if (tradedUsd < UNLOCKED_USD) return;
    this.#unlocked = true;
    tell("the exchange's own dead-man switch is unlocked and used");
  }

  async #renew(): Promise<void> {
    const { monotonicMs, nowMs } = this.#deps;
    if (!this.#unlocked || monotonicMs() - this.#renewedMs < RENEW_EVERY_MS) return;
    this.#renewedMs = monotonicMs();
    await act({ type: "scheduleCancel", time: nowMs() + AHEAD_MS }, this.#deps);
    this.#pending = true;
  }
}
