import { z } from "zod";
import { readRunInfo } from "../runtime/runInfo.ts";
import { momentStory } from "../runtime/why/momentStory.ts";
import { orderStory } from "../runtime/why/orderStory.ts";
import type { Reader } from "../store/readModel.ts";
import { CommandFailure, defineCommand, oneOf, Switch, UsageError } from "./command.ts";
import type { Io } from "./command.ts";
import { orderIdOf } from "./orderId.ts";
import { withReader } from "./stored.ts";
import { momentStoryText, orderStoryText } from "./whyText.ts";

const flags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  at: z
    .string()
    .optional()
    .describe("a moment instead of an order, UTC: 14:03:07 or 2026-01-14T14:03:07.5Z"),
  side: oneOf("bid", "ask").optional().describe("with --at: bid or ask"),
  json: Switch.describe("one JSON object on standard output"),
});

/** Explains an order, or why there was one or none at a moment, from what was recorded. */
export const whyCommand = defineCommand({
  name: "why",
  summary: "Why an order stood where it stood, or why a side was quoted or not at a moment.",
  operands: "<oid|cloid>",
  flags,
  run: async (given, operands, io) => {
    const { at, side } = given;
    if ((at === undefined) === (operands.length === 0) || operands.length > 1)
      throw new UsageError("why takes either one oid or cloid, or --at <time> --side bid|ask");
    if ((at === undefined) !== (side === undefined))
      throw new UsageError("--at and --side go together");
    withReader(given.data, (reader) => {
      if (at !== undefined && side !== undefined) tellMoment(reader, at, side, given.json, io);
      else tellOrder(reader, operands[0] ?? "", given.json, io);
    });
    return 0;
  },
});

function decimalsOf(reader: Reader): number {
  return readRunInfo(reader)?.spec.szDecimals ?? 0;
}

function tellOrder(reader: Reader, word: string, json: boolean, io: Io): void {
  const id = orderIdOf(word);
  const story = orderStory(reader, id);
  if (story === null) {
    const oldest = reader.oldestEvent();
    throw new CommandFailure(
      `nothing is stored of the order ${id}${oldest === null || oldest.seq === 1 ? "" : `; events before ${new Date(oldest.atMs).toISOString()} have been pruned`}`,
    );
  }
  io.out(json ? JSON.stringify(story) : orderStoryText(story, decimalsOf(reader)));
}

function tellMoment(reader: Reader, at: string, side: "bid" | "ask", json: boolean, io: Io): void {
  const story = momentStory(reader, timeOf(at, reader), side);
  io.out(json ? JSON.stringify(story) : momentStoryText(story, decimalsOf(reader)));
}

const TIME_OF_DAY = /^\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;
const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?Z?$/;

/** A time of day is of the newest event's day: what is asked for is mostly what just happened. */
function timeOf(text: string, reader: Reader): number {
  const word = text.trim();
  let atMs = Number.NaN;
  if (/^\d{12,14}$/.test(word)) atMs = Number(word);
  else if (ISO.test(word)) atMs = Date.parse(`${word.replace(" ", "T").replace(/Z$/, "")}Z`);
  else if (TIME_OF_DAY.test(word)) {
    const day = new Date(reader.newestEvent()?.atMs ?? 0).toISOString().slice(0, 10);
    atMs = Date.parse(`${day}T${word}Z`);
  }
  if (Number.isNaN(atMs))
    throw new UsageError(
      `--at: "${text}" is no time; allowed, in UTC: 14:03:07, 2026-01-14T14:03:07.5Z, or milliseconds since 1970`,
    );
  return atMs;
}
