import { z } from "zod";
import { defineCommand, Switch } from "./command.ts";
import { placeFlags } from "./deskPlace.ts";
import { findStatus } from "./findBot.ts";
import { seenOnExchange, seenText } from "./seenOnExchange.ts";
import { statusText } from "./statusText.ts";

export const statusFlags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  json: Switch.describe("one JSON object on standard output"),
});

const flags = statusFlags.extend({
  ...placeFlags,
  direct: Switch.describe("what the exchange shows of the account, past bot and database"),
});

/** What the bot is doing now, or what it last did, or what the exchange shows. */
export const statusCommand = defineCommand({
  name: "status",
  summary: "What the bot is doing: feeds, quotes, position, profit, risk, budget.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    if (given.direct) {
      const seen = await seenOnExchange(given, io);
      io.out(given.json ? JSON.stringify(seen) : seenText(seen));
      return 0;
    }
    const status = await findStatus(given.data, io);
    io.out(given.json ? JSON.stringify(status) : statusText(status));
    return 0;
  },
});
