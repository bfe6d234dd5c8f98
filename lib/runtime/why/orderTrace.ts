import type { BatchTiming } from "../../messages/events.ts";
import type { OutboxRow, ReadModel } from "../../store/readModel.ts";
import { orderStory } from "./orderStory.ts";
import { commandsOf, eventOf, outcomeOf } from "./stored.ts";

/** One station on the way of an order. */
export type TraceStage = {
  readonly stage:
    | "received"
    | "decided"
    | "checked"
    | "committed"
    | "handed over"
    | "signed and posted"
    | "answered"
    | "acknowledged on the feed";
  /** Milliseconds of the wall since the event was received; null where it was not measured. */
  readonly sinceMs: number | null;
  readonly detail: string;
};

/** The way of one order from the event that caused it to the exchange's word on the stream. */
export type OrderTrace = {
  readonly cloid: string;
  readonly oid: number | null;
  readonly nonce: number;
  /** When the event came in, by the bot's clock. */
  readonly receivedMs: number;
  readonly stages: readonly TraceStage[];
  /** What the stream said of the order, oldest first; times since the event was received. */
  readonly statuses: readonly { readonly status: string; readonly sinceMs: number }[];
  readonly notes: readonly string[];
};

type Sources = {
  readonly cause: { readonly kind: string; readonly id: string; readonly atMs: number };
  readonly sent: OutboxRow;
  readonly answer: {
    readonly atMs: number;
    readonly text: string;
    readonly timing: BatchTiming | null;
  } | null;
  readonly updates: readonly { readonly status: string; readonly atMs: number }[];
  /** Market milliseconds in one of the wall. */
  readonly speed: number;
};

/**
 * @param id the exchange's number or our id
 * @returns null when the action that made the order, or its cause, is not stored (any more)
 */
export function orderTrace(read: ReadModel, id: string | number, speed: number): OrderTrace | null {
  const story = orderStory(read, id);
  const cloid = story?.cloid ?? null;
  if (story === null || cloid === null) return null;
  const sent = read
    .outboxWith(cloid)
    .find((row) =>
      commandsOf(row).some(
        (command) =>
          (command.kind === "place" || command.kind === "modify") && command.cloid === cloid,
      ),
    );
  const causeRow = sent === undefined ? null : read.event(sent.causeSeq);
  if (sent === undefined || causeRow === null) return null;
  const { kind, id: causeId, atMs } = eventOf(causeRow);
  const updates = read.eventsWith(cloid, ["orderUpdate"]).flatMap((row) => {
    const event = eventOf(row);
    if (event.kind !== "orderUpdate" || event.cloid !== cloid) return [];
    return [{ status: event.status, atMs: event.atMs }];
  });
  const sources: Sources = {
    cause: { kind, id: causeId, atMs },
    sent,
    answer: answerTo(read, cloid, sent.nonce),
    updates,
    speed,
  };
  return {
    cloid,
    oid: story.oid,
    nonce: sent.nonce,
    receivedMs: atMs,
    stages: stagesOf(sources),
    statuses: updates.map(({ status, atMs: at }) => ({ status, sinceMs: (at - atMs) / speed })),
    notes: notesOf(sources),
  };
}

function answerTo(read: ReadModel, cloid: string, nonce: number): Sources["answer"] {
  for (const row of read.eventsWith(cloid, ["outcome"])) {
    const event = outcomeOf(row);
    if (event.nonce !== nonce) continue;
    const outcome = event.outcomes.find((one) => one.cloid === cloid);
    if (outcome === undefined) continue;
    const words = "text" in outcome ? `${outcome.result}: ${outcome.text}` : outcome.result;
    return { atMs: event.atMs, text: words, timing: event.timing ?? null };
  }
  return null;
}

function stagesOf({ cause, sent, answer, updates, speed }: Sources): readonly TraceStage[] {
  const timing = answer?.timing ?? null;
  const step = timing?.step ?? null;
  const stages: TraceStage[] = [
    { stage: "received", sinceMs: 0, detail: `${cause.kind} (${cause.id})` },
  ];
  const decided = step === null ? null : step.waitedUs + step.handlerUs;
  const checked = step === null || decided === null ? null : decided + step.riskUs;
  const committed = step === null || checked === null ? null : checked + step.commitUs;
  const taken = committed === null || timing === null ? null : committed + timing.queuedUs;
  const signed = taken === null || timing === null ? null : taken + timing.signUs;
  const { roundTripUs = null } = timing ?? {};
  const answered = signed === null || roundTripUs === null ? null : signed + roundTripUs;
  const waited = step === null ? "" : `waited ${inMs(step.waitedUs)}, then the handler`;
  stages.push(
    { stage: "decided", sinceMs: ms(decided), detail: waited },
    { stage: "checked", sinceMs: ms(checked), detail: "risk, and the plan of the batch" },
    { stage: "committed", sinceMs: ms(committed), detail: `outbox, nonce ${sent.nonce}` },
    { stage: "handed over", sinceMs: ms(taken), detail: `a worker has it (${sent.lane} lane)` },
    { stage: "signed and posted", sinceMs: ms(signed), detail: "" },
  );
  const bookedMs = answer === null ? null : (answer.atMs - cause.atMs) / speed;
  stages.push({
    stage: "answered",
    sinceMs: ms(answered) ?? bookedMs,
    detail: answer?.text ?? `not known (${sent.status})`,
  });
  const [first] = updates;
  if (first !== undefined)
    stages.push({
      stage: "acknowledged on the feed",
      sinceMs: (first.atMs - cause.atMs) / speed,
      detail: first.status,
    });
  return stages;
}

function notesOf({ answer, speed, updates }: Sources): readonly string[] {
  const notes: string[] = [];
  if (answer === null) notes.push("No answer to the batch is stored.");
  else if (answer.timing === null)
    notes.push("The parts of the way were not measured: the answer came by asking the exchange.");
  else if (answer.timing.step === null) notes.push("No step had just made the batch.");
  if (updates.length === 0) notes.push("The stream has not said anything of the order.");
  else notes.push("Times from the stream are known to the millisecond.");
  if (speed !== 1) notes.push(`The market ran at ${speed} times the wall's time.`);
  return notes;
}

function ms(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

function inMs(us: number): string {
  return `${(us / 1000).toFixed(3)} ms`;
}
