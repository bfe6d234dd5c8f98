import type { ActivityRow, FillRow } from "../../store/readModel.ts";

export type PlacementRow = {
  readonly placement: string;
  /** Orders that left, that the exchange took, that it refused. */
  readonly sent: number;
  readonly rested: number;
  readonly rejected: number;
  readonly fills: number;
  /** Orders that traded at least once. */
  readonly filledOrders: number;
  /** Filled orders of those that rested; null when none did. */
  readonly fillRate: number | null;
  readonly notionalMicroUsd: number;
};

/** Placements that choose their price by reading the book; the others follow the ladder or take the position down. */
export const SMART_PLACEMENTS: ReadonlySet<string> = new Set(["gap", "queue"]);

export function placementsOf(
  fills: readonly FillRow[],
  activity: readonly ActivityRow[],
): readonly PlacementRow[] {
  const names = new Set([
    ...fills.map(({ placement }) => placement ?? "unknown"),
    ...activity.flatMap(({ kind, placement }) =>
      kind === "cancel" ? [] : [placement || "unknown"],
    ),
  ]);
  return [...names].toSorted().map((placement) => {
    const own = fills.filter((fill) => (fill.placement ?? "unknown") === placement);
    const count = (kind: ActivityRow["kind"]): number =>
      sum(
        activity.filter((row) => row.kind === kind && (row.placement || "unknown") === placement),
      );
    const rested = count("rested");
    const filledOrders = new Set(own.map(({ oid }) => oid)).size;
    return {
      placement,
      sent: count("sent"),
      rested,
      rejected: count("rejected"),
      fills: own.length,
      filledOrders,
      fillRate: rested === 0 ? null : filledOrders / rested,
      notionalMicroUsd: own.reduce((total, fill) => total + fill.pxTicks * fill.sizeLots, 0),
    };
  });
}

function sum(rows: readonly ActivityRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

/** Actions as the exchange's budget counts them: every order and every cancel. */
export function actionsOf(activity: readonly ActivityRow[]): number {
  return sum(activity.filter(({ kind }) => kind === "sent" || kind === "cancel"));
}
