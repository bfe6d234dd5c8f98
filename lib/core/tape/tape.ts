import type { Side } from "../../units/grid.ts";

/** What a row of a tape says. The numbers are part of the file format. */
export const RowKind = { depth: 0, touch: 1, print: 2, gap: 3, oracle: 4 } as const;
export type RowKindName = keyof typeof RowKind;

/** Levels per side that a depth row may have: what the venue sends. */
export const MAX_LEVELS = 20;

/** Longest receive lag that fits the format, ms. */
export const MAX_LAG_MS = 2 ** 31 - 1;

/**
 * Rows of recorded market data as columns (Structure of Arrays), in time order. All numbers are whole.
 *
 * | kind   | side      | px     | lots                      | levels |
 * | depth  | -         | -      | -                         | whole visible depth |
 * | touch  | -         | -      | -                         | best level of each side, if any |
 * | print  | aggressor | price  | size                      | - |
 * | gap    | -         | -      | length of the hole, ms    | - |
 * | oracle | -         | price  | -                         | - |
 */
export type TapeBlock = {
  readonly rows: number;
  /** Milliseconds since the Unix epoch, on the clock that the header names. */
  readonly timeMs: Float64Array;
  /** Receive time minus `timeMs`; zeros when the header names no receive clock. */
  readonly lagMs: Int32Array;
  readonly kind: Uint8Array;
  /** 0 bid, 1 ask. */
  readonly side: Uint8Array;
  readonly px: Float64Array;
  readonly lots: Float64Array;
  /** Levels of row i are levelFrom[i] to levelFrom[i + 1]: bids first, best first, then asks. */
  readonly levelFrom: Uint32Array;
  readonly bidCount: Uint8Array;
  readonly levelPx: Float64Array;
  readonly levelLots: Float64Array;
};

export type TapeGap = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Why the book was not known, where that was recorded. */
  readonly reason?: string;
};

/** What is said about a recording before its first row. */
export type TapeSubject = {
  /** Where the data came from and under which licence, as words. */
  readonly source: string;
  readonly licence: string;
  readonly coin: string;
  readonly szDecimals: number;
  /** Which clock `timeMs` is, and how rows of equal time are ordered. */
  readonly clock: string;
  /** Which clock the lag was measured with; null when it was not recorded. */
  readonly receiveClock: string | null;
};

export type TapeCoverage = {
  readonly blocks: number;
  readonly rows: number;
  readonly rowsByKind: { readonly [kind in RowKindName]: number };
  /** Time of the first and last row; null on an empty tape. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Stretches in which the book is not known. */
  readonly gaps: readonly TapeGap[];
};

export type TapeHeader = TapeSubject & TapeCoverage & { readonly format: number };

/** A recording that can be read from its start any number of times. */
export interface TapeSource {
  readonly header: TapeHeader;
  blocks(): Iterable<TapeBlock>;
}

export function sideCode(side: Side): 0 | 1 {
  return side === "bid" ? 0 : 1;
}

export function sideOfCode(code: number): Side {
  return code === 0 ? "bid" : "ask";
}
