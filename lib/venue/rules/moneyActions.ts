import { setAbstraction } from "./abstraction.ts";
import { approveBuilderFee } from "./builders.ts";
import { topUpIsolatedMargin, updateIsolatedMargin } from "./isolatedMargin.ts";
import type { Account, World } from "./model.ts";
import { reserveRequestWeight } from "./requestWeight.ts";
import { renameSubAccount } from "./subAccounts.ts";
import { transfer } from "./transfers.ts";
import type { VenueAction } from "./types.ts";
import { unknownAsset } from "./validate.ts";

type MoneyAction = Exclude<
  VenueAction,
  {
    readonly type:
      | "order"
      | "cancel"
      | "cancelByCloid"
      | "modify"
      | "batchModify"
      | "scheduleCancel"
      | "updateLeverage"
      | "approveAgent"
      | "createSubAccount"
      | "twapOrder"
      | "twapCancel"
      | "refused"
      | "noop";
  }
>;

/** Actions about money and modes rather than orders. Null when done, else the venue's refusal. */
export function executeMoneyAction(
  world: World,
  account: Account,
  action: MoneyAction,
): string | null {
  switch (action.type) {
    case "updateIsolatedMargin":
    case "topUpIsolatedOnlyMargin": {
      const market = world.byAssetId.get(action.asset);
      if (market === undefined) return unknownAsset(action.asset);
      return action.type === "updateIsolatedMargin"
        ? updateIsolatedMargin(world, account, market, action.ntli)
        : topUpIsolatedMargin(world, account, market, Number(action.leverage));
    }
    case "reserveRequestWeight":
      return reserveRequestWeight(world, account, action.weight, action.destination);
    case "approveBuilderFee":
      return approveBuilderFee(account, action.builder, action.maxFeeRate);
    case "setAbstraction":
      return setAbstraction(world, account, action.user, action.abstraction);
    case "subAccountModify":
      return renameSubAccount(account, action.subAccountUser, action.name);
    case "subAccountTransfer":
    case "subAccountSpotTransfer":
    case "usdClassTransfer":
    case "usdSend":
    case "spotSend":
    case "sendAsset":
    case "withdraw3":
      return transfer(world, account, action);
  }
}
