import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelBook } from "../../lib/vol/modelBook.ts";
import type { Attempt, ModelRecord } from "../../lib/vol/modelBook.ts";
import { BOOK_FILE } from "../../lib/vol/registry.ts";

const SEAT = "US500-300s";
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function place() {
  const folder = mkdtempSync(join(tmpdir(), "amm500-book-"));
  folders.push(folder);
  return { folder, path: join(folder, BOOK_FILE) };
}

const attempt = (atMs: number): Attempt => ({
  atMs,
  promoted: "har",
  why: "test",
  dataHash: "d",
  scores: [{ name: "har", n: 5, qlike: 0.25 }],
});
const record = (file: string): ModelRecord => ({
  file,
  sha256: "ab",
  kind: "har",
  dataHash: "d",
  publishedMs: 1,
  expiresMs: 2,
  scores: [{ name: "har", n: 5, qlike: 0.25 }],
  why: "test",
});

/** Changes the book in a transaction that it never ends. */
const STUCK_WRITER = `
  import { Database } from "bun:sqlite";
  const db = new Database(process.argv.at(-1), { readwrite: true });
  db.run("BEGIN IMMEDIATE");
  db.run("UPDATE champions SET file = 'half.onnx'");
  db.run("DELETE FROM challengers");
  process.stdout.write("in the middle");
  setInterval(() => {}, 1000);
`;

describe("the book of models", () => {
  test("keeps champion and challengers of each seat; nothing is made by looking", () => {
    const { folder, path } = place();
    const book = new ModelBook(path);
    expect(book.champion(SEAT)).toBeNull();
    expect(book.attempts(SEAT)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(book.change(SEAT, () => ({ champion: record("a.onnx"), attempt: attempt(1) }))).toEqual({
      before: null,
      after: record("a.onnx"),
    });
    book.change(SEAT, (champion) => ({ champion, attempt: attempt(2) }));
    book.change("other-300s", () => ({ champion: null, attempt: attempt(3) }));
    expect(book.champion(SEAT)).toEqual(record("a.onnx"));
    expect(book.attempts(SEAT)).toEqual([attempt(1), attempt(2)]);
    expect(book.champion("other-300s")).toBeNull();
    expect(readdirSync(folder)).toEqual([BOOK_FILE]);
  });

  test("a change that throws changes nothing", () => {
    const book = new ModelBook(place().path);
    book.change(SEAT, () => ({ champion: record("a.onnx"), attempt: attempt(1) }));
    expect(() =>
      book.change(SEAT, () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(book.attempts(SEAT)).toHaveLength(1);
  });

  test("a writer holds up no reader, and one that is killed in its transaction leaves the old model", async () => {
    const { path } = place();
    const book = new ModelBook(path);
    book.change(SEAT, () => ({ champion: record("a.onnx"), attempt: attempt(1) }));
    const writer = Bun.spawn([process.execPath, "-e", STUCK_WRITER, "--", path], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await writer.stdout.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("in the middle");
    expect(book.champion(SEAT)).toEqual(record("a.onnx"));
    writer.kill("SIGKILL");
    await writer.exited;
    expect(book.champion(SEAT)).toEqual(record("a.onnx"));
    expect(book.attempts(SEAT)).toEqual([attempt(1)]);
    book.change(SEAT, () => ({ champion: record("b.onnx"), attempt: attempt(2) }));
    expect(book.champion(SEAT)?.file).toBe("b.onnx");
  });

  test("takes over the JSON book of former versions once", () => {
    const { folder, path } = place();
    const former = join(folder, "registry.json");
    const seats = { [SEAT]: { champion: record("old.onnx"), attempts: [attempt(7)] } };
    writeFileSync(former, JSON.stringify({ version: 1, seats }));
    const book = new ModelBook(path);
    expect(book.champion(SEAT)).toEqual(record("old.onnx"));
    expect(book.attempts(SEAT)).toEqual([attempt(7)]);
    expect(existsSync(former)).toBe(false);
    expect(readdirSync(folder).toSorted()).toEqual([BOOK_FILE, "registry.json.taken-over"]);
  });

  test("what is damaged is named, and nothing is guessed", () => {
    const { folder, path } = place();
    writeFileSync(path, "no database ".repeat(1000));
    expect(() => new ModelBook(path).champion(SEAT)).toThrow(
      `${path} is damaged; remove it to start anew`,
    );
    rmSync(path);
    writeFileSync(join(folder, "registry.json"), "{");
    expect(() => new ModelBook(path).champion(SEAT)).toThrow(/registry\.json is damaged/);
  });
});
