import { linkSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeNewFile } from "./newFile.ts";
import { SYSTEM_PROCESSES } from "./processTable.ts";
import type { ProcessTable } from "./processTable.ts";
import { DataFolderError } from "../store/errors.ts";

export const LOCK_FILE = "bot.lock";

/** Two lives of one process id differ in their start; null where the system does not tell it. */
const Holder = z.object({ pid: z.int().positive(), started: z.string().nullable() });
type Holder = z.infer<typeof Holder>;

const ATTEMPTS = 5;

/**
 * Takes the data folder for this process, so that two bots never share one. The lock of a process that is gone is
 * taken over.
 * @returns how to give it back
 * @throws DataFolderError naming the folder and the process that holds it
 */
export function lockDataFolder(
  dataDir: string,
  system: ProcessTable = SYSTEM_PROCESSES,
): () => void {
  const path = join(dataDir, LOCK_FILE);
  const mine: Holder = { pid: system.own, started: system.startOf(system.own) };
  const text = `${JSON.stringify(mine)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(path, text, dataDir)) return () => release(path, text);
    const found = read(path);
    if (found === null) continue;
    const holder = parse(found);
    if (holder !== null && holds(holder, system))
      throw new DataFolderError(
        `the data folder "${dataDir}" is in use by process ${holder.pid}; stop it, or choose another folder with --data`,
      );
    takeAway(path, found);
  }
  throw new DataFolderError(
    `the lock of the data folder "${dataDir}" keeps changing hands; try again`,
  );
}

/** Process id of the bot that holds the data folder, whether it answers or not; null when none does. */
export function lockHolder(
  dataDir: string,
  system: ProcessTable = SYSTEM_PROCESSES,
): number | null {
  const holder = parse(read(join(dataDir, LOCK_FILE)) ?? "");
  return holder !== null && holds(holder, system) ? holder.pid : null;
}

/** The file appears with its content, so that nobody ever reads half a lock. */
function create(path: string, text: string, dataDir: string): boolean {
  try {
    writeNewFile(path, text);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw new DataFolderError(
      `the data folder "${dataDir}" cannot be locked (${String(cause)}); choose a folder that can be written`,
      { cause },
    );
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw cause;
  }
}

function parse(text: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Process ids are used again, so a living process holds the lock only if it is the one that took it. */
function holds(holder: Holder, system: ProcessTable): boolean {
  if (!system.isAlive(holder.pid)) return false;
  const started = system.startOf(holder.pid);
  return holder.started === null || started === null || started === holder.started;
}

/** Only the lock that was read is removed: one that somebody has taken in the meantime is put back. */
function takeAway(path: string, found: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return;
    throw cause;
  }
  try {
    if (read(aside) !== found) linkSync(aside, path);
  } finally {
    unlinkSync(aside);
  }
}

function release(path: string, text: string): void {
  if (read(path) === text) unlinkSync(path);
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error ? String(error.code) : null;
}
