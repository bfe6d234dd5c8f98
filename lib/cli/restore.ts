import { existsSync, mkdirSync } from "node:fs";
import { z } from "zod";
import { lockDataFolder } from "../runtime/lock.ts";
import { restore } from "../store/backup.ts";
import { DataFolderError } from "../store/errors.ts";
import { CommandFailure, defineCommand, Switch, UsageError } from "./command.ts";
import { counted } from "../units/counted.ts";

/** A backup into a folder that has none of its files. */
export const restoreCommand = defineCommand({
  name: "restore",
  summary:
    "Puts a backup into a data folder that holds no database yet, after checking every file.",
  operands: "<backup folder>",
  flags: z.object({
    data: z.string().min(1).default("data/paper").describe("data folder to fill (data/paper)"),
    json: Switch.describe("one JSON object on standard output"),
  }),
  run: (flags, operands, io) => {
    const [from, ...more] = operands;
    if (from === undefined || more.length > 0)
      throw new UsageError("restore takes one backup folder, as backup has named it");
    if (!existsSync(from)) throw new UsageError(`"${from}" does not exist`);
    try {
      mkdirSync(flags.data, { recursive: true, mode: 0o700 });
      const unlock = lockDataFolder(flags.data);
      try {
        const { files, createdMs } = restore(from, flags.data);
        const when = new Date(createdMs).toISOString();
        io.out(
          flags.json
            ? JSON.stringify({ data: flags.data, createdMs, files })
            : `${flags.data}: ${counted(files.length, "file")} as of ${when}`,
        );
      } finally {
        unlock();
      }
      return Promise.resolve(0);
    } catch (error) {
      if (error instanceof DataFolderError)
        throw new CommandFailure(error.message, { cause: error });
      throw error;
    }
  },
});
