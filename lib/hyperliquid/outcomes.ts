import { z } from "zod";
import type { PlannedBatch } from "../messages/audit.ts";
import type { OrderCommand } from "../messages/commands.ts";
import type { CommandOutcome } from "../messages/events.ts";
import { rejectAll, rejected, unresolved, unresolvedAll } from "./submit.ts";

const TEXT_MAX = 300;
/** Parts of signatures, hashes and keys: 32 bytes in hex, also with a leading zero left out. */
const LONG_HEX = /(?:0x)?[0-9a-f]{60,}/gi;

/** Statuses by which the venue, or what stands in front of it, refuses a request before reading the action. */
const REFUSED_UNREAD = new Set([400, 401, 403, 404, 405, 411, 413, 414, 415, 422, 429]);

const Status = z.union([
  z.literal("success"),
  z.object({ error: z.string() }),
  z.object({ resting: z.object({ oid: z.int(), cloid: z.string().nullish() }) }),
  z.object({ filled: z.object({ oid: z.int(), cloid: z.string().nullish() }) }),
  /** Words of the venue for orders that we never send: "waitingForFill", "waitingForTrigger". */
  z.string(),
]);
type Status = z.output<typeof Status>;

const Reply = z.union([
  z.object({ status: z.literal("err"), response: z.string() }),
  z.object({
    status: z.literal("ok"),
    response: z.object({ data: z.object({ statuses: z.array(Status) }) }),
  }),
]);

/**
 * What became of each command of a batch, from the venue's answer.
 *
 * - A refusal of the whole (HTTP 4xx, 429 among them, or `status: "err"`): nothing acted, all are rejected.
 * - A single error for several commands is a fault found before anything was placed: all are rejected.
 * - HTTP 5xx, and any answer that is not understood: unresolved, the venue has to be asked.
 *
 * @param status HTTP status of the answer
 * @param text its body
 * @returns one outcome per command, in the batch's order
 */
export function parseOutcomes(
  batch: PlannedBatch,
  status: number,
  text: string,
): readonly CommandOutcome[] {
  if (REFUSED_UNREAD.has(status)) return rejectAll(batch, `HTTP ${status}: ${excerpt(text)}`);
  if (status !== 200) return unresolvedAll(batch, `HTTP ${status}: ${excerpt(text)}`);
  const reply = Reply.safeParse(json(text));
  if (!reply.success) {
    return unresolvedAll(batch, `an answer that is not understood: ${excerpt(text)}`);
  }
  if (reply.data.status === "err") return refusedWhole(batch, reply.data.response);
  const { statuses } = reply.data.response.data;
  const [only] = statuses;
  if (statuses.length === 1 && batch.commands.length > 1 && isError(only)) {
    return rejectAll(batch, only.error);
  }
  if (statuses.length !== batch.commands.length) {
    const counts = `${statuses.length} answers to ${batch.commands.length} commands`;
    return unresolvedAll(batch, `${counts}: ${excerpt(text)}`);
  }
  return batch.commands.map((command, index) => outcomeOf(command, statuses[index]));
}

/**
 * A repeated nonce is the one refusal that does not mean "did not act": something between us and the venue may have
 * delivered the action twice, and this is the answer to the second delivery.
 */
function refusedWhole(batch: PlannedBatch, text: string): readonly CommandOutcome[] {
  return text.includes("duplicate nonce") ? unresolvedAll(batch, text) : rejectAll(batch, text);
}

function outcomeOf(command: OrderCommand, status: Status | undefined): CommandOutcome {
  if (isError(status)) return rejected(command, status.error);
  if (command.kind === "cancel" || command.kind === "cancelOid") {
    if (status !== "success") return unresolved(command, strange(status));
    const cloid = command.kind === "cancel" ? command.cloid : String(command.oid);
    return { cloid, op: "cancel", result: "cancelled" };
  }
  if (typeof status !== "object") return unresolved(command, strange(status));
  const [result, placed] =
    "resting" in status
      ? (["resting", status.resting] as const)
      : (["filled", status.filled] as const);
  const echoed = placed.cloid?.toLowerCase();
  if (echoed !== undefined && echoed !== command.cloid) {
    return unresolved(command, `the answer names another order: ${strange(status)}`);
  }
  return { cloid: command.cloid, op: command.kind, result, oid: placed.oid };
}

function isError(status: Status | undefined): status is { error: string } {
  return typeof status === "object" && "error" in status;
}

function strange(status: Status | undefined): string {
  return `an answer that is not understood: ${JSON.stringify(status) ?? "none"}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Whoever stands in front of the venue may repeat the request in a refusal: the signature in it is nobody's business. */
function excerpt(text: string): string {
  const unsigned = text.replace(LONG_HEX, "…");
  return unsigned.length > TEXT_MAX ? `${unsigned.slice(0, TEXT_MAX)}…` : unsigned;
}
