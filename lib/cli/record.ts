import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CommandFailure, defineCommand, Duration, Switch, UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import { interruption } from "./ending.ts";
import { exchangeUrl } from "./marketFeed.ts";
import { readSettings } from "./readSettings.ts";
import { NotListed } from "../marketdata/live/listing.ts";
import type { Listing } from "../marketdata/live/listing.ts";
import { Recording } from "../marketdata/live/recording.ts";
import type { RecordingSummary } from "../marketdata/live/recording.ts";
import type { Rotation } from "../marketdata/live/tapeRecorder.ts";
import { isUpstreamFailure, upstreamAt } from "../marketdata/live/upstream.ts";
import type { Upstream } from "../marketdata/live/upstream.ts";
import { TapeError } from "../marketdata/tape/layout.ts";
import { salvageTape } from "../marketdata/tape/salvage.ts";
import { UNFINISHED } from "../marketdata/tape/tapeReader.ts";
import { realClock } from "../runtime/clock.ts";
import { lockDataFolder } from "../runtime/lock.ts";
import { DataFolderError } from "../store/errors.ts";
import { ms } from "../units/numbers.ts";
import { counted } from "../units/counted.ts";

const PROGRESS_MS = 10_000;
const UNIT_BYTES: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 };

/** "1h" or "50MB"; "off" for one tape without end. */
const RotationFlag = z.string().transform((text, context): Rotation => {
  if (text === "off") return null;
  const size = /^(\d+(?:\.\d+)?)(KB|MB|GB)$/.exec(text);
  if (size !== null) return { bytes: Number(size[1]) * (UNIT_BYTES[size[2] ?? ""] ?? 0) };
  const time = Duration.safeParse(text);
  if (time.success) return { everyMs: time.data };
  context.addIssue({
    code: "custom",
    message: `"${text}" is not allowed; a time such as 1h, a size such as 50MB, or off`,
  });
  return z.NEVER;
});

const flags = z.object({
  market: z.string().optional().describe("coin, such as US500 or mkts:US500 (SYMBOL)"),
  exchange: z.string().default("mainnet").describe("mainnet, testnet, or a URL (mainnet)"),
  out: z.string().default("data/tapes").describe("folder; each market gets its own (data/tapes)"),
  rotate: RotationFlag.optional().describe("begin a new tape after 1h, after 50MB, or off (1h)"),
  duration: Duration.optional().describe("90s, 15m, 4h, 7d (until interrupted)"),
  json: Switch.describe("one JSON object on standard output, progress on standard error"),
});
type Flags = z.infer<typeof flags>;

/** Market data into tapes, as it comes. */
export const recordCommand = defineCommand({
  name: "record",
  summary: "Record a live market's book, trades and oracle into tapes that replay at once.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const { settings } = readSettings(io, {});
    const url = exchangeUrl(given.exchange, settings);
    if (url === null)
      throw new UsageError(
        `--exchange: "${given.exchange}" is not allowed; mainnet, testnet, or a URL such as http://127.0.0.1:3001`,
      );
    const upstream = upstreamAt(url);
    const listing = await listingOf(upstream, given.market ?? settings.SYMBOL);
    const folder = join(given.out, listing.spec.market.replace(":", "-"));
    const unlock = lock(folder);
    try {
      salvage(folder, io);
      const summary = await record({ given, upstream, url, listing, folder }, io);
      io.out(given.json ? JSON.stringify(summary) : summaryText(summary));
      return 0;
    } finally {
      unlock();
    }
  },
});

async function listingOf(upstream: Upstream, market: string): Promise<Listing> {
  try {
    return await upstream.listing(market);
  } catch (error) {
    if (error instanceof NotListed) throw new UsageError(error.message, { cause: error });
    if (isUpstreamFailure(error)) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

function lock(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    return lockDataFolder(folder);
  } catch (error) {
    if (error instanceof DataFolderError)
      throw new UsageError(error.message.replace("--data", "--out"), { cause: error });
    throw new UsageError(`--out: the folder "${folder}" cannot be made (${String(error)})`, {
      cause: error,
    });
  }
}

/** What an earlier recorder that was killed has left becomes tapes. */
function salvage(folder: string, io: Io): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(`.tape${UNFINISHED}`))) {
    const path = join(folder, name);
    try {
      const saved = salvageTape(path);
      io.err(
        saved === null
          ? `${path}: nothing was in it`
          : `${path}: its ${saved.header.rows} whole rows are ${saved.path}`,
      );
    } catch (error) {
      if (!(error instanceof TapeError)) throw error;
      io.err(`warning: left alone: ${error.message}`);
    }
  }
}

type Task = {
  readonly given: Flags;
  readonly upstream: Upstream;
  readonly url: string;
  readonly listing: Listing;
  readonly folder: string;
};

async function record(task: Task, io: Io): Promise<RecordingSummary> {
  const { given, upstream, url, listing, folder } = task;
  const { market: coin, szDecimals } = listing.spec;
  const clock = realClock();
  const interrupted = interruption((signal) => io.err(`${signal}: ending the tape`));
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const say = (text: string): void => io.err(`${new Date().toISOString()} ${coin}: ${text}`);
  const recording = new Recording({
    listen: (deps) => upstream.market({ ...deps, random: Math.random }),
    clock,
    coin,
    szDecimals,
    source: `recorded from ${url}`,
    folder,
    rotation: given.rotate === undefined ? { everyMs: 3_600_000 } : given.rotate,
    onNews: say,
    onFailure: failed.reject,
  });
  const over = Promise.withResolvers<void>();
  if (given.duration !== undefined)
    clock.at(ms(clock.nowMs() + given.duration), () => over.resolve());
  const progress = setInterval(() => say(recording.progress()), PROGRESS_MS);
  recording.start();
  try {
    await Promise.race([interrupted, over.promise, failed.promise]);
  } catch (error) {
    throw new CommandFailure(`the tape cannot be written: ${String(error)}`, { cause: error });
  } finally {
    clearInterval(progress);
  }
  return recording.stop();
}

function summaryText({ coin, source, rows, gaps, latePrints, tapes }: RecordingSummary): string {
  const iso = (atMs: number): string => new Date(atMs).toISOString();
  return [
    `${coin}, ${source}: ${counted(rows, "row")} in ${counted(tapes.length, "tape")}, ${counted(gaps.length, "gap")}, ${counted(latePrints, "trade")} too late`,
    ...gaps.map(
      ({ fromMs, toMs, reason }) =>
        `  gap    ${iso(fromMs)} ${toMs === null ? "to the end" : `for ${((toMs - fromMs) / 1000).toFixed(1)} s`}: ${reason}`,
    ),
    ...tapes.map(
      ({ path, bytes, header }) =>
        `  tape   ${path}: ${counted(header.rows, "row")}, ${bytes} bytes`,
    ),
    ...tapes.slice(0, 1).map(({ path }) => `replay: bun run paper --feed ${path}`),
  ].join("\n");
}
