import { existsSync } from "node:fs";
import { join } from "node:path";
import { LiveRows } from "../../core/tape/liveRows.ts";
import type { LiveRow } from "../../core/tape/liveRows.ts";
import { MAX_LAG_MS } from "../../core/tape/tape.ts";
import type { TapeHeader, TapeSubject } from "../../core/tape/tape.ts";
import type { MarketMessage } from "../../messages/marketStream.ts";
import { TapeWriter } from "../tape/tapeWriter.ts";

/** A recording is in no hurry: whatever belongs before a message comes within this time. */
const HOLD_MS = 1_000;
/** What a killed recorder loses at most, beside what still waits. */
const FLUSH_MS = 5_000;

/** When a new tape is begun. A tape ends where a whole book comes, so nothing is lost between two. */
export type Rotation = { readonly everyMs: number } | { readonly bytes: number } | null;

export type RecorderOptions = {
  readonly folder: string;
  readonly subject: TapeSubject;
  readonly rotation: Rotation;
};

export type FinishedTape = {
  readonly path: string;
  readonly bytes: number;
  readonly header: TapeHeader;
};

type OpenTape = {
  readonly path: string;
  readonly writer: TapeWriter;
  /** When it was begun and when its last block was ended, on the recorder's clock. */
  readonly sinceMs: number;
  flushedMs: number;
  lastMs: number;
};

/** Market data of one market into tapes that follow one another. Times are the listener's; `tick` brings them. */
export class TapeRecorder {
  readonly #options: RecorderOptions;
  readonly #rows = new LiveRows(HOLD_MS);
  readonly #finished: FinishedTape[] = [];
  #tape: OpenTape | null = null;
  /** Why the book is not known, while it is not. */
  #lost: string | null = null;
  #oracle: number | null = null;
  #gaps = 0;
  #written = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Tapes that have ended, oldest first. */
  get finished(): readonly FinishedTape[] {
    return this.#finished;
  }

  /** Path of the tape that is being written, and how far it is; null before the first book. */
  get current(): { readonly path: string; readonly bytes: number } | null {
    return this.#tape === null ? null : { path: this.#tape.path, bytes: this.#tape.writer.bytes };
  }

  get counts(): { readonly rows: number; readonly gaps: number; readonly latePrints: number } {
    return { rows: this.#written, gaps: this.#gaps, latePrints: this.#rows.latePrints };
  }

  push(message: MarketMessage, recvMs: number): void {
    this.#rows.push(message, recvMs);
  }

  cut(reason: string, atMs: number): void {
    this.#rows.cut(reason, atMs);
  }

  /** Writes what is due. */
  tick(nowMs: number): void {
    for (const row of this.#rows.take(nowMs)) this.#write(row, nowMs);
    const tape = this.#tape;
    if (tape === null || nowMs - tape.flushedMs < FLUSH_MS) return;
    tape.writer.flush();
    tape.flushedMs = nowMs;
  }

  /** Writes everything that waits, and ends the tape. */
  close(): void {
    for (const row of this.#rows.take(Infinity)) this.#write(row, 0);
    this.#finish();
  }

  #write(row: LiveRow, nowMs: number): void {
    if (row.kind === "gap") {
      this.#lost = row.reason;
      this.#gaps++;
      return;
    }
    if (row.kind === "oracle") this.#oracle = row.pxTicks;
    if (row.kind === "depth") this.#prepare(row.venueMs, nowMs);
    const tape = this.#tape;
    if (tape === null || this.#lost !== null || (row.kind === "print" && row.late === true)) return;
    // Contexts carry no time of their own, and a print may be told after one that came later.
    const timeMs = Math.max(tape.lastMs, row.venueMs);
    const lagMs = Math.max(-MAX_LAG_MS, Math.min(MAX_LAG_MS, row.recvMs - timeMs));
    tape.lastMs = timeMs;
    this.#written++;
    writeRow(tape.writer, row, timeMs, lagMs);
  }

  /** Before a whole book: the place where a gap ends, and where one tape may end and the next begin. */
  #prepare(venueMs: number, nowMs: number): void {
    const tape = this.#tape;
    const reason = this.#lost;
    this.#lost = null;
    if (tape !== null && reason !== null) {
      // Where the other clock was set back, no tape can go on.
      if (venueMs <= tape.lastMs) this.#finish();
      else {
        tape.writer.gap(tape.lastMs, venueMs, reason);
        tape.lastMs = venueMs;
        this.#written++;
      }
    }
    if (this.#tape !== null && this.#isFull(this.#tape, nowMs)) this.#finish();
    if (this.#tape === null) this.#begin(venueMs, nowMs);
  }

  #isFull({ sinceMs, writer }: OpenTape, nowMs: number): boolean {
    const { rotation } = this.#options;
    if (rotation === null) return false;
    return "everyMs" in rotation
      ? nowMs - sinceMs >= rotation.everyMs
      : writer.bytes >= rotation.bytes;
  }

  #begin(venueMs: number, nowMs: number): void {
    const { folder, subject } = this.#options;
    const name = `${subject.coin.replace(":", "-")}-${stamp(venueMs)}`;
    let path = join(folder, `${name}.tape`);
    for (let next = 2; existsSync(path); next++) path = join(folder, `${name}-${next}.tape`);
    const writer = new TapeWriter(path, subject);
    const tape = { path, writer, sinceMs: nowMs, flushedMs: nowMs, lastMs: venueMs };
    this.#tape = tape;
    if (this.#oracle === null) return;
    writer.oracle(venueMs, 0, this.#oracle);
    this.#written++;
  }

  #finish(): void {
    const tape = this.#tape;
    if (tape === null) return;
    this.#tape = null;
    const { header, bytes } = tape.writer.close();
    this.#finished.push({ path: tape.path, bytes, header });
  }
}

function writeRow(
  writer: TapeWriter,
  row: Exclude<LiveRow, { readonly kind: "gap" }>,
  timeMs: number,
  lagMs: number,
): void {
  switch (row.kind) {
    case "depth":
      return writer.depth(timeMs, lagMs, row.bids, row.asks);
    case "touch":
      return writer.touch(timeMs, lagMs, row.bids, row.asks);
    case "print":
      return writer.print(timeMs, lagMs, row.side, row.pxTicks, row.sizeLots);
    case "oracle":
      return writer.oracle(timeMs, lagMs, row.pxTicks);
  }
}

/** "20261122T130000123Z": sorts as it happened. */
function stamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replaceAll(/[-:.]/g, "");
}
