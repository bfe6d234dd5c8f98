import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { metadataOf, ModelRefused } from "./modelMetadata.ts";

const Score = z.strictObject({ name: z.string(), n: z.int(), qlike: z.number() });

/** A model in the book: which file, what it promises, until when. */
const ModelRecordShape = z.strictObject({
  /** File name inside the models folder. */
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string(),
  kind: z.enum(["har", "lstm"]),
  dataHash: z.string(),
  publishedMs: z.number(),
  expiresMs: z.number(),
  scores: z.array(Score),
  why: z.string(),
});
export type ModelRecord = z.infer<typeof ModelRecordShape>;

const Attempt = z.strictObject({
  atMs: z.number(),
  promoted: z.enum(["lstm", "champion", "har"]),
  why: z.string(),
  dataHash: z.string(),
  scores: z.array(Score),
});
/** One training, promoted or not. */
export type Attempt = z.infer<typeof Attempt>;

const Seat = z.strictObject({ champion: ModelRecordShape.nullable(), attempts: z.array(Attempt) });
const Book = z.strictObject({ version: z.literal(1), seats: z.record(z.string(), Seat) });
type Book = z.infer<typeof Book>;

const ATTEMPTS_KEPT = 50;

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

/**
 * The models in use and what was tried, in one folder: `registry.json` beside the .onnx files. Every change is one
 * rename, so a reader sees the old book or the new one, and a writer that dies changes nothing.
 */
export class ModelRegistry {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async champion(seat: SeatName): Promise<ModelRecord | null> {
    return (await this.#read()).seats[keyOf(seat)]?.champion ?? null;
  }

  async attempts(seat: SeatName): Promise<readonly Attempt[]> {
    return (await this.#read()).seats[keyOf(seat)]?.attempts ?? [];
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

  /** Makes a model the champion of a seat. The file is checked before the book names it. @throws ModelRefused */
  async publish(
    seat: SeatName,
    bytes: Uint8Array,
    attempt: Attempt,
    expiresMs: number,
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
    const book = await this.#read();
    const before = book.seats[keyOf(seat)]?.champion ?? null;
    await this.#write(book, seat, record, attempt);
    await this.#sweep(seat, [record.file, before?.file ?? ""]);
    return record;
  }

  /** Older files of a seat. The one before the newest stays: someone may have just read its name in the book. */
  async #sweep(seat: SeatName, keep: readonly string[]): Promise<void> {
    for (const file of await readdir(this.#folder))
      if (file.startsWith(`${keyOf(seat)}-`) && file.endsWith(".onnx") && !keep.includes(file))
        await rm(join(this.#folder, file), { force: true });
  }

  /** Notes a training that left the champion where it was; a champion that won again is good for longer. */
  async keep(seat: SeatName, attempt: Attempt, expiresMs: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const book = await this.#read();
    const champion = book.seats[keyOf(seat)]?.champion ?? null;
    const longer = champion === null ? null : { ...champion, expiresMs };
    await this.#write(book, seat, longer, attempt);
  }

  async #write(
    book: Book,
    seat: SeatName,
    champion: ModelRecord | null,
    attempt: Attempt,
  ): Promise<void> {
    const attempts = [...(book.seats[keyOf(seat)]?.attempts ?? []), attempt].slice(-ATTEMPTS_KEPT);
    const seats = { ...book.seats, [keyOf(seat)]: { champion, attempts } };
    const path = join(this.#folder, "registry.json");
    await writeWhole(path, `${JSON.stringify({ version: 1, seats }, null, 1)}\n`);
  }

  /** @throws ModelRefused when the book is damaged: nothing is guessed about which model is in use. */
  async #read(): Promise<Book> {
    const path = join(this.#folder, "registry.json");
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch {
      return { version: 1, seats: {} };
    }
    try {
      return Book.parse(JSON.parse(text));
    } catch (cause) {
      throw new ModelRefused(`${path} is damaged; remove it to start anew`, { cause });
    }
  }
}
