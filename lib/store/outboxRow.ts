import { z } from "zod";
import { DatabaseError } from "./errors.ts";
import type { OutboxStatus } from "./tables.ts";
import type { PlannedBatch } from "../messages/audit.ts";
import type { CommandOutcome } from "../messages/events.ts";

/** A batch as the outbox holds it. */
export type StoredBatch = PlannedBatch & {
  readonly status: OutboxStatus;
  readonly causeSeq: number;
  readonly sentMs: number | null;
};

/** The last word on a batch: it acted in part or whole, it may have acted, it was refused, or it never acted. */
export function statusOf(outcomes: readonly CommandOutcome[]): OutboxStatus {
  const results = new Set(outcomes.map(({ result }) => result));
  if (results.has("unresolved")) return "unresolved";
  if (results.has("resting") || results.has("filled") || results.has("cancelled"))
    return "confirmed";
  return results.has("rejected") ? "rejected" : "expired";
}

const Commands = z.array(
  z.discriminatedUnion("kind", [
    z.looseObject({ kind: z.literal("place"), cloid: z.string(), pxTicks: z.int() }),
    z.looseObject({ kind: z.literal("modify"), cloid: z.string(), replaces: z.string() }),
    z.looseObject({ kind: z.literal("cancel"), cloid: z.string() }),
    z.looseObject({ kind: z.literal("cancelOid"), oid: z.int() }),
  ]),
);

const Row = z.object({
  nonce: z.int(),
  cause_seq: z.int(),
  lane: z.enum(["urgent", "quotes"]),
  kind: z.enum(["place", "modify", "cancel", "cancelOid"]),
  body: z.string(),
  expires_ms: z.int().nullable(),
  status: z.enum(["pending", "sent", "confirmed", "rejected", "unresolved", "expired"]),
  sent_ms: z.int().nullable(),
});

/** @throws DatabaseError when the row is not what the store writes. */
export function parseBatch(row: Record<string, unknown>, label: string): StoredBatch {
  const parsed = Row.safeParse(row);
  if (!parsed.success) throw damaged(row, label, parsed.error);
  const { data } = parsed;
  return {
    nonce: data.nonce,
    causeSeq: data.cause_seq,
    lane: data.lane,
    kind: data.kind,
    commands: parseCommands(data.body, row, label),
    expiresMs: data.expires_ms,
    status: data.status,
    sentMs: data.sent_ms,
  };
}

/** What the risk check approved before it was stored is still approved. */
function parseCommands(
  body: string,
  row: Record<string, unknown>,
  label: string,
): PlannedBatch["commands"] {
  try {
    return Commands.parse(JSON.parse(body)) as unknown as PlannedBatch["commands"];
  } catch (cause) {
    throw damaged(row, label, cause);
  }
}

function damaged(row: Record<string, unknown>, label: string, cause: unknown): DatabaseError {
  return new DatabaseError(
    `the outbox row with nonce ${String(row["nonce"])} in "${label}" is damaged`,
    { cause },
  );
}
