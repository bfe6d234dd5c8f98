import { expect, test } from "bun:test";
import { captures, hasCaptures } from "../support/captures.ts";
import { FakeTransport } from "../support/fakeTransport.ts";
import { Upstream } from "../../lib/marketdata/live/upstream.ts";
import { mirrorConfig } from "../../lib/venue/server/mirror.ts";
import { Venue } from "../../lib/venue/rules/venue.ts";

if (!hasCaptures)
  console.log("no captures at hand: what the real venue lists is not mirrored in this run");

type Part = { readonly type: string; readonly dex?: string; readonly part?: string };

/** Answers of the real venue, of different days, put together to one listing. */
function captured({ type, dex, part }: Part): unknown {
  const found = captures().find(
    (capture) =>
      capture.kind === "info" &&
      capture.request["type"] === type &&
      capture.request["dex"] === dex &&
      (capture.part?.[0] ?? undefined) === part,
  );
  if (found?.kind !== "info") throw new Error(`no capture of ${type} ${dex ?? ""} ${part ?? ""}`);
  return found.answer;
}

function mainnet(): Upstream {
  const transport = new FakeTransport();
  const first = captured({ type: "perpDexs" }) as readonly unknown[];
  const km = { name: "km", fullName: "Markets by Kinetiq" };
  const mkts = { name: "mkts", fullName: "Markets By Kinetiq" };
  const named = first.filter((dex) => {
    const name = (dex as { name?: string } | null)?.name;
    return name === undefined || name === "xyz";
  });
  const metas = [
    {
      universe: captured({ type: "meta", part: "universe" }),
      marginTables: [],
      collateralToken: 0,
    },
    {
      universe: captured({ type: "meta", dex: "xyz", part: "universe" }),
      marginTables: [],
      collateralToken: 0,
    },
    captured({ type: "meta", dex: "km" }),
    captured({ type: "meta", dex: "mkts" }),
  ];
  transport.answerInfo = ({ type }) => {
    switch (type) {
      case "perpDexs":
        return [...named, km, mkts];
      case "allPerpMetas":
        return metas;
      case "spotMeta":
        return captured({ type: "spotMeta" });
      case "userFees":
        return { userCrossRate: "0.00045", userAddRate: "0.00015", activeReferralDiscount: "0.0" };
      default:
        throw new Error(`${type} is not asked`);
    }
  };
  return new Upstream(transport);
}

test.skipIf(!hasCaptures)("what mainnet lists becomes a venue of its own", async () => {
  const listing = await mainnet().listing("US500");
  // km:US500 is delisted there: the short name is the other dex's.
  expect(listing.spec).toMatchObject({
    market: "mkts:US500",
    szDecimals: 3,
    maxLeverage: 25,
    collateralName: "USDC",
    growthMode: true,
  });
  const config = mirrorConfig(listing, true);
  expect(config.dexes.map(({ name, collateralToken }) => [name, collateralToken])).toEqual([
    ["", 0],
    ["xyz", 0],
    ["km", 360],
    ["mkts", 0],
  ]);
  expect(config).toMatchObject({ baseMakerMillionths: 150, baseTakerMillionths: 450 });
  const [main, xyz, km, mkts] = config.dexes;
  expect(main?.markets[0]).toMatchObject({ coin: "BTC", assetId: 0, maxLeverage: 40 });
  expect(xyz?.markets.some(({ openInterestCapUsd }) => (openInterestCapUsd ?? 0) > 0)).toBe(true);
  expect(km?.markets[0]).toMatchObject({ coin: "km:US500", assetId: 120_000, isDelisted: true });
  expect(mkts?.markets[0]).toMatchObject({
    coin: "mkts:US500",
    assetId: 130_000,
    deployerFeeScale: 1,
    growthMode: true,
  });
  const venue = new Venue(config, () => undefined);
  expect(venue.market("mkts:US500")).toEqual(mkts?.markets[0] as never);
});
