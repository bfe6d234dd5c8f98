import { defineCommand, UsageError } from "./command.ts";
import { needBot, operatorFlags, sayMode } from "./operate.ts";

/** Switches between quoting both sides and only the side that brings the position towards zero. */
export const reduceOnlyCommand = defineCommand({
  name: "reduce-only",
  summary: "Quote only what reduces the position, or both sides again.",
  operands: "on|off",
  flags: operatorFlags,
  run: async ({ data, reason, json }, operands, io) => {
    const [word] = operands;
    if (operands.length !== 1 || (word !== "on" && word !== "off"))
      throw new UsageError(`reduce-only takes one word, on or off, got "${operands.join(" ")}"`);
    const bot = await needBot(data, io, "there are no quotes to restrict");
    sayMode(await bot.order("/reduce-only", { enabled: word === "on", reason }), json, io);
    return 0;
  },
});
