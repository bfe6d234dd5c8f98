import { z } from "zod";
import { addressField, floatField, timeField } from "./fields.ts";

/** One builder dex. Position in the list is the dex index; the first entry is null, the validator-run dex. */
export const PerpDexs = z.array(
  z
    .object({
      name: z.string(),
      fullName: z.string().optional(),
      /** Older answers carry the fee scale here, newer ones per asset in `meta`. */
      deployerFeeScale: floatField.optional(),
      /** Largest open interest of each asset, in whole units of the collateral. */
      assetToStreamingOiCap: z.array(z.tuple([z.string(), floatField])).optional(),
    })
    .nullable(),
);
export type PerpDexs = z.output<typeof PerpDexs>;

export const AssetMeta = z.object({
  name: z.string(),
  szDecimals: z.int().min(0).max(6),
  maxLeverage: z.int().positive(),
  marginTableId: z.int().optional(),
  onlyIsolated: z.boolean().optional(),
  marginMode: z.string().optional(),
  isDelisted: z.boolean().optional(),
  growthMode: z.string().optional(),
  deployerFeeScale: floatField.optional(),
});
export type AssetMeta = z.output<typeof AssetMeta>;

const MarginTable = z.object({
  description: z.string(),
  marginTiers: z.array(z.object({ lowerBound: floatField, maxLeverage: z.int().positive() })),
});

/** Universe of one dex; delisted assets stay and keep their index. */
export const Meta = z.object({
  universe: z.array(AssetMeta),
  /** Those with an id from 50 on: a lower one stands for a single tier with that leverage. */
  marginTables: z.array(z.tuple([z.int(), MarginTable])).optional(),
  /** Absent in older answers of the validator-run dex, which margins in token 0. */
  collateralToken: z.int().nonnegative().default(0),
});
export type Meta = z.output<typeof Meta>;

export const SpotMeta = z.object({
  tokens: z.array(
    z.object({
      index: z.int(),
      name: z.string(),
      szDecimals: z.int().optional(),
      weiDecimals: z.int().optional(),
      tokenId: z.string().optional(),
    }),
  ),
});
export type SpotMeta = z.output<typeof SpotMeta>;

/** Rates are fractions; the account's staking discount is already in them. */
export const UserFees = z.object({
  userCrossRate: floatField,
  userAddRate: floatField,
  activeReferralDiscount: floatField,
});
export type UserFees = z.output<typeof UserFees>;

export const UserAbstraction = z.enum([
  "unifiedAccount",
  "portfolioMargin",
  "disabled",
  "default",
  "dexAbstraction",
]);
export type UserAbstraction = z.output<typeof UserAbstraction>;

export const UserRateLimit = z
  .object({ cumVlm: floatField, nRequestsUsed: z.int(), nRequestsCap: z.int() })
  .transform((row) => ({
    tradedUsd: row.cumVlm,
    used: row.nRequestsUsed,
    cap: row.nRequestsCap,
  }));
export type UserRateLimit = z.output<typeof UserRateLimit>;

export const ExchangeStatus = z.object({ time: timeField, specialStatuses: z.unknown() });
export type ExchangeStatus = z.output<typeof ExchangeStatus>;

/** Who an address is: an agent's answer names the account that it signs for. */
export const UserRole = z.discriminatedUnion("role", [
  z.object({ role: z.literal("missing") }),
  z.object({ role: z.literal("user") }),
  z.object({ role: z.literal("vault") }),
  z.object({ role: z.literal("agent"), data: z.object({ user: addressField }) }),
  z.object({ role: z.literal("subAccount"), data: z.object({ master: addressField }) }),
]);
export type UserRole = z.output<typeof UserRole>;

/** Named API wallets of an account. */
export const ExtraAgents = z.array(
  z.object({ name: z.string(), address: addressField, validUntil: timeField.nullish() }),
);
export type ExtraAgents = z.output<typeof ExtraAgents>;

/** One bar. Prices and volume are statistics: floats in quote and base units. */
export const Candles = z.array(
  z
    .object({
      t: timeField,
      T: timeField,
      o: floatField,
      h: floatField,
      l: floatField,
      c: floatField,
      v: floatField,
      n: z.int().nonnegative(),
    })
    .transform((row) => ({
      openMs: row.t,
      closeMs: row.T,
      open: row.o,
      high: row.h,
      low: row.l,
      close: row.c,
      volume: row.v,
      trades: row.n,
    })),
);
export type Candles = z.output<typeof Candles>;
