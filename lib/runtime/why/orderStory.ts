import type { Happening, OrderStory, SentOrder } from "../../dashboard/stories.ts";
import type { CommandOutcome } from "../../messages/events.ts";
import type { OutboxRow, ReadModel } from "../../store/readModel.ts";
import { commandsOf, eventOf, marketThen, outcomeOf, sentOrder } from "./stored.ts";

const EVERY_FILL = 10_000_000;

/** @param id the exchange's number or our id; @returns null when nothing is known of such an order */
export function orderStory(read: ReadModel, id: string | number): OrderStory | null {
  const cloid = typeof id === "string" ? id : cloidOf(read, id);
  const fills = read
    .fills(0, EVERY_FILL)
    .filter((fill) => (cloid === null ? fill.oid === id : fill.cloid === cloid));
  const rows = cloid === null ? [] : read.outboxWith(cloid);
  const sent = rows
    .map((row) => ({ row, order: orderIn(row, cloid) }))
    .find(({ order }) => order !== null);
  const answers = cloid === null ? [] : answersOf(read, cloid);
  const updates = cloid === null ? [] : updatesOf(read, cloid);
  if (sent === undefined && fills.length === 0 && answers.length === 0 && updates.length === 0)
    return null;
  const order = sent?.order ?? null;
  const causeRow = sent === undefined ? null : read.event(sent.row.causeSeq);
  const cause = causeRow === null ? null : eventOf(causeRow);
  return {
    cloid,
    oid: typeof id === "number" ? id : (fills[0]?.oid ?? oidIn(answers)),
    order,
    cause: cause === null ? null : { kind: cause.kind, atMs: cause.atMs },
    market: cause === null ? null : marketThen(cause),
    distanceBps: order === null ? null : distanceBps(order),
    happenings: [
      ...rows.flatMap((row) => handlings(row, cloid)),
      ...answers.map(({ atMs, outcome }) => ({ atMs, text: answerText(outcome) })),
      ...updates,
    ].toSorted((a, b) => a.atMs - b.atMs),
    fills,
    missing: missingOf(read, sent?.row ?? null, cause !== null),
  };
}

function cloidOf(read: ReadModel, oid: number): string | null {
  const fill = read.fills(0, EVERY_FILL).find((row) => row.oid === oid);
  if (fill !== undefined && fill.cloid !== null) return fill.cloid;
  for (const row of read.eventsWith(`"oid":${oid}`, ["outcome", "orderUpdate"])) {
    const event = eventOf(row);
    if (event.kind === "orderUpdate" && event.oid === oid) return event.cloid;
    if (event.kind !== "outcome") continue;
    for (const outcome of event.outcomes)
      if ("oid" in outcome && outcome.oid === oid) return outcome.cloid;
  }
  return null;
}

function orderIn(row: OutboxRow, cloid: string | null): SentOrder | null {
  for (const command of commandsOf(row)) {
    const order = sentOrder(command);
    if (order !== null && order.cloid === cloid) return order;
  }
  return null;
}

/** What we sent about the order, whether it created, replaced or cancelled it. */
function handlings(row: OutboxRow, cloid: string | null): readonly Happening[] {
  const atMs = row.sentMs ?? row.nonce;
  return commandsOf(row).flatMap((command): readonly Happening[] => {
    const order = sentOrder(command);
    if (order !== null && order.cloid === cloid)
      return [
        {
          atMs,
          text: order.replaces === undefined ? "sent" : `sent, in place of ${order.replaces}`,
        },
      ];
    if (order !== null && order.replaces === cloid)
      return [{ atMs, text: `to be replaced by ${order.cloid}` }];
    if (command.kind === "cancel" && command.cloid === cloid)
      return [{ atMs, text: "cancel sent" }];
    return [];
  });
}

type Answer = { readonly atMs: number; readonly outcome: CommandOutcome };

function answersOf(read: ReadModel, cloid: string): readonly Answer[] {
  return read.eventsWith(cloid, ["outcome"]).flatMap((row) => {
    const { outcomes } = outcomeOf(row);
    return outcomes
      .filter((outcome) => outcome.cloid === cloid)
      .map((outcome) => ({ atMs: row.atMs, outcome }));
  });
}

function oidIn(answers: readonly Answer[]): number | null {
  for (const { outcome } of answers) if ("oid" in outcome) return outcome.oid;
  return null;
}

function answerText(outcome: CommandOutcome): string {
  const word = outcome.op === "cancel" ? "cancel" : "order";
  switch (outcome.result) {
    case "resting":
    case "filled":
    case "cancelled":
      return `answer: ${outcome.result}`;
    case "rejected":
    case "unresolved":
      return `answer to the ${word}: ${outcome.result}, ${outcome.text}`;
    case "neverActed":
      return `the ${word} never acted: the exchange was asked and knows nothing of it`;
  }
}

function updatesOf(read: ReadModel, cloid: string): readonly Happening[] {
  return read.eventsWith(cloid, ["orderUpdate"]).flatMap((row) => {
    const event = eventOf(row);
    if (event.kind !== "orderUpdate" || event.cloid !== cloid) return [];
    return [{ atMs: row.atMs, text: `the exchange says: ${event.status}` }];
  });
}

function distanceBps({ side, pxTicks, reason }: SentOrder): number | null {
  if (reason === null) return null;
  return ((side === "bid" ? 1 : -1) * 1e4 * (reason.fairTicks - pxTicks)) / reason.fairTicks;
}

function missingOf(read: ReadModel, sent: OutboxRow | null, hasCause: boolean): readonly string[] {
  const oldest = read.oldestEvent();
  const since = oldest === null ? "nothing is kept" : `kept are those since event ${oldest.seq}`;
  if (sent === null)
    return ["The action that placed it is no longer stored, and with it the reason for its price."];
  if (!hasCause)
    return [`The event that caused it (number ${sent.causeSeq}) has been pruned: ${since}.`];
  return [];
}
