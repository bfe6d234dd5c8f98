import { DatabaseError } from "../store/errors.ts";
import { openReader } from "../store/readModel.ts";
import type { Reader } from "../store/readModel.ts";
import { CommandFailure } from "./command.ts";

/** Reads a bot's database, beside a running bot or after it. @throws CommandFailure when there is none to read. */
export function withReader<T>(dataDir: string, ask: (reader: Reader) => T): T {
  try {
    const reader = openReader(dataDir);
    try {
      return ask(reader);
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof DatabaseError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}
