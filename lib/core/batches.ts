import type { Lane, PlannedBatch } from "../messages/audit.ts";
import type { Approved, OrderCommand } from "../messages/commands.ts";
import type { Params } from "../messages/params.ts";

type Group = { readonly lane: Lane; readonly fits: (command: OrderCommand) => boolean };

/**
 * One signed action carries one kind; and an immediate order never shares an action with post-only ones, because the
 * venue would process the whole action in its slowest class (order-book: cancels and post-only go first).
 * Sending order: what gets us out, then replacements, then new quotes.
 */
const GROUPS: readonly Group[] = [
  { lane: "urgent", fits: (command) => command.kind === "cancel" },
  { lane: "urgent", fits: (command) => command.kind === "cancelOid" },
  { lane: "urgent", fits: (command) => isOrder(command, "place", true, "Ioc") },
  { lane: "urgent", fits: (command) => isOrder(command, "modify", true, "Alo") },
  { lane: "urgent", fits: (command) => isOrder(command, "place", true, "Alo") },
  { lane: "quotes", fits: (command) => isOrder(command, "modify", false, "Alo") },
  { lane: "quotes", fits: (command) => isOrder(command, "place", false, "Alo") },
  { lane: "quotes", fits: (command) => isOrder(command, "place", false, "Ioc") },
  { lane: "urgent", fits: (command) => isOrder(command, "modify", true, "Ioc") },
  { lane: "quotes", fits: (command) => isOrder(command, "modify", false, "Ioc") },
];

function isOrder(
  command: OrderCommand,
  kind: "place" | "modify",
  reduceOnly: boolean,
  tif: "Alo" | "Ioc",
): boolean {
  return command.kind === kind && command.reduceOnly === reduceOnly && command.tif === tif;
}

function isOrderCommand(command: Approved): command is Approved<OrderCommand> {
  return command.kind !== "readMargin" && command.kind !== "reconcile";
}

function expiryMs(commands: readonly OrderCommand[]): number | null {
  let soonest: number | null = null;
  for (const command of commands) {
    if (command.kind !== "place" && command.kind !== "modify") continue;
    soonest = Math.min(soonest ?? command.expiresMs, command.expiresMs);
  }
  return soonest;
}

/**
 * Cuts approved order commands into signed actions of at most `batchSize` commands, in sending order, with
 * a fresh nonce each. Reads are left out.
 * A batch expires with the first of its orders; cancels never do.
 */
export function planBatches(
  approved: readonly Approved[],
  nextNonce: () => number,
  params: Params,
): PlannedBatch[] {
  const commands = approved.filter(isOrderCommand);
  const batches: PlannedBatch[] = [];
  for (const group of GROUPS) {
    const members = commands.filter(group.fits);
    for (let from = 0; from < members.length; from += params.batchSize) {
      const batch = members.slice(from, from + params.batchSize);
      const kind = batch[0]?.kind;
      if (kind === undefined) continue;
      batches.push({
        nonce: nextNonce(),
        lane: group.lane,
        kind,
        commands: batch,
        expiresMs: expiryMs(batch),
      });
    }
  }
  return batches;
}
