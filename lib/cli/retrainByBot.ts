import { trainingText } from "../dashboard/volText.ts";
import type { VolStatus } from "../runtime/volStatus.ts";
import { CommandFailure } from "./command.ts";
import type { Io } from "./command.ts";
import { findRunningBot } from "./runningBot.ts";
import type { RunningBot } from "./runningBot.ts";

const LOOK_EVERY_MS = 500;

/** The bot of a data folder, when it is the one to train this seat; null when there is none, or it forecasts another one. */
export async function botToTrain(
  dataDir: string,
  seat: { readonly symbol: string; readonly horizonMs: number },
  io: Io,
): Promise<RunningBot | null> {
  const bot = await findRunningBot(dataDir, io.env, io.err);
  if (bot === null) return null;
  const { spec, volatility } = await bot.status();
  const [symbol] = (spec?.market ?? "").split(":").toReversed();
  const isItsSeat = symbol === seat.symbol && volatility.forecast?.horizonMs === seat.horizonMs;
  return isItsSeat ? bot : null;
}

/**
 * Has the running bot train, beside its quoting and from its own history, and waits for the end.
 * @throws CommandFailure when the training failed
 */
export async function retrainByBot(bot: RunningBot, json: boolean, io: Io): Promise<number> {
  const before = (await bot.status()).volatility.training?.atMs ?? null;
  const { joined } = await bot.retrain();
  const who = `the bot that runs in this folder (process ${bot.run.pid})`;
  io.err(joined ? `joining the training of ${who}` : `trained by ${who}, from its own history`);
  const { training, model } = await ended(bot, before, io);
  if (training === null || training.failed)
    throw new CommandFailure(training?.text ?? "the bot tells of no training");
  io.out(json ? JSON.stringify({ by: "bot", joined, training, model }) : trainingText(training));
  return 0;
}

async function ended(bot: RunningBot, before: number | null, io: Io): Promise<VolStatus> {
  let told = "";
  for (;;) {
    const { volatility } = await bot.status();
    const job = volatility.forecast?.jobs.find(({ kind }) => kind === "retrain");
    if (job === undefined && (volatility.training?.atMs ?? null) !== before) return volatility;
    const line = job === undefined ? "" : `${Math.round(100 * job.share)} % ${job.text}`;
    if (line !== "" && line !== told) io.err(line);
    told = line;
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
