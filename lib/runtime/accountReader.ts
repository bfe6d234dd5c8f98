import type { EventInput } from "./eventInput.ts";
import { fillInput, fundingInput } from "./inputs.ts";
import { readAccount } from "../hyperliquid/reconcile.ts";
import type { AccountInfo } from "../hyperliquid/infoClient.ts";
import type { BotState } from "../messages/state.ts";
import { ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";
import { messageOf } from "../units/messageOf.ts";

/** The budget changes slowly and costs ten times what the margin does. */
const READINGS_PER_BUDGET = 6;

export type AccountReaderDeps = {
  readonly info: AccountInfo;
  readonly clock: Clock;
  /** Where fills and fundings are asked from. */
  readonly state: () => BotState;
  readonly post: (input: EventInput) => void;
};

/**
 * Asks the venue about our account, one question of a kind at a time, and hands the answers in as events. A question
 * that fails is an event too: what is unknown is unsafe.
 */
export class AccountReader {
  readonly #deps: AccountReaderDeps;
  readonly #runId: number;
  #asked = 0;
  #readings = 0;
  #margin: Promise<void> | null = null;
  #reconcile: Promise<void> | null = null;

  constructor(deps: AccountReaderDeps, runId: number) {
    this.#deps = deps;
    this.#runId = runId;
  }

  /** Posts a `margin` event; joins a question that is on its way. */
  readMargin(): Promise<void> {
    this.#margin ??= this.#readMargin().finally(() => {
      this.#margin = null;
    });
    return this.#margin;
  }

  /** Posts the fills and fundings that were missed, then a `reconciled` event; joins a question on its way. */
  reconcile(): Promise<void> {
    this.#reconcile ??= this.#readAccount().finally(() => {
      this.#reconcile = null;
    });
    return this.#reconcile;
  }

  #id(kind: string): string {
    return `${kind}:${this.#runId}:${++this.#asked}`;
  }

  async #readMargin(): Promise<void> {
    const { info, post } = this.#deps;
    const id = this.#id("margin");
    const withBudget = this.#readings++ % READINGS_PER_BUDGET === 0;
    try {
      const [reading, limit] = await Promise.all([
        info.clearinghouseState(),
        withBudget ? info.rateLimit() : null,
      ]);
      const budget = limit === null ? null : { used: limit.used, cap: limit.cap };
      post({ kind: "margin", id, reading, failure: null, budget });
    } catch (error) {
      post({ kind: "margin", id, reading: null, failure: text(error), budget: null });
    }
  }

  async #readAccount(): Promise<void> {
    const { info, clock, state, post } = this.#deps;
    const id = this.#id("reconciled");
    const { fillWatermarkMs, fundingWatermarkMs } = state().ledger;
    try {
      const account = await readAccount(info, clock, fillWatermarkMs, fundingWatermarkMs);
      const { askedMs, openOrders, reading, budget } = account;
      for (const fill of account.fills) post(fillInput(fill));
      for (const funding of account.fundings) post(fundingInput(funding));
      post({ kind: "reconciled", id, snapshot: { askedMs, openOrders, reading }, failure: null });
      post({ kind: "margin", id: `${id}:margin`, reading, failure: null, budget });
    } catch (error) {
      post({ kind: "reconciled", id, snapshot: null, failure: text(error) });
    }
  }
}

function text(error: unknown): string {
  return messageOf(error);
}

/** A moment of the bot's own time. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(ms(clock.nowMs() + delayMs), resolve);
  });
}
