import { CommandFailure, defineCommand, Switch, UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import type { PlaceFlags } from "./deskPlace.ts";
import { botOf, deskFlags, onDesk, openDesk } from "./operate.ts";
import { orderIdOf } from "./orderId.ts";
import type { RunningBot } from "./runningBot.ts";
import type { StatusReport } from "../runtime/status.ts";
import { counted } from "../units/counted.ts";

const flags = deskFlags.extend({
  all: Switch.describe("every open order of the account, on every dex"),
});

/** The bot's own cancels take a round trip or two. */
const BOT_WITHIN_MS = 10_000;

/** Takes one order or all of them off the exchange, and looks there whether they are gone. */
export const cancelCommand = defineCommand({
  name: "cancel",
  summary: "Cancel one order, or all: the bot halts, and every dex is asked whether any is left.",
  operands: "<oid|cloid>",
  flags,
  run: async (given, operands, io) => {
    if (given.all === operands.length > 0 || operands.length > 1)
      throw new UsageError("cancel takes either one oid or cloid, or --all");
    const bot = await botOf(given, io);
    const place = {
      ...given,
      exchange: given.exchange ?? bot?.run.exchange,
      acts: bot === null,
      io,
    };
    const done = given.all
      ? await cancelAll(bot, given.reason, place)
      : await cancelOne(bot, orderIdOf(operands[0] ?? ""), given.reason, place);
    io.out(given.json ? JSON.stringify(done) : done.text);
    return 0;
  },
});

type Place = PlaceFlags & { readonly acts: boolean; readonly io: Io };
type Done = {
  readonly via: "bot" | "exchange";
  readonly cancelled: number;
  readonly left: number;
  readonly text: string;
};

function deskOf(place: Place): ReturnType<typeof openDesk> {
  return openDesk(place, place.io, place.acts);
}

/** The bot first, so that it stops placing; then the exchange's own list, which also knows what the bot does not. */
async function cancelAll(bot: RunningBot | null, reason: string, place: Place): Promise<Done> {
  const seen = new Set<number>();
  if (bot !== null) {
    for (const { oid } of (await statusIfTold(bot))?.orders ?? []) if (oid !== null) seen.add(oid);
    await bot.order("/cancel-all", { reason });
    if ((await statusIfTold(bot)) !== null)
      await bot.until(({ orders }) => orders.length === 0, BOT_WITHIN_MS);
  }
  const desk = await deskOf(place);
  try {
    for (const oid of await onDesk(() => desk.cancelAll())) seen.add(oid);
  } catch (error) {
    if (bot === null || !(error instanceof CommandFailure)) throw error;
    throw new CommandFailure(
      `the bot is halted and cancels; whether anything still rests could not be asked: ${error.message}`,
      { cause: error },
    );
  }
  const cancelled = seen.size;
  const halted = bot === null ? "" : "; the bot is halted until: bun run resume";
  return {
    via: bot === null ? "exchange" : "bot",
    cancelled,
    left: 0,
    text: `${counted(cancelled, "order")} cancelled, the exchange lists none${halted}`,
  };
}

/** Null where the bot takes orders and its state cannot be read: the exchange knows what there is. */
async function statusIfTold(bot: RunningBot): Promise<StatusReport | null> {
  try {
    return await bot.status();
  } catch (error) {
    if (error instanceof CommandFailure) return null;
    throw error;
  }
}

async function cancelOne(
  bot: RunningBot | null,
  id: string | number,
  reason: string,
  place: Place,
): Promise<Done> {
  const desk = await deskOf(place);
  const isOpen = async (): Promise<boolean> =>
    (await desk.openOrders()).some(({ oid, cloid }) => oid === id || cloid === id);
  if (!(await onDesk(isOpen)))
    throw new CommandFailure(`the exchange lists no open order ${id} of this account`);
  if (bot !== null)
    await bot.order("/cancel", {
      ...(typeof id === "number" ? { oid: id } : { cloid: id }),
      reason,
    });
  // Without a bot, or where its cancel has not acted yet.
  await Bun.sleep(bot === null ? 0 : 500);
  await onDesk(() => desk.cancelOne(id));
  return {
    via: bot === null ? "exchange" : "bot",
    cancelled: 1,
    left: 0,
    text: `${id} cancelled; the exchange lists it no more`,
  };
}
