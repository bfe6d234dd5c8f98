import { existsSync } from "node:fs";
import { z } from "zod";
import type { TapeHeader } from "../core/tape/tape.ts";
import { ImportError } from "../marketdata/tape/csvTable.ts";
import { importHlCsv } from "../marketdata/tape/importHlCsv.ts";
import type { ImportSummary } from "../marketdata/tape/importHlCsv.ts";
import { TapeError } from "../marketdata/tape/layout.ts";
import { openTape } from "../marketdata/tape/tapeReader.ts";
import { defineCommand, integerBetween, oneOf, Switch, UsageError } from "./command.ts";
import type { Io } from "./command.ts";

const flags = z.object({
  format: oneOf("hl-csv")
    .default("hl-csv")
    .describe("import: hl-csv, collectors' book, bbo and trades files (hl-csv)"),
  coin: z.string().min(1).optional().describe("import: the venue's name, such as ETH or km:US500"),
  out: z.string().min(1).optional().describe("import: the tape to write"),
  "sz-decimals": integerBetween(0, 6)
    .optional()
    .describe("import: decimals of sizes (inferred from the smallest lot that occurs)"),
  source: z
    .string()
    .default("imported from CSV files")
    .describe("import: where the data came from, kept in the header"),
  licence: z
    .string()
    .default("not stated")
    .describe("import: under which terms, kept in the header (not stated)"),
  force: Switch.describe("import: replace an existing tape"),
  json: Switch.describe("one JSON object on standard output"),
});

type Flags = z.infer<typeof flags>;

/** Makes tapes from other people's recordings, and checks them. */
export const tapeCommand = defineCommand({
  name: "tape",
  summary: "Import recorded market data into a tape, or check a tape and show what it covers.",
  operands: "import|info <files…>",
  flags,
  run: async (given, operands, io) => {
    const [verb, ...files] = operands;
    if (verb !== "import" && verb !== "info")
      throw new UsageError(`tape ${verb ?? ""}: not known; allowed: import, info`);
    if (files.length === 0) throw new UsageError(`tape ${verb} needs files`);
    if (verb === "import") importFiles(given, files, io);
    else showTapes(given, files, io);
    return 0;
  },
});

function importFiles(given: Flags, files: readonly string[], io: Io): void {
  const { coin, out } = given;
  if (coin === undefined) throw new UsageError("tape import needs --coin, such as --coin ETH");
  if (out === undefined) throw new UsageError("tape import needs --out, such as --out eth.tape");
  if (existsSync(out) && !given.force)
    throw new UsageError(`--out ${out} exists already; --force replaces it`);
  const startMs = performance.now();
  const summary = importOrRefuse(given, coin, out, files);
  const tookMs = Math.round(performance.now() - startMs);
  if (given.json) io.out(JSON.stringify({ tape: out, tookMs, ...summary }));
  else io.out(importText(out, summary, tookMs));
}

function importOrRefuse(
  given: Flags,
  coin: string,
  out: string,
  files: readonly string[],
): ImportSummary {
  try {
    return importHlCsv({
      files,
      coin,
      out,
      szDecimals: given["sz-decimals"] ?? null,
      source: given.source,
      licence: given.licence,
    });
  } catch (error) {
    if (error instanceof ImportError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function importText(out: string, summary: ImportSummary, tookMs: number): string {
  const { header, szDecimalsInferred, duplicatePrints, printsBeforeBook, repeatedTouches } =
    summary;
  return [
    `${out}: ${header.coin}, ${summary.bytes} bytes, made in ${tookMs} ms`,
    `  sizes      ${header.szDecimals} decimals, ${szDecimalsInferred ? "inferred from the smallest lot" : "as given"}`,
    ...headerText(header),
    `  left out   ${duplicatePrints} trades told twice, ${printsBeforeBook} before the first book, ${repeatedTouches} repeated touches`,
  ].join("\n");
}

function showTapes(given: Flags, files: readonly string[], io: Io): void {
  const tapes = files.map((path) => {
    try {
      const { header, bytes, sha256 } = openTape(path);
      return { tape: path, bytes, sha256, header };
    } catch (error) {
      if (error instanceof TapeError) throw new UsageError(error.message, { cause: error });
      throw error;
    }
  });
  if (given.json) io.out(JSON.stringify({ tapes }));
  else
    for (const { tape, bytes, sha256, header } of tapes)
      io.out(
        [
          `${tape}: ${header.coin}, ${bytes} bytes, all checksums hold`,
          `  sizes      ${header.szDecimals} decimals`,
          ...headerText(header),
          `  sha256     ${sha256}`,
        ].join("\n"),
      );
}

function headerText(header: TapeHeader): string[] {
  const { depth, touch, print, gap, oracle } = header.rowsByKind;
  return [
    `  rows       ${header.rows} in ${header.blocks} blocks: ${depth} depth, ${touch} touch, ${print} prints, ${oracle} oracle, ${gap} gaps`,
    `  covers     ${coverageText(header)}`,
    ...header.gaps.map(
      ({ fromMs, toMs }) =>
        `  gap        ${utc(fromMs)} for ${((toMs - fromMs) / 1000).toFixed(1)} s`,
    ),
    `  clock      ${header.clock}`,
    `  received   ${header.receiveClock ?? "not recorded"}`,
    `  source     ${header.source}; licence: ${header.licence}`,
  ];
}

function coverageText({ fromMs, toMs, gaps }: TapeHeader): string {
  if (fromMs === null || toMs === null) return "nothing";
  const gapMs = gaps.reduce((sum, gap) => sum + gap.toMs - gap.fromMs, 0);
  const minutes = (spanMs: number): string => (spanMs / 60_000).toFixed(1);
  return `${utc(fromMs)} to ${utc(toMs)}: ${minutes(toMs - fromMs)} minutes, book known in ${minutes(toMs - fromMs - gapMs)}`;
}

function utc(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
