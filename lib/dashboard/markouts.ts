import { MARKOUT_SECONDS } from "../messages/state.ts";
import type { MarkoutCell } from "../messages/state.ts";
import type { MarkoutPoint } from "./types.ts";

/** Means and their errors, by side, kind, cause and horizon. Every fill counts alike. */
export function markoutPoints(cells: readonly MarkoutCell[]): readonly MarkoutPoint[] {
  return cells
    .filter(({ fills }) => fills > 0)
    .map((cell) => ({ ...keyOf(cell), ...meanOf([cell]) }))
    .toSorted(
      (a, b) =>
        a.side.localeCompare(b.side) ||
        a.kind.localeCompare(b.kind) ||
        a.cause.localeCompare(b.cause) ||
        a.seconds - b.seconds,
    );
}

function keyOf({
  side,
  kind,
  cause = "unknown",
  seconds,
}: MarkoutCell): Pick<MarkoutPoint, "side" | "kind" | "cause" | "seconds"> {
  return { side, kind, cause, seconds };
}

type Sums = Pick<MarkoutCell, "fills" | "bps" | "bpsSquared">;

function meanOf(cells: readonly Sums[]): Pick<MarkoutPoint, "fills" | "meanBps" | "errorBps"> {
  const sum = (name: keyof Sums): number => cells.reduce((total, cell) => total + cell[name], 0);
  const fills = sum("fills");
  const meanBps = sum("bps") / fills;
  if (fills < 2) return { fills, meanBps, errorBps: null };
  const variance = Math.max(0, (sum("bpsSquared") - fills * meanBps * meanBps) / (fills - 1));
  return { fills, meanBps, errorBps: Math.sqrt(variance / fills) };
}

export type MarkoutGroup = Pick<MarkoutPoint, "side" | "kind" | "cause" | "fills"> & {
  /** One per horizon; null where no fill is old enough. */
  readonly means: readonly (number | null)[];
};

/** One row per side, kind and cause. @param points as `markoutPoints` sorts them */
export function markoutGroups(points: readonly MarkoutPoint[]): readonly MarkoutGroup[] {
  const groups = Map.groupBy(points, ({ side, kind, cause }) => `${side} ${kind} ${cause}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { side, kind, cause } = first;
    const fills = Math.max(...group.map((point) => point.fills));
    const means = MARKOUT_SECONDS.map(
      (seconds) => group.find((point) => point.seconds === seconds)?.meanBps ?? null,
    );
    return [{ side, kind, cause, fills, means }];
  });
}

/** All kinds of a side taken together, one point per horizon. */
export function markoutCurve(
  points: readonly MarkoutPoint[],
  side: MarkoutPoint["side"],
): readonly MarkoutPoint[] {
  const bySeconds = Map.groupBy(
    points.filter((point) => point.side === side),
    ({ seconds }) => seconds,
  );
  return [...bySeconds]
    .toSorted(([a], [b]) => a - b)
    .map(([seconds, group]) => ({
      side,
      kind: "all",
      cause: "all",
      seconds,
      ...meanOf(group.map(sumsOf)),
    }));
}

/** The sums that a mean and its error were made of. */
function sumsOf({ fills, meanBps, errorBps }: MarkoutPoint): Sums {
  const variance = (errorBps ?? 0) ** 2 * fills;
  return {
    fills,
    bps: meanBps * fills,
    bpsSquared: variance * (fills - 1) + fills * meanBps * meanBps,
  };
}
