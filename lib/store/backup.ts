import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { Database } from "bun:sqlite";
import { z } from "zod";
import { DATABASE_FILE } from "./database.ts";
import { DataFolderError } from "./errors.ts";
import { messageOf } from "../units/messageOf.ts";

const MANIFEST_FILE = "backup.json";
const MANIFEST_VERSION = 1;
/** A database's companions: their content is in the copy. */
const COMPANION = /-(wal|shm)$/;
/** What may be copied. Keys, tokens, locks and whatever else lies in the folder stay where they are. */
const KEPT = [/^[^/]+\.sqlite$/, /^models\//];

const Manifest = z.object({
  version: z.literal(MANIFEST_VERSION),
  createdMs: z.number(),
  files: z.array(
    z.object({ path: z.string().min(1), bytes: z.number(), sha256: z.string().length(64) }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/**
 * Copies a data folder's databases and models while a bot may be writing there: each database as of one moment.
 * Holds no keys and no token.
 * @param to folder that must not exist yet; it appears when it is complete
 * @throws DataFolderError
 */
export function backUp(dataDir: string, to: string, nowMs: number): Manifest {
  if (existsSync(to)) throw new DataFolderError(`"${to}" exists already; name a new folder`);
  if (!existsSync(join(dataDir, DATABASE_FILE)))
    throw new DataFolderError(`the data folder "${dataDir}" holds no ${DATABASE_FILE}`);
  const draft = `${to}.${process.pid}.part`;
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    const files = filesIn(dataDir)
      .filter((path) => KEPT.some((kept) => kept.test(path)))
      .map((path) => {
        const target = join(draft, path);
        mkdirSync(dirname(target), { recursive: true });
        if (path.endsWith(".sqlite")) copyDatabase(join(dataDir, path), target);
        else copyFileSync(join(dataDir, path), target);
        return { path, ...fingerprint(target) };
      });
    const manifest: Manifest = { version: MANIFEST_VERSION, createdMs: nowMs, files };
    writeFileSync(join(draft, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(draft, to);
    return manifest;
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    throw asFolderError(`the backup to "${to}" failed`, cause);
  }
}

/**
 * Puts a backup's files into a data folder without a database. Every file is checked before the first is written.
 * @throws DataFolderError naming the file that is missing, changed or in the way
 */
export function restore(from: string, dataDir: string): Manifest {
  const manifest = readManifest(from);
  for (const { path, bytes, sha256 } of manifest.files) {
    const source = join(from, path);
    if (!KEPT.some((kept) => kept.test(path)) || path.split("/").includes(".."))
      throw new DataFolderError(`"${from}" names "${path}", which no backup holds`);
    if (!existsSync(source)) throw new DataFolderError(`"${source}" is missing from the backup`);
    const found = fingerprint(source);
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new DataFolderError(`"${source}" is not what was backed up: its SHA-256 differs`);
    if (existsSync(join(dataDir, path)))
      throw new DataFolderError(
        `"${join(dataDir, path)}" is in the way; restore into another folder, or move it away`,
      );
  }
  try {
    for (const { path } of manifest.files) {
      mkdirSync(dirname(join(dataDir, path)), { recursive: true, mode: 0o700 });
      copyFileSync(join(from, path), join(dataDir, path));
    }
  } catch (cause) {
    throw asFolderError(`the restore into "${dataDir}" failed`, cause);
  }
  return manifest;
}

function readManifest(from: string): Manifest {
  const path = join(from, MANIFEST_FILE);
  if (!existsSync(path)) throw new DataFolderError(`"${from}" is no backup: no ${MANIFEST_FILE}`);
  try {
    return Manifest.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw asFolderError(`"${path}" cannot be read`, cause);
  }
}

/** One consistent copy, compacted, whatever another process writes meanwhile. */
function copyDatabase(from: string, to: string): void {
  const database = new Database(from, { readonly: true });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    database.query("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
}

function fingerprint(path: string): { readonly bytes: number; readonly sha256: string } {
  const content = readFileSync(path);
  const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
  return { bytes: content.length, sha256 };
}

/** Paths with "/" below the folder, in order. */
function filesIn(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => !COMPANION.test(path) && statSync(join(dir, path)).isFile())
    .map((path) => relative(dir, join(dir, path)).replaceAll("\\", "/"))
    .toSorted();
}

function asFolderError(what: string, cause: unknown): DataFolderError {
  if (cause instanceof DataFolderError) return cause;
  const text = messageOf(cause);
  return new DataFolderError(`${what}: ${text}`, { cause });
}
