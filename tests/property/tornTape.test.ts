import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TapeError } from "../../lib/marketdata/tape/layout.ts";
import { salvageTape } from "../../lib/marketdata/tape/salvage.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { TapeWriter } from "../../lib/marketdata/tape/tapeWriter.ts";
import { MADE_UP, readRows, tapeRows, writeRow } from "./tapeRows.ts";

const folder = mkdtempSync(join(tmpdir(), "torn-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BLOCK_ROWS = 4;
const whole = join(folder, "whole.tape");
const part = join(folder, "torn.tape.part");

function rowsIn(path: string) {
  return [...openTape(path).blocks()].flatMap(readRows);
}

describe("a recording that was killed", () => {
  test("is read as far as its blocks are whole, wherever it was torn", () => {
    fc.assert(
      fc.property(tapeRows, fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
        const writer = new TapeWriter(whole, MADE_UP, BLOCK_ROWS);
        for (const row of rows) writeRow(writer, row);
        const { header } = writer.close();
        const bytes = readFileSync(whole);
        const headBytes = 16 + bytes.readUInt32LE(8);
        writeFileSync(part, bytes.subarray(0, headBytes + share * (bytes.length - headBytes)));
        const all = rowsIn(whole);
        const found = rowsIn(part);
        expect(found).toEqual(all.slice(0, found.length));
        expect(found.length % BLOCK_ROWS === 0 || found.length === all.length).toBe(true);
        const torn = openTape(part).header;
        expect(torn.rows).toBe(found.length);
        if (found.length === all.length) expect(torn).toEqual(header);
        const saved = salvageTape(part);
        expect(existsSync(part)).toBe(false);
        if (saved === null) return expect(found).toEqual([]);
        expect(rowsIn(saved.path)).toEqual(found);
        expect(openTape(saved.path).header).toEqual(torn);
        rmSync(saved.path);
      }),
      { numRuns: 100 },
    );
  });

  test("that has not even its header is no tape, and is left alone", () => {
    writeFileSync(part, "A5TAPE1\n");
    expect(() => salvageTape(part)).toThrow(TapeError);
    expect(existsSync(part)).toBe(true);
    rmSync(part);
  });

  test("never replaces a tape that has its name", () => {
    const first = new TapeWriter(join(folder, "same.tape"), MADE_UP);
    first.print(1, 0, "bid", 100, 1);
    first.close();
    const second = new TapeWriter(join(folder, "same.tape"), MADE_UP);
    second.print(2, 0, "bid", 100, 1);
    second.flush();
    const saved = salvageTape(join(folder, "same.tape.part"));
    expect(saved?.path).toBe(join(folder, "same-2.tape"));
    expect(openTape(join(folder, "same.tape")).header.fromMs).toBe(1);
    second.discard();
  });
});
