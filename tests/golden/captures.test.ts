import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accountSchemas } from "../../lib/hyperliquid/schemas/account.ts";
import { Meta, PerpDexs } from "../../lib/hyperliquid/schemas/info.ts";
import {
  parseBbo,
  parseBook,
  parseContext,
  parseTrades,
} from "../../lib/hyperliquid/schemas/market.ts";
import { parseWire } from "../../lib/hyperliquid/schemas/wire.ts";
import { US500 } from "../support/batches.ts";

/** Captured answers and frames of the real venue, where they are at hand. */
const shared = process.env["AMM500_SHARED_DATA"] ?? join(import.meta.dir, "../../../shared/data");
const captures = join(shared, "f_hl_api_captures");
const present = existsSync(captures);
if (!present) console.log(`skipped: no captures at ${captures}`);

type Frame = { readonly channel?: string; readonly data?: unknown };
const json = (path: string): unknown => JSON.parse(readFileSync(join(captures, path), "utf8"));
const lines = (path: string): unknown[] =>
  readFileSync(join(captures, path), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as unknown);

/** Decimals of the coins in the captures; a few more than listed are harmless. */
const SZ_DECIMALS: { readonly [coin: string]: number } = { BTC: 5, ETH: 4, kPEPE: 0 };

describe.skipIf(!present)("captured", () => {
  test("metas are understood", () => {
    const km = parseWire(Meta, json("freedom/meta_km.json"), "meta");
    expect(km.collateralToken).toBe(360);
    expect(km.universe[0]).toMatchObject({
      name: "km:US500",
      szDecimals: 3,
      isDelisted: true,
      growthMode: "enabled",
      deployerFeeScale: 1,
    });
    const mkts = parseWire(Meta, json("freedom/meta_mkts_trimmed.json"), "meta");
    expect(mkts.collateralToken).toBe(0);
    const dexs = parseWire(PerpDexs, json("eugene2710_mcp/perpdexs.json"), "perpDexs");
    expect(dexs[0]).toBeNull();
    expect(dexs.find((dex) => dex?.name === "xyz")).toBeDefined();
  });

  test("market frames are understood", () => {
    const read: string[] = [];
    const frames = [
      ...lines("ws_frames/testnet_frames_20260728.jsonl").map(
        (line) => (line as { frame: Frame }).frame,
      ),
      ...(lines("ws_frames/ws_frames_20260924.jsonl") as Frame[]),
    ];
    for (const { channel, data } of frames) {
      const coin = String((data as { coin?: string } | undefined)?.coin);
      const szDecimals = SZ_DECIMALS[coin];
      if (channel === "trades") parseTrades(data, 5);
      else if (szDecimals === undefined) continue;
      else if (channel === "bbo") parseBbo(data, szDecimals);
      else if (channel === "l2Book") parseBook(data, szDecimals);
      else if (channel === "activeAssetCtx") parseContext(data, szDecimals);
      else continue;
      read.push(channel);
    }
    expect(new Set(read)).toEqual(new Set(["bbo", "l2Book", "trades", "activeAssetCtx"]));
  });

  test("account frames are understood", () => {
    const btc = accountSchemas({ ...US500, market: "BTC", dex: "", szDecimals: 5 });
    const sp500 = accountSchemas({ ...US500, market: "xyz:SP500", dex: "xyz" });
    const [user, userFills, orderUpdates] = lines("ws_frames/user_frames_20260725.jsonl") as {
      data: { fills: unknown };
    }[];
    expect(btc.fills(user?.data.fills)).toMatchObject([
      { side: "ask", sizeLots: 18, feeMicroUsd: 829, startPositionLots: -5_081_882 },
    ]);
    expect(sp500.fills(userFills?.data.fills)).toMatchObject([
      { side: "bid", pxTicks: 7_429_100, sizeLots: 1149, feeMicroUsd: 4_489_271 },
    ]);
    expect(btc.orderUpdates(orderUpdates?.data)).toMatchObject([{ status: "badAloPxRejected" }]);
    const frames = lines("ws_frames/testnet_frames_20260728.jsonl") as {
      name: string;
      frame: unknown;
    }[];
    const frame = (name: string) => frames.find((item) => item.name === name)?.frame;
    expect(btc.clearinghouse(frame("clearinghouse_state_flat"))).toMatchObject({
      equityMicroUsd: 0,
      positionLots: 0,
    });
    expect(btc.openOrders(frame("open_orders_one"))).toMatchObject([
      { oid: 57_118_842_019, side: "bid", leavesLots: 37, reduceOnly: false },
    ]);
    const whale = json("eugene2710_mcp/clearinghouse_whale.json");
    expect(btc.clearinghouse(whale).equityMicroUsd).toBeGreaterThan(0);
  });
});
