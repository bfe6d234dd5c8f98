import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAccountFile } from "../accountFile.ts";
import { lockDataFolder } from "../lock.ts";
import { PAPER_KEY_FILE } from "../paperFolder.ts";
import { RUN_FILE } from "../runFile.ts";
import type { RunFile } from "../runFile.ts";
import { DataFolderError } from "../../store/errors.ts";
import { openStore } from "../../store/store.ts";
import type { Store } from "../../store/store.ts";

/** The data folder of a live or testnet run, locked for this process. It holds no key. */
export type LiveFolder = {
  readonly dir: string;
  readonly writeRunFile: (run: RunFile) => void;
  readonly release: () => void;
};

/** @throws DataFolderError when it cannot be written, is in use, or belongs to paper or another account */
export function openLiveFolder(dir: string, mode: "live" | "testnet"): LiveFolder {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DataFolderError(
      `the data folder "${dir}" cannot be made (${String(cause)}); choose a folder that can be written with --data`,
      { cause },
    );
  }
  const before = readAccountFile(dir)?.mode ?? null;
  if (existsSync(join(dir, PAPER_KEY_FILE)) || (before !== null && before !== mode))
    throw new DataFolderError(
      `the data folder "${dir}" belongs to a ${before ?? "paper"} run; choose another one with --data`,
    );
  const unlock = lockDataFolder(dir);
  const runFile = join(dir, RUN_FILE);
  return {
    dir,
    writeRunFile: (run) => writeFileSync(runFile, `${JSON.stringify(run)}\n`),
    release: () => {
      rmSync(runFile, { force: true });
      unlock();
    },
  };
}

const EXCHANGE_META = "exchange";

/** Its database. One of another account or market is evidence, and is not set aside. @throws DataFolderError */
export function openLiveStore(dir: string, place: string): Store {
  const store = openStore(dir);
  const known = store.read.meta(EXCHANGE_META);
  if (known === null || known === place) {
    store.putMeta(EXCHANGE_META, place);
    return store;
  }
  store.close();
  throw new DataFolderError(
    `the database in "${dir}" is of another account, market or exchange (${known}); choose another folder with --data`,
  );
}
