import { join } from "node:path";
import { z } from "zod";
import { backUp } from "../store/backup.ts";
import { DataFolderError } from "../store/errors.ts";
import { CommandFailure, defineCommand, Switch } from "./command.ts";
import { counted } from "../units/counted.ts";

/** Databases and models of a data folder, while its bot runs. */
export const backupCommand = defineCommand({
  name: "backup",
  summary: "Copies a bot's databases and models, also while it runs; never a key.",
  operands: "",
  flags: z.object({
    data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
    out: z
      .string()
      .min(1)
      .default("data/backups")
      .describe("folder in which the backup gets its own, named by time (data/backups)"),
    json: Switch.describe("one JSON object on standard output"),
  }),
  run: (flags, _operands, io) => {
    const nowMs = Date.now();
    const name = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
    const folder = join(flags.out, name);
    try {
      const { files } = backUp(flags.data, folder, nowMs);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      io.out(
        flags.json
          ? JSON.stringify({ folder, files })
          : `${folder}: ${counted(files.length, "file")}, ${(bytes / 1e6).toFixed(1)} MB. No keys: keep those apart.`,
      );
      return Promise.resolve(0);
    } catch (error) {
      if (error instanceof DataFolderError)
        throw new CommandFailure(error.message, { cause: error });
      throw error;
    }
  },
});
