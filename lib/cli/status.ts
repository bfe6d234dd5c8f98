import { z } from "zod";
import { defineCommand, Switch } from "./command.ts";
import { findStatus } from "./findBot.ts";
import { statusText } from "./statusText.ts";

export const statusFlags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  json: Switch.describe("one JSON object on standard output"),
});

/** What the bot is doing now, or what it last did. */
export const statusCommand = defineCommand({
  name: "status",
  summary: "What the bot is doing: feeds, quotes, position, profit, risk, budget.",
  operands: "",
  flags: statusFlags,
  run: async (flags, _operands, io) => {
    const status = await findStatus(flags.data, io);
    io.out(flags.json ? JSON.stringify(status) : statusText(status));
    return 0;
  },
});
