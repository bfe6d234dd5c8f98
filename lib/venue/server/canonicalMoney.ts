import { USER_SIGNED_TYPES } from "../../hyperliquid/signing/userSigned.ts";
import { formatDecimal } from "../../units/decimal.ts";
import { violated } from "../../units/assert.ts";
import type { Abstraction, VenueAction } from "../rules/types.ts";
import { l1 } from "./parsedAction.ts";
import type { ParsedAction } from "./parsedAction.ts";
import {
  addressAt,
  booleanAt,
  decimalAt,
  integerAt,
  objectAt,
  onlyKeys,
  optionalAt,
  ShapeError,
  stringAt,
  unsignedAt,
  wordAt,
} from "./shape.ts";
import type { JsonObject } from "./shape.ts";

/** Clients that still switch the discontinued mode on are told so. */
const NO_DEX_ABSTRACTION = "Abstraction transition not allowed";

type Parser = (raw: JsonObject) => ParsedAction;

/** Readers of the actions about money, modes and approvals, by `type`. */
export const MONEY_PARSERS: Readonly<Record<string, Parser>> = {
  updateIsolatedMargin,
  topUpIsolatedOnlyMargin,
  reserveRequestWeight,
  agentSetAbstraction,
  agentEnableDexAbstraction: (raw) => {
    onlyKeys(raw, ["type"], "action");
    return l1({ type: "agentEnableDexAbstraction" }, { refusal: NO_DEX_ABSTRACTION });
  },
  agentSendAsset,
  spotUser,
  approveAgent: (raw) =>
    userSigned(raw, "approveAgent", {
      act: {
        type: "approveAgent",
        agentAddress: addressAt(raw["agentAddress"], "agentAddress"),
        agentName: optionalAt(raw["agentName"], "agentName", stringAt) ?? "",
      },
    }),
  approveBuilderFee: (raw) =>
    userSigned(raw, "approveBuilderFee", {
      act: {
        type: "approveBuilderFee",
        builder: addressAt(raw["builder"], "builder"),
        maxFeeRate: stringAt(raw["maxFeeRate"], "maxFeeRate"),
      },
    }),
  userSetAbstraction: (raw) =>
    userSigned(raw, "userSetAbstraction", {
      act: {
        type: "setAbstraction",
        user: addressAt(raw["user"], "user"),
        abstraction: wordAt(raw["abstraction"], "abstraction", ABSTRACTIONS),
      },
    }),
  userDexAbstraction: (raw) => {
    addressAt(raw["user"], "user");
    booleanAt(raw["enabled"], "enabled");
    return userSigned(raw, "userDexAbstraction", { refusal: NO_DEX_ABSTRACTION });
  },
  usdClassTransfer: (raw) =>
    userSigned(raw, "usdClassTransfer", {
      act: {
        type: "usdClassTransfer",
        amount: stringAt(raw["amount"], "amount"),
        toPerp: booleanAt(raw["toPerp"], "toPerp"),
      },
    }),
  usdSend: (raw) => userSigned(raw, "usdSend", { act: { type: "usdSend", ...sentBy(raw) } }),
  withdraw3: (raw) => userSigned(raw, "withdraw3", { act: { type: "withdraw3", ...sentBy(raw) } }),
  spotSend: (raw) =>
    userSigned(raw, "spotSend", {
      act: { type: "spotSend", token: stringAt(raw["token"], "token"), ...sentBy(raw) },
    }),
  sendAsset: (raw) => userSigned(raw, "sendAsset", { act: assetSent(raw, false) }),
};

const ABSTRACTIONS: readonly Abstraction[] = ["disabled", "unifiedAccount", "portfolioMargin"];
const SHORT_ABSTRACTIONS: Readonly<Record<string, Abstraction>> = {
  i: "disabled",
  u: "unifiedAccount",
  p: "portfolioMargin",
};

function sentBy(raw: JsonObject): { readonly destination: string; readonly amount: string } {
  return {
    destination: addressAt(raw["destination"], "destination"),
    amount: stringAt(raw["amount"], "amount"),
  };
}

function assetSent(raw: JsonObject, byAgent: boolean): VenueAction {
  return {
    type: "sendAsset",
    ...sentBy(raw),
    sourceDex: stringAt(raw["sourceDex"], "sourceDex"),
    destinationDex: stringAt(raw["destinationDex"], "destinationDex"),
    token: stringAt(raw["token"], "token"),
    fromSubAccount: stringAt(raw["fromSubAccount"], "fromSubAccount"),
    byAgent,
  };
}

/**
 * An action that the account's own key signed as typed data. The fields of the type are hashed as they were sent (that
 * an address inside a string field is not put into lower case first is assumed).
 * @throws ShapeError for a field that is missing, unknown or of another type
 */
function userSigned(raw: JsonObject, type: string, outcome: ParsedAction["outcome"]): ParsedAction {
  const typed = USER_SIGNED_TYPES[type] ?? violated(`the type of ${type} is known`);
  const names = typed.fields.map(({ name }) => name);
  onlyKeys(raw, ["type", "signatureChainId", ...names], "action");
  const signatureChainId = stringAt(raw["signatureChainId"], "signatureChainId");
  if (!/^0x[0-9a-fA-F]{1,13}$/.test(signatureChainId))
    throw new ShapeError("signatureChainId must be a hex number");
  const stamp = names.includes("time") ? "time" : "nonce";
  const nonce = unsignedAt(raw[stamp], stamp);
  const message: Record<string, unknown> = { type, signatureChainId };
  for (const { name, type: kind } of typed.fields) {
    message[name] =
      kind === "address" ? addressAt(raw[name], name) : name === stamp ? nonce : raw[name];
  }
  message["hyperliquidChain"] = wordAt(raw["hyperliquidChain"], "hyperliquidChain", [
    "Mainnet",
    "Testnet",
  ]);
  return { signing: { kind: "user", ...typed, message, nonce }, outcome };
}

function updateIsolatedMargin(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "asset", "isBuy", "ntli"], "action");
  const type = "updateIsolatedMargin" as const;
  const asset = unsignedAt(raw["asset"], "asset");
  const isBuy = booleanAt(raw["isBuy"], "isBuy");
  const ntli = integerAt(raw["ntli"], "ntli");
  return l1({ type, asset, isBuy, ntli }, { act: { type, asset, ntli } });
}

function topUpIsolatedOnlyMargin(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "asset", "leverage"], "action");
  const action = {
    type: "topUpIsolatedOnlyMargin" as const,
    asset: unsignedAt(raw["asset"], "asset"),
    leverage: decimalAt(raw["leverage"], "leverage"),
  };
  return l1({ ...action, leverage: stringAt(raw["leverage"], "leverage") }, { act: action });
}

function reserveRequestWeight(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "weight", "destination"], "action");
  const destination = optionalAt(raw["destination"], "destination", addressAt);
  const action = {
    type: "reserveRequestWeight" as const,
    weight: unsignedAt(raw["weight"], "weight"),
    ...(destination === null ? {} : { destination }),
  };
  return l1(action, { act: action });
}

/** For the account itself: the core sees who signed and for whom. */
function agentSetAbstraction(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "abstraction"], "action");
  const short = wordAt(raw["abstraction"], "abstraction", Object.keys(SHORT_ABSTRACTIONS));
  const abstraction = SHORT_ABSTRACTIONS[short] ?? "disabled";
  return l1(
    { type: "agentSetAbstraction", abstraction: short },
    { act: { type: "setAbstraction", user: "", abstraction } },
  );
}

function agentSendAsset(raw: JsonObject): ParsedAction {
  const keys = ["destination", "sourceDex", "destinationDex", "token", "amount", "fromSubAccount"];
  onlyKeys(raw, ["type", ...keys, "nonce"], "action");
  const canonical: Record<string, string | number> = { type: "agentSendAsset" };
  for (const key of keys) canonical[key] = stringAt(raw[key], key);
  canonical["destination"] = addressAt(raw["destination"], "destination");
  canonical["nonce"] = unsignedAt(raw["nonce"], "nonce");
  return l1(canonical, { act: assetSent(raw, true) });
}

/** The older way between spot and perps, in millionths; one client still uses it. */
function spotUser(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "classTransfer"], "action");
  const inner = objectAt(raw["classTransfer"], "classTransfer");
  const usdc = unsignedAt(inner["usdc"], "usdc");
  const toPerp = booleanAt(inner["toPerp"], "toPerp");
  return l1(
    { type: "spotUser", classTransfer: { usdc, toPerp } },
    { act: { type: "usdClassTransfer", amount: formatDecimal(usdc, 6), toPerp } },
  );
}
