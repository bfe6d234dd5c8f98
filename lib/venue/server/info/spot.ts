import type { InfoContext, InfoHandler } from "./context.ts";
import { InfoRefusal } from "./context.ts";
import { stringAt } from "../shape.ts";
import { spotMeta } from "./meta.ts";

/** The one pair's numbers: nothing trades, a collateral is worth one. */
export function spotContexts(_context: InfoContext): readonly object[] {
  return [
    {
      prevDayPx: "1.0",
      dayNtlVlm: "0.0",
      markPx: "1.0",
      midPx: null,
      circulatingSupply: "0.0",
      coin: "@230",
      totalSupply: "0.0",
      dayBaseVlm: "0.0",
    },
  ];
}

export const spotMetaAndAssetCtxs: InfoHandler = (request, context) => [
  spotMeta(request, context),
  spotContexts(context),
];

/** Made out of nothing by the faucet: no genesis, no deployer. @throws InfoRefusal for a token that is not listed. */
export const tokenDetails: InfoHandler = (request, { venue }) => {
  const id = stringAt(request["tokenId"], "tokenId");
  const token = venue.config.tokens.find(({ tokenId }) => tokenId === id);
  if (token === undefined) throw new InfoRefusal(`unknown token ${id}`);
  return {
    name: token.name,
    maxSupply: "0.0",
    totalSupply: "0.0",
    circulatingSupply: "0.0",
    szDecimals: token.szDecimals,
    weiDecimals: token.weiDecimals,
    midPx: "1.0",
    markPx: "1.0",
    prevDayPx: "1.0",
    genesis: null,
    deployer: null,
    deployGas: null,
    deployTime: null,
    seededUsdc: "0.0",
    nonCirculatingUserBalances: [],
    futureEmissions: "0.0",
  };
};
