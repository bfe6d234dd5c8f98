import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAccountFile } from "./accountFile.ts";
import { lockDataFolder } from "./lock.ts";
import { writeNewFile } from "./newFile.ts";
import { RUN_FILE } from "./runFile.ts";
import type { RunFile } from "./runFile.ts";
import { DataFolderError } from "../store/errors.ts";
import { DATABASE_FILE } from "../store/database.ts";
import { openStore } from "../store/store.ts";
import type { Store } from "../store/store.ts";

export const PAPER_KEY_FILE = "paper-key";
const KEY = /^[0-9a-f]{64}$/;
/** Which exchange the database belongs to. */
const EXCHANGE_META = "exchange";

/** The data folder of a paper run, locked for this process. */
export type PaperFolder = {
  readonly dir: string;
  /** Throw-away key of the paper account. Never printed. */
  readonly privateKey: Uint8Array;
  readonly writeRunFile: (run: RunFile) => void;
  readonly release: () => void;
};

/** @throws DataFolderError when the folder cannot be written, is in use, or holds a broken key. */
export function openPaperFolder(dir: string): PaperFolder {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (cause) {
    throw new DataFolderError(
      `the data folder "${dir}" cannot be made (${String(cause)}); choose a folder that can be written with --data`,
      { cause },
    );
  }
  const before = readAccountFile(dir)?.mode ?? "paper";
  if (before !== "paper")
    throw new DataFolderError(
      `the data folder "${dir}" belongs to a ${before} run; choose another one with --data`,
    );
  const unlock = lockDataFolder(dir);
  const runFile = join(dir, RUN_FILE);
  try {
    return {
      dir,
      privateKey: keepKey(dir),
      writeRunFile: (run) => writeFileSync(runFile, `${JSON.stringify(run)}\n`),
      release: () => {
        rmSync(runFile, { force: true });
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * The store of this exchange's account. A local exchange forgets everything when it ends, so a database that belongs
 * to another one is set aside under the time of its last use, and a new one is begun.
 */
export function openStoreFor(
  dir: string,
  exchange: string,
): { readonly store: Store; readonly setAside: string | null } {
  const store = openStore(dir);
  const known = store.read.meta(EXCHANGE_META);
  if (known === null || known === exchange) {
    store.putMeta(EXCHANGE_META, exchange);
    return { store, setAside: null };
  }
  store.close();
  const setAside = setDatabaseAside(dir, known);
  const fresh = openStore(dir);
  fresh.putMeta(EXCHANGE_META, exchange);
  return { store: fresh, setAside };
}

function setDatabaseAside(dir: string, exchange: string): string {
  const tag = exchange.replace(/[^0-9A-Za-z]+/g, "-");
  const name = `before-${tag}.sqlite`;
  for (const suffix of ["", "-wal", "-shm"]) {
    const from = join(dir, DATABASE_FILE + suffix);
    if (existsSync(from)) renameSync(from, join(dir, name + suffix));
  }
  return name;
}

/** The key that an earlier start has left in the folder; null when there is none. @throws DataFolderError */
export function readPaperKey(dir: string): Uint8Array | null {
  const path = join(dir, PAPER_KEY_FILE);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "utf8").trim();
  if (!KEY.test(text))
    throw new DataFolderError(`"${path}" holds no key; delete it and a new paper account is made`);
  return Uint8Array.from(Buffer.from(text, "hex"));
}

function keepKey(dir: string): Uint8Array {
  const known = readPaperKey(dir);
  if (known !== null) return known;
  const path = join(dir, PAPER_KEY_FILE);
  const key = crypto.getRandomValues(new Uint8Array(32));
  writeNewFile(path, `${Buffer.from(key).toString("hex")}\n`);
  return key;
}
