import type { PlannedBatch } from "../messages/audit.ts";
import type { CommandOutcome } from "../messages/events.ts";
import type { MarketSpec } from "../messages/market.ts";
import { ms, pxTicks, sizeLots } from "../units/numbers.ts";
import { parseOutcomes } from "./outcomes.ts";
import { signedBody } from "./signedRequest.ts";
import type { Signer } from "./signedRequest.ts";
import { buildAction, rejectAll, unresolvedAll } from "./submit.ts";
import type { HttpAnswer } from "./transport.ts";
import type { Approved, PlaceCommand } from "../messages/commands.ts";
import { messageOf } from "../units/messageOf.ts";

/** One batch, sent: what became of it and how long its parts took, in milliseconds with a fraction. */
export type SentBatch = {
  readonly outcomes: readonly CommandOutcome[];
  /** Building, hashing, signing and writing the request. */
  readonly signMs: number;
  /** From the post to the answer; null when nothing was posted. */
  readonly roundTripMs: number | null;
};

/** What sending needs beside the batch. */
export type BatchSender = {
  readonly spec: MarketSpec;
  readonly signer: Signer;
  /** Posts to `/exchange`. Rejects when there is no answer. */
  readonly post: (body: string) => Promise<HttpAnswer>;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
};

/**
 * Builds, signs, posts and reads one batch. Never throws: what could not be built was not sent and is rejected, what got
 * no answer is unresolved.
 */
export async function sendBatch(batch: PlannedBatch, sender: BatchSender): Promise<SentBatch> {
  const startMs = sender.nowMs();
  let body: string;
  try {
    const action = buildAction(batch, sender.spec);
    body = signedBody(action, batch.nonce, batch.expiresMs, sender.signer);
  } catch (error) {
    const outcomes = rejectAll(batch, `not sent: ${message(error)}`);
    return { outcomes, signMs: sender.nowMs() - startMs, roundTripMs: null };
  }
  const postMs = sender.nowMs();
  const signMs = postMs - startMs;
  try {
    const answer = await sender.post(body);
    const roundTripMs = sender.nowMs() - postMs;
    return { outcomes: parseOutcomes(batch, answer.status, answer.text), signMs, roundTripMs };
  } catch (error) {
    const outcomes = unresolvedAll(batch, message(error));
    return { outcomes, signMs, roundTripMs: sender.nowMs() - postMs };
  }
}

function message(error: unknown): string {
  return messageOf(error);
}

/**
 * Signs dummies so that the first real batch meets compiled code: a cold thread needs about a hundred signatures for
 * that. Nothing is sent.
 */
export function warmSigning(spec: MarketSpec, signer: Signer, signatures: number): void {
  const command: PlaceCommand = {
    kind: "place",
    cloid: `0x${"0".repeat(32)}`,
    side: "bid",
    pxTicks: pxTicks(100_000),
    sizeLots: sizeLots(1),
    tif: "Alo",
    reduceOnly: false,
    expiresMs: ms(0),
    reason: null,
  };
  const commands = Array.from({ length: 10 }, () => command as Approved<PlaceCommand>);
  const batch: PlannedBatch = { nonce: 0, lane: "quotes", kind: "place", commands, expiresMs: 0 };
  const statuses = commands.map(() => ({ resting: { oid: 1 } }));
  const answer = JSON.stringify({ status: "ok", response: { type: "order", data: { statuses } } });
  for (let i = 0; i < signatures; i++) {
    signedBody(buildAction(batch, spec), i, i, signer);
    parseOutcomes(batch, 200, answer);
  }
}
