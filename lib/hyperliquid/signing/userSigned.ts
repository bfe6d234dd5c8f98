import { fromHexPadded } from "./hex.ts";
import { keccak256 } from "./keccak.ts";
import { domainSeparator, typedDigest, word } from "./typedData.ts";

/** One field of a user-signed action, in signing order. */
export type TypedField = {
  readonly name: string;
  readonly type: "string" | "bool" | "uint64" | "address" | "bytes32";
};

export type UserAction = { readonly [key: string]: unknown };

/** A field is missing or has a value its type cannot hold. */
export class TypedDataError extends Error {
  override readonly name = "TypedDataError";
}

const chain: TypedField = { name: "hyperliquidChain", type: "string" };
const nonce: TypedField = { name: "nonce", type: "uint64" };
const strings = (...names: string[]): TypedField[] =>
  names.map((name) => ({ name, type: "string" }));

/** Primary type and fields of each user-signed action, by the action's `type` on the wire. Source: the venue's SDKs. */
export const USER_SIGNED_TYPES: {
  readonly [actionType: string]: {
    readonly primaryType: string;
    readonly fields: readonly TypedField[];
  };
} = {
  usdSend: {
    primaryType: "HyperliquidTransaction:UsdSend",
    fields: [chain, ...strings("destination", "amount"), { name: "time", type: "uint64" }],
  },
  withdraw3: {
    primaryType: "HyperliquidTransaction:Withdraw",
    fields: [chain, ...strings("destination", "amount"), { name: "time", type: "uint64" }],
  },
  spotSend: {
    primaryType: "HyperliquidTransaction:SpotSend",
    fields: [chain, ...strings("destination", "token", "amount"), { name: "time", type: "uint64" }],
  },
  usdClassTransfer: {
    primaryType: "HyperliquidTransaction:UsdClassTransfer",
    fields: [chain, ...strings("amount"), { name: "toPerp", type: "bool" }, nonce],
  },
  sendAsset: {
    primaryType: "HyperliquidTransaction:SendAsset",
    fields: [
      chain,
      ...strings("destination", "sourceDex", "destinationDex", "token", "amount", "fromSubAccount"),
      nonce,
    ],
  },
  approveAgent: {
    primaryType: "HyperliquidTransaction:ApproveAgent",
    fields: [chain, { name: "agentAddress", type: "address" }, ...strings("agentName"), nonce],
  },
  approveBuilderFee: {
    primaryType: "HyperliquidTransaction:ApproveBuilderFee",
    fields: [chain, ...strings("maxFeeRate"), { name: "builder", type: "address" }, nonce],
  },
  userSetAbstraction: {
    primaryType: "HyperliquidTransaction:UserSetAbstraction",
    fields: [chain, { name: "user", type: "address" }, ...strings("abstraction"), nonce],
  },
  userDexAbstraction: {
    primaryType: "HyperliquidTransaction:UserDexAbstraction",
    fields: [chain, { name: "user", type: "address" }, { name: "enabled", type: "bool" }, nonce],
  },
};

const utf8 = new TextEncoder();

/**
 * EIP-712 digest of a user-signed action. The domain's chain id is the action's own `signatureChainId`; an absent or
 * null string field signs as "" (an unnamed agent).
 *
 * @throws TypedDataError naming the field.
 */
export function userSignedDigest(
  primaryType: string,
  fields: readonly TypedField[],
  action: UserAction,
): Uint8Array {
  const chainId = action["signatureChainId"];
  if (typeof chainId !== "string" || !/^0x[0-9a-fA-F]{1,16}$/.test(chainId)) {
    throw new TypedDataError(
      `signatureChainId is a hex number such as "0x66eee", got ${shown(chainId)}`,
    );
  }
  const signature = fields.map((field) => `${field.type} ${field.name}`).join(",");
  const struct = new Uint8Array(32 * (fields.length + 1));
  struct.set(keccak256(utf8.encode(`${primaryType}(${signature})`)), 0);
  fields.forEach((field, index) => {
    struct.set(encodeField(field, action[field.name]), 32 * (index + 1));
  });
  return typedDigest(domainSeparator("HyperliquidSignTransaction", BigInt(chainId)), struct);
}

function encodeField(field: TypedField, value: unknown): Uint8Array {
  switch (field.type) {
    case "string":
      if (value === undefined || value === null) return keccak256(utf8.encode(""));
      if (typeof value === "string") return keccak256(utf8.encode(value));
      break;
    case "bool":
      if (typeof value === "boolean") return word(value ? 1n : 0n);
      break;
    case "uint64":
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
        return word(BigInt(value));
      }
      break;
    case "address":
    case "bytes32": {
      const length = field.type === "address" ? 20 : 32;
      const bytes =
        typeof value === "string" && value.replace(/^0x/, "").length === length * 2
          ? fromHexPadded(value, 32)
          : null;
      if (bytes !== null) return bytes;
      break;
    }
  }
  throw new TypedDataError(`${field.name} must be of type ${field.type}, got ${shown(value)}`);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
