/**
 * Weights of the fair value as `bun run fit-fair-value` fitted them, with the hashes of what they were fitted to: least
 * squares of the mid's move over the next two seconds on recordings of Hyperliquid books, each recording judged by the
 * weights of the others. Flow explains nothing there that the book does not, and none of the recordings has an oracle,
 * so both weights are 0.
 */
export const FAIR_WEIGHTS = {
  horizonSec: 2,
  touch: 1.1258,
  depth: 2.3524,
  flowBps: 0,
  oracle: 0,
  fittedTo: [
    {
      tape: "BTC_20250903.tape",
      samples: 417,
      sha256: "f121337ce95daf3ae77c7a6b9b8871406c9d1606904cc9e5802ceb6b95867ea6",
    },
    {
      tape: "ETH_20250903.tape",
      samples: 416,
      sha256: "ffd74de60faac2eaff2ac87a0f1fead488b4fe0267e41fd2f13fbedc3a58a8e3",
    },
    {
      tape: "ETH_20251210.tape",
      samples: 2039,
      sha256: "ace5be34984ff955368cfec8c25fe6130432616ec04cd9c7c704b32ddc491188",
    },
    {
      tape: "SOL_20250903.tape",
      samples: 414,
      sha256: "0633a9f8775f2cdd4b469d121376fd4fdf29a6a29f702bdf75ac768e3388339e",
    },
  ],
} as const;
