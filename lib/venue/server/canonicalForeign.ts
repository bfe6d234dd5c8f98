import type { WireValue } from "../../hyperliquid/signing/msgpack.ts";
import { l1 } from "./parsedAction.ts";
import type { ParsedAction } from "./parsedAction.ts";
import { addressAt, arrayAt, objectAt, ShapeError } from "./shape.ts";
import type { JsonObject } from "./shape.ts";

/*
 * Actions of the venue about things that do not exist here: vaults, referrals, staking, auctions, deployments. They are
 * understood as far as their hash needs, in the key order in which they came, and refused like anything the venue refuses:
 * status 200, the nonce used up. The texts for vaults and auctions were seen; the others are this exchange's own.
 */

const notHere = (what: string) => (): string => `${what} are not offered by this exchange`;

/** Refusal of each by its `type`; who signs typed data (staking, multi-signature accounts) is not among them. */
const REFUSALS: Readonly<Record<string, (raw: JsonObject) => string>> = {
  vaultTransfer: (raw) => `Vault not registered: ${addressAt(raw["vaultAddress"], "vaultAddress")}`,
  vaultDistribute: (raw) =>
    `Vault not registered: ${addressAt(raw["vaultAddress"], "vaultAddress")}`,
  vaultModify: (raw) => `Vault not registered: ${addressAt(raw["vaultAddress"], "vaultAddress")}`,
  createVault: notHere("Vaults"),
  gossipPriorityBid: () => "Insufficient gas at current auction price.",
  setReferrer: notHere("Referrals"),
  registerReferrer: notHere("Referrals"),
  claimRewards: notHere("Rewards"),
  setDisplayName: notHere("Display names"),
  hip3LiquidatorTransfer: notHere("Liquidator accounts"),
  perpDeploy: notHere("Deployments"),
  spotDeploy: notHere("Deployments"),
  evmUserModify: notHere("EVM settings"),
  finalizeEvmContract: notHere("EVM contracts"),
  borrowLend: notHere("Loans"),
  userOutcome: notHere("Outcome markets"),
  CSignerAction: notHere("Validators"),
  CValidatorAction: notHere("Validators"),
};

/** Readers of those actions, by `type`. */
export const FOREIGN_PARSERS: Readonly<Record<string, (raw: JsonObject) => ParsedAction>> =
  Object.fromEntries(
    Object.entries(REFUSALS).map(([type, refusalOf]) => [
      type,
      (raw: JsonObject) => l1(asSent(raw, "action"), { refusal: refusalOf(raw) }),
    ]),
  );

/** JSON as it can be hashed. @throws ShapeError for a number that is no safe integer */
function asSent(value: unknown, what: string): WireValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new ShapeError(`${what} has a number out of range`);
    return value;
  }
  if (Array.isArray(value)) return arrayAt(value, what).map((each) => asSent(each, what));
  return Object.fromEntries(
    Object.entries(objectAt(value, what)).map(([key, each]) => [key, asSent(each, what)]),
  );
}
