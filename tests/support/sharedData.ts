import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = process.env["AMM500_SHARED_DATA"] ?? join(import.meta.dir, "../../../shared/data");
const ETH = join(ROOT, "a_hyperliquid_book_trades/HL_ETH_20251210");

/** Collectors' files of ETH on 2025-12-10: book, touch, trades. Null where the data is absent. */
export const ETH_RECORDING: readonly string[] | null = existsSync(`${ETH}_book20.csv.gz`)
  ? ["book20", "bbo", "trades"].map((kind) => `${ETH}_${kind}.csv.gz`)
  : null;

if (ETH_RECORDING === null)
  console.error(`skipped: the recorded ETH market, for ${ETH}_* is absent`);
