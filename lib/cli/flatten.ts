import { CommandFailure, defineCommand, Duration, numberBetween } from "./command.ts";
import type { Io } from "./command.ts";
import { botOf, deskFlags, onDesk, openDesk } from "./operate.ts";
import type { RunningBot } from "./runningBot.ts";

const flags = deskFlags.extend({
  within: Duration.default(30_000).describe("how long the bot may take (30s)"),
  slippage: numberBetween(0, 1000)
    .default(50)
    .describe("without a bot: bp beyond the best price that may be paid (50)"),
});

/** Closes the position at once by taking. Through the bot it then quotes nothing until resumed. */
export const flattenCommand = defineCommand({
  name: "flatten",
  summary: "Close the position at once by taking; the bot then quotes nothing until resumed.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const bot = await botOf(given, io);
    if (bot !== null) return byBot(bot, given.reason, given.within, given.json, io);
    const desk = await openDesk(given, io);
    const closed = await onDesk(() => desk.flatten(given.slippage));
    const coins = closed.map(({ coin }) => coin);
    io.out(
      given.json
        ? JSON.stringify({ via: "exchange", closed: coins, flat: true })
        : coins.length === 0
          ? "flat already; the exchange shows no position and no order"
          : `closed ${coins.join(", ")}; the exchange shows no position and no order`,
    );
    return 0;
  },
});

async function byBot(
  bot: RunningBot,
  reason: string,
  withinMs: number,
  json: boolean,
  io: Io,
): Promise<number> {
  const { mode, commandsSent } = await bot.order("/flatten", { reason });
  const { reached, status } = await bot.until(
    ({ positionLots, orders }) => positionLots === 0 && orders.length === 0,
    withinMs,
  );
  const { positionLots, orders, risk } = status;
  const failure = reached
    ? null
    : `not flat after ${withinMs / 1000} s: ${positionLots} lots and ${orders.length} orders are left; risk: ${risk.mode}, ${risk.reason}. Past the bot: bun run flatten --direct`;
  if (failure !== null && !json) throw new CommandFailure(failure);
  const done = { via: "bot", mode, commandsSent, flat: reached, positionLots };
  if (json) io.out(JSON.stringify(failure === null ? done : { ...done, error: failure }));
  else io.out("flat; nothing is quoted until: bun run resume");
  return failure === null ? 0 : 1;
}
