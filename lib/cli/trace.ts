import { z } from "zod";
import { readRunInfo } from "../runtime/runInfo.ts";
import { orderTrace } from "../runtime/why/orderTrace.ts";
import type { OrderTrace } from "../runtime/why/orderTrace.ts";
import { CommandFailure, defineCommand, Switch, UsageError } from "./command.ts";
import { orderIdOf } from "./orderId.ts";
import { withReader } from "./stored.ts";
import { textTable } from "./table.ts";

const flags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  json: Switch.describe("one JSON object on standard output"),
});

/** The way of one order in milliseconds, station by station. */
export const traceCommand = defineCommand({
  name: "trace",
  summary: "Where the time of one order went, from the event that caused it to the feed's word.",
  operands: "<oid|cloid>",
  flags,
  run: async ({ data, json }, operands, io) => {
    const [word, ...more] = operands;
    if (word === undefined || more.length > 0) throw new UsageError("trace takes one oid or cloid");
    const id = orderIdOf(word);
    const trace = withReader(data, (reader) =>
      orderTrace(reader, id, readRunInfo(reader)?.speed ?? 1),
    );
    if (trace === null)
      throw new CommandFailure(`the way of the order ${id} is not stored, or no longer`);
    io.out(json ? JSON.stringify(trace) : traceText(trace));
    return 0;
  },
});

function traceText(trace: OrderTrace): string {
  const { cloid, oid, receivedMs, stages, statuses, notes } = trace;
  let before = 0;
  const rows = stages.map(({ stage, sinceMs, detail }) => {
    const took = sinceMs === null ? "–" : (sinceMs - before).toFixed(3);
    before = sinceMs ?? before;
    return [stage, sinceMs === null ? "–" : sinceMs.toFixed(3), took, detail];
  });
  const parts = [
    `order ${oid ?? "without a number of the exchange"}  ${cloid}\nreceived ${new Date(receivedMs).toISOString()}`,
    textTable(["station", "after ms", "took ms", ""], rows, ["left", "right", "right", "left"]),
  ];
  if (statuses.length > 1)
    parts.push(
      statuses
        .map(({ status, sinceMs }) => `${sinceMs.toFixed(0).padStart(9)} ms  ${status}`)
        .join("\n"),
    );
  parts.push(notes.map((note) => `note: ${note}`).join("\n"));
  return parts.join("\n\n");
}
