import { z } from "zod";
import { askChain, historyFlags, provenance, reportLine } from "./historyChain.ts";
import { join } from "node:path";
import { CandleStore } from "../marketdata/history/candleStore.ts";
import { candlesFromTape } from "../marketdata/history/tapeCandles.ts";
import { TapeError } from "../marketdata/tape/layout.ts";
import { openTape } from "../marketdata/tape/tapeReader.ts";
import { CommandFailure, defineCommand, Switch } from "./command.ts";
import type { HistoryFlags } from "./historyChain.ts";
import type { Io } from "./command.ts";
import { counted } from "../units/counted.ts";

const Flags = z.object({
  ...historyFlags,
  tapes: z
    .string()
    .optional()
    .describe("recordings whose candles are added first, comma-separated"),
  json: Switch.describe("one JSON object on standard output"),
});

/** Candles of a recording, under the market's own name. @throws CommandFailure */
function addTape(path: string, flags: HistoryFlags, io: Io): void {
  const store = new CandleStore(join(flags.data, "history.sqlite"));
  try {
    const tape = openTape(path);
    const rows = candlesFromTape(tape, flags.bar);
    const added = store.add({ instrument: tape.header.coin, barMs: flags.bar }, rows);
    io.err(`${path}: ${counted(rows.length, "bar")} of ${tape.header.coin}, ${added} new`);
  } catch (error) {
    if (error instanceof TapeError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  } finally {
    store.close();
  }
}

/** Fetches candles by the fallback chain and stores them. */
export const fetchCommand = defineCommand({
  name: "fetch",
  summary:
    "Fetches price history: the S&P 100, else the market's own candles, else BTC scaled; what is there already stays.",
  operands: "",
  flags: Flags,
  run: async (flags, _operands, io) => {
    for (const path of flags.tapes?.split(",") ?? []) addTape(path, flags, io);
    const { history } = await askChain(flags, io);
    if (flags.json) io.out(JSON.stringify(provenance(history)));
    else {
      for (const report of history.reports) io.out(reportLine(report));
      if (history.returnScale !== 1)
        io.out(`returns scaled by ${history.returnScale.toFixed(4)}, ${history.scaleFrom}`);
    }
    return 0;
  },
});
