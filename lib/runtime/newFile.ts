import { linkSync, rmSync, writeFileSync } from "node:fs";

/**
 * Makes a file that appears with its whole content or not at all, also on a full disk, readable by its owner alone.
 * @throws what the system says; EEXIST when there is one already
 */
export function writeNewFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
