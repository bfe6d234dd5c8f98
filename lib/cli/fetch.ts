import { z } from "zod";
import { askChain, historyFlags, provenance, reportLine } from "./historyChain.ts";
import { defineCommand, Switch } from "./command.ts";

const Flags = z.object({
  ...historyFlags,
  json: Switch.describe("one JSON object on standard output"),
});

/** Fetches candles by the fallback chain and stores them. */
export const fetchCommand = defineCommand({
  name: "fetch",
  summary:
    "Fetches price history: the S&P 100, else the market's own candles, else BTC scaled; what is there already stays.",
  operands: "",
  flags: Flags,
  run: async (flags, _operands, io) => {
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
