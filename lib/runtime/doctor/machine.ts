import { mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../../package.json";
import { ok, problem, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { messageOf } from "../../units/messageOf.ts";

const SPACE_NEEDED_BYTES = 500e6;
const SPACE_COMFORTABLE_BYTES = 2e9;

/** The program's own ground: runtime version, a folder that can be written, room in it. */
export function machineFindings(
  dataDir: string,
  runningBun: string = Bun.version,
): readonly Finding[] {
  return [versionFinding(runningBun), diskFinding(dataDir)];
}

function versionFinding(running: string): Finding {
  const wanted = manifest.packageManager.replace(/^bun@/, "");
  const found = `amm-500 ${manifest.version} on Bun ${running}`;
  if (running === wanted) return ok("versions", found);
  return warning(
    "versions",
    `${found}, tested with ${wanted}`,
    `install Bun ${wanted}: bun upgrade`,
  );
}

function diskFinding(dataDir: string): Finding {
  const name = "data folder";
  const probe = join(dataDir, ".doctor");
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(probe, "x");
    rmSync(probe);
  } catch (error) {
    return problem(
      name,
      `"${dataDir}" cannot be written: ${messageOf(error)}`,
      "choose a folder that can be written with --data, or give the user write permission there",
    );
  }
  const { bavail, bsize } = statfsSync(dataDir);
  return spaceFinding(dataDir, bavail * bsize);
}

export function spaceFinding(dataDir: string, freeBytes: number): Finding {
  const name = "data folder";
  const found = `"${dataDir}" can be written, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  const todo = "make room: a week of quoting takes about a gigabyte";
  if (freeBytes < SPACE_NEEDED_BYTES) return problem(name, found, todo);
  return freeBytes < SPACE_COMFORTABLE_BYTES ? warning(name, found, todo) : ok(name, found);
}

/** A key that others can read is everybody's. */
export function keyFileFinding(path: string): Finding {
  const mode = statSync(path).mode & 0o777;
  const found = `"${path}" has mode ${mode.toString(8).padStart(3, "0")}`;
  if ((mode & 0o077) === 0) return ok("key file", found);
  return problem("key file", `${found}: others can read it`, `chmod 600 "${path}"`);
}
