import type { PlannedBatch } from "../messages/audit.ts";
import type { OrderCommand, PlaceCommand } from "../messages/commands.ts";
import type { CommandOutcome } from "../messages/events.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Cloid } from "../messages/orders.ts";
import { assert } from "../units/assert.ts";
import { formatPx, formatSize } from "../units/decimal.ts";

/** The venue's limit on items in one action. */
const ITEMS_MAX = 200;

/** Key order is the venue's canonical one: the action is hashed as it is written. */
type WireOrder = {
  readonly a: number;
  readonly b: boolean;
  readonly p: string;
  readonly s: string;
  readonly r: boolean;
  readonly t: { readonly limit: { readonly tif: "Alo" | "Ioc" } };
  readonly c: Cloid;
};

export type WireAction =
  | { readonly type: "order"; readonly orders: readonly WireOrder[]; readonly grouping: "na" }
  | {
      readonly type: "batchModify";
      readonly modifies: readonly { readonly oid: Cloid; readonly order: WireOrder }[];
      /** "Always place": needed for anything but post-only orders, left out otherwise. */
      readonly a?: true;
    }
  | {
      readonly type: "cancelByCloid";
      readonly cancels: readonly { readonly asset: number; readonly cloid: Cloid }[];
    }
  | {
      readonly type: "cancel";
      readonly cancels: readonly { readonly a: number; readonly o: number }[];
    };

type Op = CommandOutcome["op"];

/** How an outcome names its command: the cloid, or for an order known by oid only the oid in decimal digits. */
export function outcomeKey(command: OrderCommand): string {
  return command.kind === "cancelOid" ? String(command.oid) : command.cloid;
}

/** What an outcome says was asked for. */
export function outcomeOp(command: OrderCommand): Op {
  return command.kind === "cancelOid" ? "cancel" : command.kind;
}

/**
 * The action of a batch, in the venue's key order.
 * @throws AssertionError for an empty, oversized or mixed batch.
 */
export function buildAction(batch: PlannedBatch, spec: MarketSpec): WireAction {
  const count = batch.commands.length;
  assert(count > 0 && count <= ITEMS_MAX, `a batch has 1 to ${ITEMS_MAX} commands, got ${count}`);
  switch (batch.kind) {
    case "place":
      return {
        type: "order",
        orders: ofKind(batch, "place").map((command) => wireOrder(command, spec)),
        grouping: "na",
      };
    case "modify": {
      const commands = ofKind(batch, "modify");
      const modifies = commands.map((command) => ({
        oid: command.replaces,
        order: wireOrder(command, spec),
      }));
      const postOnly = commands.every((command) => command.tif === "Alo");
      return { type: "batchModify", modifies, ...(postOnly ? {} : { a: true }) };
    }
    case "cancel":
      return {
        type: "cancelByCloid",
        cancels: ofKind(batch, "cancel").map(({ cloid }) => ({ asset: spec.assetId, cloid })),
      };
    case "cancelOid":
      return {
        type: "cancel",
        cancels: ofKind(batch, "cancelOid").map(({ oid }) => ({ a: spec.assetId, o: oid })),
      };
  }
}

function ofKind<K extends OrderCommand["kind"]>(
  batch: PlannedBatch,
  kind: K,
): readonly Extract<OrderCommand, { kind: K }>[] {
  return batch.commands.map((command) => {
    assert(command.kind === kind, `a batch of ${kind} holds no ${command.kind}`);
    return command as unknown as Extract<OrderCommand, { kind: K }>;
  });
}

function wireOrder(command: Omit<PlaceCommand, "kind">, spec: MarketSpec): WireOrder {
  return {
    a: spec.assetId,
    b: command.side === "bid",
    p: formatPx(command.pxTicks, spec.szDecimals),
    s: formatSize(command.sizeLots, spec.szDecimals),
    r: command.reduceOnly,
    t: { limit: { tif: command.tif } },
    c: command.cloid,
  };
}

/** Nothing of the batch acted: every command is rejected. */
export function rejectAll(batch: PlannedBatch, text: string): CommandOutcome[] {
  return batch.commands.map((command) => rejected(command, text));
}

/** Whether the batch acted is not known: the venue has to be asked. */
export function unresolvedAll(batch: PlannedBatch, text: string): CommandOutcome[] {
  return batch.commands.map((command) => unresolved(command, text));
}

export function rejected(command: OrderCommand, text: string): CommandOutcome {
  return { cloid: outcomeKey(command), op: outcomeOp(command), result: "rejected", text };
}

export function unresolved(command: OrderCommand, text: string): CommandOutcome {
  return { cloid: outcomeKey(command), op: outcomeOp(command), result: "unresolved", text };
}
