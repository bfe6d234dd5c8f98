import type { CommandOutcome } from "../messages/events.ts";
import type { OwnFill } from "../messages/orders.ts";
import { ms } from "../units/numbers.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";
import type { AccountInfo } from "./infoClient.ts";
import type { OrderStatusAnswer } from "./schemas/account.ts";

/** A command that was sent, or may have been, and got no answer. */
export type UnresolvedCommand = {
  /** Cloid, or for a cancel by oid the oid in decimal digits: as the outcome named it. */
  readonly cloid: string;
  readonly op: CommandOutcome["op"];
  readonly sentMs: Ms;
  /** When the venue refuses it. Null: it may act at any time. */
  readonly expiresMs: Ms | null;
};

export type ResolveTimings = {
  /** The venue may not know a cloid for this long after it acted on it (measured: up to 1.1 s). */
  readonly transientMs: number;
  /** Past the expiry by this much, clocks and commit included, an action cannot act any more. */
  readonly expiryGraceMs: number;
  readonly pollMs: number;
};

const RESOLVE_TIMINGS: ResolveTimings = {
  transientMs: 1500,
  expiryGraceMs: 1500,
  pollMs: 500,
};

/** The venue's own words for a cancel that finds nothing. */
const NOTHING_TO_CANCEL = "Order was never placed, already canceled, or filled.";

/** Fills are asked for from a little before the send: the two clocks need not agree. */
const FILLS_BEFORE_MS = 5000;

export type ResolveInfo = Pick<AccountInfo, "fillsSince" | "orderStatus">;

/**
 * Asks the venue what became of commands without an answer, until each is known: fills first, as `orderStatus` forgets
 * old orders, then the order's status. An order that the venue does not know counts as never acted only when it has
 * expired and the time in which a fresh order may be unknown has passed.
 *
 * @returns one outcome per command; "unresolved" only for a place without expiry that the venue does not know
 * @throws what `info` throws: ask again later
 */
export async function resolveCommands(
  commands: readonly UnresolvedCommand[],
  info: ResolveInfo,
  clock: Clock,
  timings: ResolveTimings = RESOLVE_TIMINGS,
): Promise<readonly CommandOutcome[]> {
  const outcomes = new Map<UnresolvedCommand, CommandOutcome>();
  for (;;) {
    // The verdict "unknown" may only rest on what was asked after the deadline.
    const askedMs = clock.nowMs();
    const open = commands.filter((command) => !outcomes.has(command));
    if (open.length === 0) break;
    const since = Math.min(...open.map((command) => command.sentMs));
    const fills = await info.fillsSince(ms(Math.max(0, since - FILLS_BEFORE_MS)));
    for (const command of open) {
      const status = await info.orderStatus(orderId(command));
      const final = askedMs >= deadlineMs(command, timings);
      const outcome = verdict(command, status, fills, final);
      if (outcome !== null) outcomes.set(command, outcome);
    }
    if (outcomes.size < commands.length) await sleep(clock, timings.pollMs);
  }
  return commands.flatMap((command) => outcomes.get(command) ?? []);
}

/** Before this, "unknown" proves nothing. */
function deadlineMs(command: UnresolvedCommand, timings: ResolveTimings): number {
  const visible = command.sentMs + timings.transientMs;
  return command.op === "cancel" || command.expiresMs === null
    ? visible
    : Math.max(visible, command.expiresMs + timings.expiryGraceMs);
}

function orderId(command: UnresolvedCommand): string | number {
  return command.cloid.startsWith("0x") ? command.cloid : Number(command.cloid);
}

/** @returns null while it may still turn out either way */
function verdict(
  command: UnresolvedCommand,
  status: OrderStatusAnswer,
  fills: readonly OwnFill[],
  final: boolean,
): CommandOutcome | null {
  return command.op === "cancel"
    ? cancelVerdict(command.cloid, status, fills, final)
    : placeVerdict(command.cloid, command.op, command.expiresMs, status, fills, final);
}

function placeVerdict(
  cloid: string,
  op: "place" | "modify",
  expiresMs: Ms | null,
  status: OrderStatusAnswer,
  fills: readonly OwnFill[],
  final: boolean,
): CommandOutcome | null {
  if (status !== null) {
    const { oid } = status;
    if (status.status === "open") return { cloid, op, result: "resting", oid };
    if (status.status === "filled") return { cloid, op, result: "filled", oid };
    return { cloid, op, result: "rejected", text: status.status };
  }
  const fill = fills.find((item) => item.cloid === cloid);
  // Filled, and its status already forgotten or not yet there: only at the end is it sure that nothing rests.
  if (fill !== undefined) return final ? { cloid, op, result: "filled", oid: fill.oid } : null;
  if (!final) return null;
  return expiresMs === null
    ? { cloid, op, result: "unresolved", text: "unknown to the venue, and it does not expire" }
    : { cloid, op, result: "neverActed" };
}

/** A cancel has no deadline, so an order that is still open means: it did not act so far, send it again. */
function cancelVerdict(
  cloid: string,
  status: OrderStatusAnswer,
  fills: readonly OwnFill[],
  final: boolean,
): CommandOutcome | null {
  const op = "cancel";
  if (status === null) {
    if (!final) return null;
    const filled = fills.some((fill) => fill.cloid === cloid || String(fill.oid) === cloid);
    const detail = filled ? "filled" : "unknownOid";
    return { cloid, op, result: "rejected", text: `${NOTHING_TO_CANCEL} (${detail})` };
  }
  if (status.status === "open") return final ? { cloid, op, result: "neverActed" } : null;
  if (status.status === "filled" || status.status.endsWith("ejected")) {
    return { cloid, op, result: "rejected", text: `${NOTHING_TO_CANCEL} (${status.status})` };
  }
  return { cloid, op, result: "cancelled" };
}

function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(ms(clock.nowMs() + delayMs), resolve);
  });
}
