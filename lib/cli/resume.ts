import { CommandFailure, defineCommand } from "./command.ts";
import { needBot, operatorFlags, sayMode } from "./operate.ts";

/** Lifts a halt or a flatten, whoever gave it. */
export const resumeCommand = defineCommand({
  name: "resume",
  summary: "Lift a halt or a flatten and quote again; drawdown counts anew from here.",
  operands: "",
  flags: operatorFlags,
  run: async ({ data, reason, json }, _operands, io) => {
    const bot = await needBot(data, io, "there is nothing to resume");
    const answer = await bot.order("/resume", { reason });
    sayMode(answer, json, io);
    if (answer.mode === "halted") throw new CommandFailure(`still halted: ${answer.reason}`);
    return 0;
  },
});
