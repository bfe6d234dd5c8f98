import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlockBuilder } from "../../lib/core/tape/blockBuilder.ts";
import { decodeBlock, encodeBlock } from "../../lib/core/tape/blockCodec.ts";
import { ByteReader, ByteWriter } from "../../lib/core/tape/bytes.ts";
import { TapeError } from "../../lib/marketdata/tape/layout.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { TapeWriter } from "../../lib/marketdata/tape/tapeWriter.ts";
import { AssertionError } from "../../lib/units/assert.ts";
import { MADE_UP, readRows, tapeRows, writeRow } from "./tapeRows.ts";
import type { TimedRow } from "./tapeRows.ts";

const folder = mkdtempSync(join(tmpdir(), "tape-"));
afterAll(() => rmSync(folder, { recursive: true }));

function writeTape(name: string, rows: readonly TimedRow[], blockRows: number): string {
  const path = join(folder, name);
  const writer = new TapeWriter(path, MADE_UP, blockRows);
  for (const row of rows) writeRow(writer, row);
  writer.close();
  return path;
}

function refusal(path: string): string {
  try {
    openTape(path);
  } catch (error) {
    expect(error).toBeInstanceOf(TapeError);
    return error instanceof Error ? error.message : "";
  }
  return "";
}

describe("bytes", () => {
  test("any whole number survives", () => {
    fc.assert(
      fc.property(
        fc.array(fc.maxSafeNat()),
        fc.array(fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 })),
        (plain, signed) => {
          const writer = new ByteWriter();
          for (const value of plain) writer.unsigned(value);
          for (const value of signed) writer.signed(value);
          const reader = new ByteReader(writer.finish());
          for (const value of plain) expect(reader.unsigned()).toBe(value);
          for (const value of signed) expect(reader.signed()).toBe(value === 0 ? 0 : value);
          reader.expectEnd();
        },
      ),
    );
  });
});

describe("tape codec", () => {
  test("what is written is read", () => {
    fc.assert(
      fc.property(tapeRows, (rows) => {
        const builder = new BlockBuilder();
        for (const row of rows) writeRow(builder, row);
        const block = builder.take();
        const decoded = decodeBlock(encodeBlock(block));
        expect(decoded).toEqual(block);
        expect(readRows(decoded)).toEqual(rows);
      }),
    );
  });

  test.each([
    ["time going back", (b: BlockBuilder) => (b.oracle(5, 0, 1), b.oracle(4, 0, 1))],
    ["a size of zero", (b: BlockBuilder) => b.print(1, 0, "bid", 5, 0)],
    ["half a tick", (b: BlockBuilder) => b.print(1, 0, "bid", 5.5, 1)],
    ["unsorted levels", (b: BlockBuilder) => b.depth(1, 0, [5, 1, 6, 1], [])],
    ["a crossed book", (b: BlockBuilder) => b.depth(1, 0, [5, 1], [5, 1])],
    ["a touch of two levels", (b: BlockBuilder) => b.touch(1, 0, [5, 1, 4, 1], [])],
    ["a gap without length", (b: BlockBuilder) => b.gap(5, 5)],
  ])("%s is refused", (_, write) => {
    expect(() => write(new BlockBuilder())).toThrow(AssertionError);
  });
});

describe("tape file", () => {
  test("what is written is read, block by block, with the right header", () => {
    fc.assert(
      fc.property(tapeRows, fc.integer({ min: 1, max: 70 }), (rows, blockRows) => {
        const tape = openTape(writeTape("round.tape", rows, blockRows));
        expect([...tape.blocks()].flatMap(readRows)).toEqual(rows);
        expect(tape.header.blocks).toBe(Math.ceil(rows.length / blockRows));
        expect(tape.header).toMatchObject({
          ...MADE_UP,
          rows: rows.length,
          fromMs: rows[0]?.timeMs ?? null,
          toMs: rows.at(-1)?.timeMs ?? null,
          gaps: rows.flatMap((row) =>
            row.kind === "gap" ? [{ fromMs: row.timeMs, toMs: row.timeMs + row.lengthMs }] : [],
          ),
        });
      }),
      { numRuns: 60 },
    );
  });

  const sample = (): Buffer => {
    const rows = fc
      .sample(tapeRows, { seed: 4, numRuns: 4 })
      .toSorted((a, b) => b.length - a.length)[0];
    return readFileSync(writeTape("sample.tape", rows ?? [], 20));
  };

  test("a changed byte anywhere is detected", () => {
    const bytes = sample();
    const path = join(folder, "damaged.tape");
    const spoil = (at: number, flip: number): void => {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ flip, at);
      writeFileSync(path, damaged);
      expect(refusal(path)).toContain(path);
    };
    for (const at of [0, 8, 12, 20, bytes.length - 1, bytes.length - 9]) spoil(at, 1);
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), spoil), {
      numRuns: 400,
    });
  });

  test("a shortened or lengthened file is refused", () => {
    const bytes = sample();
    const path = join(folder, "cut.tape");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        writeFileSync(path, bytes.subarray(0, length));
        expect(refusal(path)).toMatch(/cut off|is no tape/);
      }),
      { numRuns: 200 },
    );
    writeFileSync(path, Buffer.concat([bytes, Buffer.from("x")]));
    expect(refusal(path)).toContain("1 bytes after its end");
  });

  test("damage is named by block, expected and found checksum", () => {
    const bytes = sample();
    const path = join(folder, "named.tape");
    const subjectBytes = bytes.readUInt32LE(8);
    bytes.writeUInt8(bytes.readUInt8(16 + subjectBytes + 9 + 5) ^ 8, 16 + subjectBytes + 9 + 5);
    writeFileSync(path, bytes);
    expect(refusal(path)).toMatch(
      /block 1 at byte \d+ is damaged: checksum [0-9a-f]{8} expected, [0-9a-f]{8} found/,
    );
  });

  test("a missing file and a file of another kind are named", () => {
    expect(refusal(join(folder, "absent.tape"))).toContain("cannot be opened");
    const path = join(folder, "text.tape");
    writeFileSync(path, "timestamp,price\n1,2\n");
    expect(refusal(path)).toContain("is no tape");
  });

  test("an unfinished tape keeps its unfinished name; a discarded one leaves nothing", () => {
    const path = join(folder, "unfinished.tape");
    const writer = new TapeWriter(path, MADE_UP);
    writer.oracle(1, 0, 5);
    expect(existsSync(path)).toBeFalse();
    expect(existsSync(`${path}.part`)).toBeTrue();
    writer.discard();
    expect(existsSync(`${path}.part`)).toBeFalse();
  });
});
