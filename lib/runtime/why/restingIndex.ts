import type { SentOrder } from "../../dashboard/stories.ts";
import type { InboxRow, ReadModel } from "../../store/readModel.ts";
import { commandsOf, eventOf, outcomeOf, sentOrder } from "./stored.ts";

/** What an event changed in the set of our resting orders. */
type Change = {
  readonly atMs: number;
  /** A restart begins anew: it cancels what it does not know. */
  readonly clear: boolean;
  readonly added: string | null;
  readonly removed: string | null;
};

/** Where the order left, and which one it replaced. */
type Sent = { readonly nonce: number; readonly replaces: string | undefined };

/**
 * Which of our orders rested when, from the exchange's answers. The first look reads everything that is kept, later ones
 * only what has come since: to look back from moment to moment costs the same however long the bot has run.
 */
export class RestingIndex {
  readonly #read: ReadModel;
  readonly #sent = new Map<string, Sent>();
  readonly #changes: Change[] = [];
  #lastSeq = 0;
  #lastNonce = 0;

  constructor(read: ReadModel) {
    this.#read = read;
  }

  /** Ours that rested then, asks from the best out, then bids; those whose placing was pruned are not among them. */
  at(atMs: number): readonly SentOrder[] {
    this.#catchUp();
    const resting = new Set<string>();
    for (const { atMs: changedMs, clear, added, removed } of this.#changes) {
      if (changedMs > atMs) break;
      if (clear) resting.clear();
      if (added !== null) resting.add(added);
      if (removed !== null) resting.delete(removed);
    }
    return this.#ordersOf(resting).toSorted((a, b) =>
      a.side === b.side
        ? (a.pxTicks - b.pxTicks) * (a.side === "bid" ? -1 : 1)
        : a.side === "ask"
          ? -1
          : 1,
    );
  }

  #ordersOf(cloids: ReadonlySet<string>): readonly SentOrder[] {
    const nonces = new Set([...cloids].flatMap((cloid) => this.#sent.get(cloid)?.nonce ?? []));
    return [...nonces].flatMap((nonce) => {
      const row = this.#read.outboxRow(nonce);
      return (row === null ? [] : commandsOf(row))
        .map(sentOrder)
        .filter((order) => order !== null)
        .filter(({ cloid }) => cloids.has(cloid));
    });
  }

  #catchUp(): void {
    for (const row of this.#read.outboxAfter(this.#lastNonce)) {
      this.#lastNonce = row.nonce;
      for (const command of commandsOf(row)) {
        const order = sentOrder(command);
        if (order !== null)
          this.#sent.set(order.cloid, { nonce: row.nonce, replaces: order.replaces });
      }
    }
    for (const row of this.#read.eventsAfter(this.#lastSeq, [
      "outcome",
      "orderUpdate",
      "runStarted",
    ])) {
      this.#lastSeq = row.seq;
      this.#follow(row);
    }
  }

  #follow(row: InboxRow): void {
    const { atMs } = row;
    const change = (what: Partial<Change>): void =>
      void this.#changes.push({ atMs, clear: false, added: null, removed: null, ...what });
    if (row.kind === "runStarted") change({ clear: true });
    else if (row.kind === "outcome") {
      for (const outcome of outcomeOf(row).outcomes) {
        const sent = this.#sent.get(outcome.cloid);
        if (outcome.result === "resting" && sent !== undefined) change({ added: outcome.cloid });
        if (outcome.op === "cancel" && outcome.result === "cancelled")
          change({ removed: outcome.cloid });
        const acted = outcome.result === "resting" || outcome.result === "filled";
        if (sent?.replaces !== undefined && acted) change({ removed: sent.replaces });
      }
    } else {
      const event = eventOf(row);
      if (event.kind === "orderUpdate" && event.cloid !== null && event.status !== "open")
        change({ removed: event.cloid });
    }
  }
}
