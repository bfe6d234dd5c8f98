import { l1 } from "./parsedAction.ts";
import type { ParsedAction } from "./parsedAction.ts";
import {
  addressAt,
  booleanAt,
  decimalAt,
  objectAt,
  onlyKeys,
  optionalAt,
  stringAt,
  unsignedAt,
} from "./shape.ts";
import type { JsonObject } from "./shape.ts";

/** Conditions of a TWAP (`details`) are understood but refused: what the venue answers to them is not known. */
const NO_CONDITIONS = "TWAP orders with conditions are not offered by this exchange";

/** Readers of the actions about sub-accounts and TWAP orders, by `type`. */
export const SUB_ACCOUNT_PARSERS: Readonly<Record<string, (raw: JsonObject) => ParsedAction>> = {
  createSubAccount,
  subAccountModify,
  subAccountTransfer,
  subAccountSpotTransfer,
  twapOrder,
  twapCancel,
};

function createSubAccount(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "name"], "action");
  const action = { type: "createSubAccount" as const, name: stringAt(raw["name"], "name") };
  return l1(action, { act: action });
}

function subAccountModify(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "subAccountUser", "name"], "action");
  const action = {
    type: "subAccountModify" as const,
    subAccountUser: addressAt(raw["subAccountUser"], "subAccountUser"),
    name: stringAt(raw["name"], "name"),
  };
  return l1(action, { act: action });
}

function subAccountTransfer(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "subAccountUser", "isDeposit", "usd"], "action");
  const action = {
    type: "subAccountTransfer" as const,
    subAccountUser: addressAt(raw["subAccountUser"], "subAccountUser"),
    isDeposit: booleanAt(raw["isDeposit"], "isDeposit"),
    usd: unsignedAt(raw["usd"], "usd"),
  };
  return l1(action, { act: action });
}

/** The amount is hashed as it was sent (assumed). */
function subAccountSpotTransfer(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "subAccountUser", "isDeposit", "token", "amount"], "action");
  const action = {
    type: "subAccountSpotTransfer" as const,
    subAccountUser: addressAt(raw["subAccountUser"], "subAccountUser"),
    isDeposit: booleanAt(raw["isDeposit"], "isDeposit"),
    token: stringAt(raw["token"], "token"),
    amount: stringAt(raw["amount"], "amount"),
  };
  return l1(action, { act: action });
}

function twapOrder(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "twap", "details"], "action");
  const inner = objectAt(raw["twap"], "twap");
  const twap = {
    a: unsignedAt(inner["a"], "twap.a"),
    b: booleanAt(inner["b"], "twap.b"),
    s: decimalAt(inner["s"], "twap.s"),
    r: booleanAt(inner["r"], "twap.r"),
    m: unsignedAt(inner["m"], "twap.m"),
    t: booleanAt(inner["t"], "twap.t"),
  };
  const details = optionalAt(raw["details"], "details", detailsAt);
  if (details !== null) return l1({ type: "twapOrder", twap, details }, { refusal: NO_CONDITIONS });
  const action = { type: "twapOrder" as const, twap };
  return l1(action, { act: action });
}

function detailsAt(
  value: unknown,
  what: string,
): {
  readonly t: { readonly p: string; readonly a: boolean } | null;
  readonly s: string | null;
} {
  const raw = objectAt(value, what);
  return {
    t: optionalAt(raw["t"], `${what}.t`, (trigger, name) => {
      const fields = objectAt(trigger, name);
      return { p: decimalAt(fields["p"], `${name}.p`), a: booleanAt(fields["a"], `${name}.a`) };
    }),
    s: optionalAt(raw["s"], `${what}.s`, decimalAt),
  };
}

function twapCancel(raw: JsonObject): ParsedAction {
  onlyKeys(raw, ["type", "a", "t"], "action");
  const action = {
    type: "twapCancel" as const,
    a: unsignedAt(raw["a"], "a"),
    t: unsignedAt(raw["t"], "t"),
  };
  return l1(action, { act: action });
}
