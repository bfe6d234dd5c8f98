import { defineCommand } from "./command.ts";
import { needBot, operatorFlags, sayMode } from "./operate.ts";

/** Cancels all quotes and quotes nothing until resumed; the position stays. */
export const haltCommand = defineCommand({
  name: "halt",
  summary: "Cancel all quotes and quote nothing until resumed; the position stays as it is.",
  operands: "",
  flags: operatorFlags,
  run: async ({ data, reason, json }, _operands, io) => {
    const bot = await needBot(data, io, "there is nothing to halt");
    sayMode(await bot.order("/halt", { reason }), json, io);
    return 0;
  },
});
