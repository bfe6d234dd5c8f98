import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelBook } from "./modelBook.ts";
import type { Attempt, ModelRecord } from "./modelBook.ts";
import { metadataOf, ModelRefused } from "./modelMetadata.ts";

export type { Attempt, ModelRecord } from "./modelBook.ts";

/** The book beside the model files. */
export const BOOK_FILE = "models.sqlite";

/** One forecasting job: a market and a horizon. */
export type SeatName = { readonly symbol: string; readonly horizonMs: number };

function keyOf(seat: SeatName): string {
  return `${seat.symbol.replaceAll(/[^\w-]/g, "_")}-${seat.horizonMs / 1000}s`;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file appears whole or not at all. */
async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}

/** Another model was promoted meanwhile, one that the challenger did not compete with. Nothing was changed. */
export class SeatTaken extends Error {
  override readonly name = "SeatTaken";
}

/**
 * The models in use and what was tried, in one folder: the book in SQLite beside the .onnx files. A file appears whole, then
 * one transaction names it: a reader sees the old model or the new one, and a writer that dies changes nothing.
 */
export class ModelRegistry {
  readonly #folder: string;
  readonly #book: ModelBook;

  constructor(folder: string) {
    this.#folder = folder;
    this.#book = new ModelBook(join(folder, BOOK_FILE));
  }

  async champion(seat: SeatName): Promise<ModelRecord | null> {
    return this.#book.champion(keyOf(seat));
  }

  async attempts(seat: SeatName): Promise<readonly Attempt[]> {
    return this.#book.attempts(keyOf(seat));
  }

  /**
   * The bytes of a model, checked.
   * @throws ModelRefused when the file is missing, is not the one that was published, or has expired.
   */
  async load(record: ModelRecord, nowMs: number): Promise<Uint8Array> {
    if (nowMs > record.expiresMs)
      throw new ModelRefused(
        `${record.file} expired ${Math.round((nowMs - record.expiresMs) / 3_600_000)} h ago`,
      );
    let bytes: Uint8Array;
    try {
      bytes = await readFile(join(this.#folder, record.file));
    } catch (cause) {
      throw new ModelRefused(`${record.file} cannot be read`, { cause });
    }
    if (sha256(bytes) !== record.sha256)
      throw new ModelRefused(`${record.file} is damaged: its SHA-256 is not the published one`);
    return bytes;
  }

  /**
   * Makes a model the champion of a seat. The file is checked before the book names it.
   * @param over file of the champion that it competed with, null for none; left out: whoever it is.
   * @throws ModelRefused, SeatTaken
   */
  async publish(
    seat: SeatName,
    bytes: Uint8Array,
    attempt: Attempt,
    expiresMs: number,
    over?: string | null,
  ): Promise<ModelRecord> {
    const metadata = metadataOf(bytes);
    const hash = sha256(bytes);
    const record: ModelRecord = {
      file: `${keyOf(seat)}-${metadata.name}-${hash.slice(0, 12)}.onnx`,
      sha256: hash,
      kind: metadata.name,
      dataHash: attempt.dataHash,
      publishedMs: attempt.atMs,
      expiresMs,
      scores: attempt.scores,
      why: attempt.why,
    };
    await mkdir(this.#folder, { recursive: true });
    await writeWhole(join(this.#folder, record.file), bytes);
    const { before } = this.#book.change(keyOf(seat), (champion) => {
      refuseOther(champion, over);
      return { champion: record, attempt };
    });
    await this.#sweep(seat, [record.file, before?.file ?? ""]);
    return record;
  }

  /** Older files of a seat. The one before the newest stays: someone may have just read its name in the book. */
  async #sweep(seat: SeatName, keep: readonly string[]): Promise<void> {
    for (const file of await readdir(this.#folder))
      if (file.startsWith(`${keyOf(seat)}-`) && file.endsWith(".onnx") && !keep.includes(file))
        await rm(join(this.#folder, file), { force: true });
  }

  /**
   * Notes a training that left the champion where it was; a champion that won again is good for longer.
   * @returns the champion
   * @throws SeatTaken
   */
  async keep(
    seat: SeatName,
    attempt: Attempt,
    expiresMs: number,
    over?: string | null,
  ): Promise<ModelRecord | null> {
    return this.#book.change(keyOf(seat), (champion) => {
      refuseOther(champion, over);
      return { champion: champion === null ? null : { ...champion, expiresMs }, attempt };
    }).after;
  }
}

function refuseOther(champion: ModelRecord | null, over: string | null | undefined): void {
  if (over !== undefined && over !== (champion?.file ?? null))
    throw new SeatTaken(
      "another training changed the model in use meanwhile; this one did not compete with it and publishes nothing",
    );
}
