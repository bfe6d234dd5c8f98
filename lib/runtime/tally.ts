import type { Audit } from "../messages/audit.ts";
import type { CommandOutcome } from "../messages/events.ts";

/** What became of the orders of this process, counted from the venue's answers. */
export class Tally {
  placed = 0;
  modified = 0;
  cancelled = 0;
  /** Actions sent, as the venue's address budget counts them. */
  actions = 0;
  readonly rejected: { [reason: string]: number } = {};
  /** Fills of this process alone; the ledger counts all since the baseline. */
  readonly fills = { count: 0, maker: 0, taker: 0, notionalMicroUsd: 0 };
  /** The same ones by the venue's ids: `fillKey`. */
  readonly fillKeys = new Set<string>();

  onAudit(audit: Audit): void {
    this.actions += audit.approved.filter(
      ({ kind }) => kind !== "readMargin" && kind !== "reconcile",
    ).length;
    if (audit.event.kind === "outcome")
      for (const outcome of audit.event.outcomes) this.#count(outcome);
    if (audit.event.kind !== "fill" || audit.before.ledger === audit.after.ledger) return;
    const { fill } = audit.event;
    this.fills.count++;
    this.fillKeys.add(fillKey(fill));
    if (fill.taker) this.fills.taker++;
    else this.fills.maker++;
    this.fills.notionalMicroUsd += fill.pxTicks * fill.sizeLots;
  }

  #count(outcome: CommandOutcome): void {
    switch (outcome.result) {
      case "resting":
      case "filled":
        if (outcome.op === "place") this.placed++;
        else this.modified++;
        break;
      case "cancelled":
        this.cancelled++;
        break;
      case "rejected": {
        const reason = rejectionOf(outcome.text);
        this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
        break;
      }
      case "neverActed":
        this.rejected["expired unanswered"] = (this.rejected["expired unanswered"] ?? 0) + 1;
        break;
      case "unresolved":
        break;
    }
  }
}

/** What tells fills apart: two sides of one trade share its id. */
export function fillKey({ tid, oid }: { readonly tid: number; readonly oid: number }): string {
  return `${tid}:${oid}`;
}

/** The venue's text without the figures that differ from order to order. */
function rejectionOf(text: string): string {
  return text
    .replace(/ asset=\d+$/, "")
    .replace(/, bbo was .*$/, "")
    .replace(/0x[0-9a-f]+|\d[\d.]*/gi, "#");
}
