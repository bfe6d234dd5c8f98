/**
 * Marks of fills, as paths in a box from -1 to 1 with the point upwards: what was bought points up, what was sold down.
 * The form says how the price of the order was found.
 */
export const MARKERS = {
  ladder: { path: "M0-1L1 .9L-1 .9Z", hollow: false, word: "ladder" },
  queue: { path: "M0-1L1 0L.4 0L.4 1L-.4 1L-.4 0L-1 0Z", hollow: false, word: "thin queue" },
  gap: { path: "M0-1L1 .9L0 .35L-1 .9Z", hollow: false, word: "gap" },
  reduce: {
    path: "M-1-1L1-1L1-.6L.35-.6L1 .9L-1 .9L-.35-.6L-1-.6Z",
    hollow: false,
    word: "reduce",
  },
  taker: { path: "M0-1L1 .9L-1 .9Z", hollow: true, word: "taker" },
} as const;
export type MarkerName = keyof typeof MARKERS;

/** The mark of a cause of a fill; one without a record looks like the ladder's. */
export function markerOf(cause: string): MarkerName {
  if (cause === "queue" || cause === "gap" || cause === "reduce" || cause === "taker") return cause;
  return cause === "flatten" ? "reduce" : "ladder";
}
