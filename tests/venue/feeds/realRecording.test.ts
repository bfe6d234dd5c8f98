import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importHlCsv } from "../../../lib/marketdata/tape/importHlCsv.ts";
import { openTape } from "../../../lib/marketdata/tape/tapeReader.ts";
import { replayedFeed } from "../../../lib/venue/feeds/replayed.ts";
import { TinyBook } from "./tinyBook.ts";

const data = process.env["AMM500_SHARED_DATA"] ?? join(import.meta.dir, "../../../../shared/data");
const recordings = join(data, "a_hyperliquid_book_trades");
const isHere = existsSync(recordings);
if (!isHere) console.log(`skipped: real recordings, because ${recordings} is absent`);

const folder = mkdtempSync(join(tmpdir(), "real-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sessions = [
  { session: "ETH_20251210", szDecimals: 4, duplicates: 0, gaps: 2, prints: 6355 },
  { session: "BTC_20250903", szDecimals: 5, duplicates: 30, gaps: 2, prints: 1437 },
  { session: "WLFI_20250903", szDecimals: 0, duplicates: 21, gaps: 2, prints: 132 },
];

describe.skipIf(!isHere)("real recordings of Hyperliquid", () => {
  test.each(sessions)("$session becomes a tape and a market", (wanted) => {
    const { session, szDecimals } = wanted;
    const [coin = ""] = session.split("_");
    const files = ["trades", "bbo", "book20"].map((kind) =>
      join(recordings, `HL_${session}_${kind}.csv.gz`),
    );
    const out = join(folder, `${session}.tape`);
    const summary = importHlCsv({ files, coin, szDecimals: null, out, source: "", licence: "" });
    const { header } = summary;
    console.log(
      `${session}: ${header.rows} rows, ${summary.duplicatePrints} trades told twice, ${header.gaps.length} gaps, ${summary.bytes} bytes`,
    );
    expect(header.szDecimals).toBe(szDecimals);
    expect(summary.duplicatePrints).toBe(wanted.duplicates);
    expect(header.gaps).toHaveLength(wanted.gaps);
    expect(header.rowsByKind.print).toBe(wanted.prints);
    const feed = replayedFeed(openTape(out));
    const book = new TinyBook();
    const seen: Record<string, number> = {};
    for (let atMs = feed.nextMs(); atMs !== Number.POSITIVE_INFINITY; atMs = feed.nextMs())
      for (const input of feed.next(book)) seen[input.kind] = (seen[input.kind] ?? 0) + 1;
    expect(seen["tapeBook"]).toBe(header.rowsByKind.depth + header.rowsByKind.touch);
    expect(seen["tapePrint"]).toBe(wanted.prints);
    const knownMs =
      feed.info.durationMs - header.gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
    expect(seen["oracle"]).toBeWithin(knownMs / 3000 - 4, knownMs / 3000 + 4);
  });
});
