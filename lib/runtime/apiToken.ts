import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeNewFile } from "./newFile.ts";
import { DataFolderError } from "../store/errors.ts";

export const API_TOKEN_FILE = "api-token";

const TOKEN = /^[0-9a-f]{64}$/;

/** The token that an earlier start has left in the data folder; null when there is none. @throws DataFolderError. */
export function readApiToken(dataDir: string): string | null {
  const path = join(dataDir, API_TOKEN_FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw new DataFolderError(`the token in "${path}" cannot be read: ${String(cause)}`, { cause });
  }
  if (!TOKEN.test(text))
    throw new DataFolderError(`"${path}" holds no token; delete it and a new one is made`);
  return text;
}

/** The token of the data folder, made when there is none: 32 random bytes, readable by its owner alone. */
export function keepApiToken(dataDir: string): string {
  const known = readApiToken(dataDir);
  const path = join(dataDir, API_TOKEN_FILE);
  if (known !== null) {
    chmodSync(path, 0o600);
    return known;
  }
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  writeNewFile(path, `${token}\n`);
  return token;
}
