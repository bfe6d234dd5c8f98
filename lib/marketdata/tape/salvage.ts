import { existsSync, renameSync, rmSync } from "node:fs";
import { RowKind, sideOfCode } from "../../core/tape/tape.ts";
import type { TapeBlock, TapeHeader } from "../../core/tape/tape.ts";
import { openTape, UNFINISHED } from "./tapeReader.ts";
import { TapeWriter } from "./tapeWriter.ts";

/**
 * Makes a whole tape of what a killed recorder has left, and removes the rest.
 * @param part path that ends in ".part"
 * @returns the tape with what it covers, or null when not one block was whole
 * @throws TapeError for a file that is no tape
 */
export function salvageTape(
  part: string,
): { readonly path: string; readonly header: TapeHeader } | null {
  const torn = openTape(part);
  const wanted = part.slice(0, -UNFINISHED.length);
  let path = wanted;
  for (let next = 2; existsSync(path); next++) path = wanted.replace(/(\.tape)?$/, `-${next}$1`);
  if (torn.header.rows === 0) {
    rmSync(part);
    return null;
  }
  const draft = `${path}.salvaged`;
  const writer = new TapeWriter(draft, torn.header);
  for (const block of torn.blocks()) {
    copyRows(block, writer);
    writer.flush();
  }
  const { header } = writer.close();
  renameSync(draft, path);
  rmSync(part);
  return { path, header };
}

function copyRows(block: TapeBlock, writer: TapeWriter): void {
  for (let row = 0; row < block.rows; row++) {
    const timeMs = block.timeMs[row] ?? 0;
    const lagMs = block.lagMs[row] ?? 0;
    const px = block.px[row] ?? 0;
    const lots = block.lots[row] ?? 0;
    switch (block.kind[row] ?? RowKind.depth) {
      case RowKind.depth:
        writer.depth(timeMs, lagMs, ...levelsOf(block, row));
        break;
      case RowKind.touch:
        writer.touch(timeMs, lagMs, ...levelsOf(block, row));
        break;
      case RowKind.print:
        writer.print(timeMs, lagMs, sideOfCode(block.side[row] ?? 0), px, lots);
        break;
      case RowKind.gap:
        writer.gap(timeMs, timeMs + lots);
        break;
      case RowKind.oracle:
        writer.oracle(timeMs, lagMs, px);
    }
  }
}

function levelsOf(block: TapeBlock, row: number): [number[], number[]] {
  const from = block.levelFrom[row] ?? 0;
  const middle = from + (block.bidCount[row] ?? 0);
  return [flat(block, from, middle), flat(block, middle, block.levelFrom[row + 1] ?? middle)];
}

function flat(block: TapeBlock, from: number, end: number): number[] {
  const out: number[] = [];
  for (let i = from; i < end; i++) out.push(block.levelPx[i] ?? 0, block.levelLots[i] ?? 0);
  return out;
}
