import { existsSync, readFileSync, statSync } from "node:fs";
import { writeNewFile } from "./newFile.ts";
import { parsePrivateKey } from "../hyperliquid/signing/signature.ts";
import { DataFolderError } from "../store/errors.ts";

/** A key is missing, cannot be used, or others could read it; the sentence says what to do and never shows the key. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

/** @throws KeyError when there is no file, others can read it, or it holds no key */
export function readKeyFile(path: string): Uint8Array {
  let mode: number;
  try {
    ({ mode } = statSync(path));
  } catch (cause) {
    throw new KeyError(`there is no key file "${path}"`, { cause });
  }
  if ((mode & 0o077) !== 0)
    throw new KeyError(
      `the key file "${path}" has mode ${(mode & 0o777).toString(8)}, so others can read it: chmod 600 "${path}"`,
    );
  return keyFrom(readFileSync(path, "utf8"), `the key file "${path}"`);
}

/** @param where named when it is no key; the text itself is never shown */
export function keyFrom(text: string, where: string): Uint8Array {
  try {
    return parsePrivateKey(text);
  } catch (cause) {
    throw new KeyError(
      `${where}: ${cause instanceof Error ? cause.message : "the private key is not valid"}`,
    );
  }
}

/** A throw-away key of the data folder, made when there is none, readable by its owner alone. @throws DataFolderError */
export function keepKeyFile(path: string): Uint8Array {
  if (existsSync(path)) {
    try {
      return readKeyFile(path);
    } catch (cause) {
      const { message } = cause instanceof Error ? cause : { message: String(cause) };
      throw new DataFolderError(message, { cause });
    }
  }
  const key = crypto.getRandomValues(new Uint8Array(32));
  writeNewFile(path, `${Buffer.from(key).toString("hex")}\n`);
  return key;
}
