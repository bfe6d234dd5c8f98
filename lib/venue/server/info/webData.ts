import type { InfoContext, InfoHandler } from "./context.ts";
import { dexOf, userOf } from "./context.ts";
import { clearinghouseState } from "./accounts.ts";
import { assetContexts, meta } from "./meta.ts";
import { frontendOpenOrders } from "./orders.ts";
import { spotContexts } from "./spot.ts";
import { twapStates } from "./twaps.ts";
import { spotStateOf } from "../rows.ts";

function userState(user: string, { venue }: InfoContext): object {
  const unnamed = venue.agents(user).find((agent) => agent.name === "");
  return {
    agentAddress: unnamed?.address ?? null,
    agentValidUntil: unnamed?.validUntilMs ?? null,
    cumLedger: "0.0",
    serverTime: venue.nowMs(),
    isVault: false,
    user,
  };
}

/** The front end's all-in-one of the main dex; still asked for by older clients. */
export const webData2: InfoHandler = (request, context) => {
  const user = userOf(request);
  const main = { user, dex: "" };
  return {
    clearinghouseState: clearinghouseState(main, context),
    leadingVaults: [],
    totalVaultEquity: "0.0",
    openOrders: frontendOpenOrders(main, context),
    ...userState(user, context),
    meta: meta({ dex: "" }, context),
    assetCtxs: assetContexts(dexOf({ dex: "" }, context), context),
    twapStates: twapStates(user, "", context),
    spotState: spotStateOf(context.venue, user),
    spotAssetCtxs: spotContexts(context),
    perpsAtOpenInterestCap: context.venue.atOpenInterestCap(""),
  };
};

/** Its successor: who the user is, and a row per dex. Only as a channel. */
export function webData3(user: string, context: InfoContext): object {
  return {
    userState: userState(user, context),
    perpDexStates: context.venue.config.dexes.map((dex) => ({
      totalVaultEquity: "0.0",
      perpsAtOpenInterestCap: context.venue.atOpenInterestCap(dex.name),
    })),
  };
}
