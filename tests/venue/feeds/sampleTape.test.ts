import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTape } from "../../../lib/marketdata/tape/tapeReader.ts";
import { replayedFeed } from "../../../lib/venue/feeds/replayed.ts";
import { readRows } from "../../property/tapeRows.ts";
import { recordSample } from "./recordFeed.ts";
import { TinyBook } from "./tinyBook.ts";

const SAMPLE = join(import.meta.dir, "../../../data/samples/us500-simulated.tape");

const folder = mkdtempSync(join(tmpdir(), "sample-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a tape of the first format is still read", () => {
  const { header, bytes } = openTape(SAMPLE);
  expect(bytes).toBeLessThan(100_000);
  expect(header).toMatchObject({ format: 1, coin: "km:US500", szDecimals: 3, gaps: [] });
  expect(header.rowsByKind.depth).toBe(536);
  expect(header.rowsByKind.oracle).toBe(100);
  expect(header.rowsByKind.print).toBeGreaterThan(100);
});

test("a recorded simulation is replayed as it was recorded", () => {
  const path = join(folder, "fresh.tape");
  recordSample(path);
  const tape = openTape(path);
  const rows = [...tape.blocks()].flatMap(readRows);
  expect(rows).toHaveLength(tape.header.rows);
  // Prints are at the last recorded touch or beyond it; only those that met a quote younger than it lie inside.
  const feed = replayedFeed(tape);
  const book = new TinyBook();
  let [bid, ask, prints, inside] = [0, Number.POSITIVE_INFINITY, 0, 0];
  while (feed.nextMs() !== Number.POSITIVE_INFINITY) {
    for (const input of feed.next(book)) {
      if (input.kind === "tapeBook") {
        bid = input.bids?.[0] ?? 0;
        ask = input.asks?.[0] ?? Number.POSITIVE_INFINITY;
      } else if (input.kind === "tapePrint") {
        prints++;
        if (input.pxTicks > bid && input.pxTicks < ask) inside++;
      }
    }
  }
  expect(prints).toBe(tape.header.rowsByKind.print);
  expect(inside / prints).toBeLessThan(0.2);
});
