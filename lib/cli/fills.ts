import { z } from "zod";
import { bpsText, dateTimeText, moneyText, priceText, sizeText } from "../dashboard/format.ts";
import { readRunInfo } from "../runtime/runInfo.ts";
import type { FillRow } from "../store/readModel.ts";
import { defineCommand, Duration, integerBetween, Switch } from "./command.ts";
import { withReader } from "./stored.ts";
import { textTable } from "./table.ts";
import { counted } from "../units/counted.ts";

const flags = z.object({
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  last: integerBetween(1, 1_000_000).default(50).describe("at most so many, the newest (50)"),
  since: Duration.optional().describe("only of this time up to the newest, such as 1h (all)"),
  json: Switch.describe("one JSON object on standard output"),
});

/** What traded, oldest first. */
export const fillsCommand = defineCommand({
  name: "fills",
  summary:
    "Our fills: price, size, fee, what they earned against the mid, and how they were placed.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const { fills, all, run } = withReader(given.data, (reader) => {
      const newestMs = reader.fills(0, 1)[0]?.venueMs ?? 0;
      const sinceMs = given.since === undefined ? 0 : newestMs - given.since;
      const { fills: count = 0 } = reader.counts();
      return { fills: reader.fills(sinceMs, given.last), all: count, run: readRunInfo(reader) };
    });
    const sz = run?.spec.szDecimals ?? 0;
    const market = run?.spec.market ?? null;
    if (given.json) io.out(JSON.stringify({ market, szDecimals: sz, stored: all, fills }));
    else if (fills.length === 0) io.out("no fills");
    else io.out(`${fillsTable(fills, sz)}\n\n${fills.length} of ${counted(all, "fill")}`);
    return 0;
  },
});

function fillsTable(fills: readonly FillRow[], sz: number): string {
  const head = [
    "time (UTC)",
    "side",
    "price",
    "size",
    "role",
    "fee",
    "vs mid bp",
    "placement",
    "level",
    "oid",
    "cloid",
  ];
  const rows = fills.map((fill) => [
    dateTimeText(fill.venueMs),
    fill.side,
    priceText(fill.pxTicks, sz),
    sizeText(fill.sizeLots, sz),
    fill.taker ? "taker" : "maker",
    moneyText(fill.feeMicroUsd),
    bpsText(distanceBps(fill)),
    fill.placement ?? "–",
    fill.level === null ? "–" : String(fill.level + 1),
    String(fill.oid),
    fill.cloid ?? "–",
  ]);
  return textTable(head, rows, [
    "left",
    "left",
    "right",
    "right",
    "left",
    "right",
    "right",
    "left",
  ]);
}

/** Distance to the mid at the fill, positive when better than it; null without a book. */
function distanceBps({ side, pxTicks, midX2Ticks }: FillRow): number | null {
  if (midX2Ticks === null) return null;
  return (1e4 * (side === "bid" ? 1 : -1) * (midX2Ticks - 2 * pxTicks)) / midX2Ticks;
}
