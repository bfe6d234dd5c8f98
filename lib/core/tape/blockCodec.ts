import { assert } from "../../units/assert.ts";
import { ByteReader, BytesError, ByteWriter } from "./bytes.ts";
import { MAX_LEVELS, RowKind } from "./tape.ts";
import type { TapeBlock } from "./tape.ts";

/**
 * A block of rows as bytes, column after column, each with its length in front. Neighbouring values are stored as
 * differences: times, receive lags, prices of prints and oracles, the best price of each side; deeper levels as the
 * distance from the one before. What is left is small numbers in a row, which a general compressor makes smaller still.
 */
const COLUMNS = 8;

/** Pure; the same block gives the same bytes. */
export function encodeBlock(block: TapeBlock): Uint8Array<ArrayBuffer> {
  const columns = Array.from({ length: COLUMNS }, () => new ByteWriter());
  const [time, lag, tag, px, lots, counts, levelPx, levelLots] = columns;
  assert(
    !!time && !!lag && !!tag && !!px && !!lots && !!counts && !!levelPx && !!levelLots,
    `there are ${COLUMNS} columns`,
  );
  const last = { timeMs: 0, lagMs: 0, px: 0, best: [0, 0] };
  for (let row = 0; row < block.rows; row++) {
    const kind = at(block.kind, row);
    time.unsigned(at(block.timeMs, row) - last.timeMs);
    last.timeMs = at(block.timeMs, row);
    lag.signed(at(block.lagMs, row) - last.lagMs);
    last.lagMs = at(block.lagMs, row);
    tag.byte(kind * 2 + at(block.side, row));
    if (kind === RowKind.print || kind === RowKind.oracle) {
      px.signed(at(block.px, row) - last.px);
      last.px = at(block.px, row);
    }
    if (kind === RowKind.print || kind === RowKind.gap) lots.unsigned(at(block.lots, row));
    if (kind !== RowKind.depth && kind !== RowKind.touch) continue;
    const from = at(block.levelFrom, row);
    const end = at(block.levelFrom, row + 1);
    const bids = at(block.bidCount, row);
    counts.byte(bids);
    counts.byte(end - from - bids);
    for (let i = from; i < end; i++) {
      const side = i < from + bids ? 0 : 1;
      if (i === from || i === from + bids) {
        levelPx.signed(at(block.levelPx, i) - (last.best[side] ?? 0));
        last.best[side] = at(block.levelPx, i);
      } else levelPx.unsigned(Math.abs(at(block.levelPx, i) - at(block.levelPx, i - 1)));
      levelLots.unsigned(at(block.levelLots, i));
    }
  }
  return joinColumns(columns, block);
}

/**
 * Undoes `encodeBlock`.
 * @throws BytesError when the bytes are no block.
 */
export function decodeBlock(bytes: Uint8Array): TapeBlock {
  const reader = new ByteReader(bytes);
  const rows = reader.unsigned();
  const levels = reader.unsigned();
  if (rows > bytes.length || levels > bytes.length)
    throw new BytesError(`${rows} rows and ${levels} levels do not fit in ${bytes.length} bytes`);
  const columns = Array.from({ length: COLUMNS }, () => reader.section(reader.unsigned()));
  reader.expectEnd();
  const block = emptyBlock(rows, levels);
  const used = fillRows(block, columns, levels);
  if (used !== levels) throw new BytesError(`${levels} levels announced, ${used} found`);
  for (const column of columns) column.expectEnd();
  return block;
}

function joinColumns(columns: readonly ByteWriter[], block: TapeBlock): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.unsigned(block.rows);
  out.unsigned(block.levelPx.length);
  for (const column of columns) {
    out.unsigned(column.length);
    out.append(column.finish());
  }
  return out.finish();
}

function emptyBlock(rows: number, levels: number): TapeBlock {
  return {
    rows,
    timeMs: new Float64Array(rows),
    lagMs: new Int32Array(rows),
    kind: new Uint8Array(rows),
    side: new Uint8Array(rows),
    px: new Float64Array(rows),
    lots: new Float64Array(rows),
    levelFrom: new Uint32Array(rows + 1),
    bidCount: new Uint8Array(rows),
    levelPx: new Float64Array(levels),
    levelLots: new Float64Array(levels),
  };
}

function fillRows(block: TapeBlock, columns: readonly ByteReader[], levels: number): number {
  const [time, lag, tag, px, lots, counts, levelPx, levelLots] = columns;
  assert(
    !!time && !!lag && !!tag && !!px && !!lots && !!counts && !!levelPx && !!levelLots,
    `there are ${COLUMNS} columns`,
  );
  const last = { timeMs: 0, lagMs: 0, px: 0, best: [0, 0] };
  let level = 0;
  for (let row = 0; row < block.rows; row++) {
    last.timeMs += time.unsigned();
    last.lagMs += lag.signed();
    block.timeMs[row] = last.timeMs;
    block.lagMs[row] = last.lagMs;
    const kindAndSide = tag.byte();
    const kind = kindAndSide >> 1;
    block.kind[row] = kind;
    block.side[row] = kindAndSide & 1;
    if (kind > RowKind.oracle) throw new BytesError(`unknown kind of row ${kind}`);
    if (kind === RowKind.print || kind === RowKind.oracle) {
      last.px += px.signed();
      block.px[row] = last.px;
    }
    if (kind === RowKind.print || kind === RowKind.gap) block.lots[row] = lots.unsigned();
    if (kind === RowKind.depth || kind === RowKind.touch) {
      const bids = counts.byte();
      const end = level + bids + counts.byte();
      if (end > levels || end - level > 2 * MAX_LEVELS)
        throw new BytesError(`row ${row} has ${end - level} levels, ${levels - level} are left`);
      block.bidCount[row] = bids;
      for (const from = level; level < end; level++) {
        const side = level < from + bids ? 0 : 1;
        let value: number;
        if (level === from || level === from + bids) {
          value = (last.best[side] ?? 0) + levelPx.signed();
          last.best[side] = value;
        } else value = at(block.levelPx, level - 1) + (side === 0 ? -1 : 1) * levelPx.unsigned();
        block.levelPx[level] = value;
        block.levelLots[level] = levelLots.unsigned();
      }
    }
    block.levelFrom[row + 1] = level;
  }
  return level;
}

function at(column: ArrayLike<number>, index: number): number {
  const value = column[index];
  assert(value !== undefined, `index ${index} is inside a column of ${column.length}`);
  return value;
}
