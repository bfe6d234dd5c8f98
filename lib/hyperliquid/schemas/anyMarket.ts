import { z } from "zod";
import { cloidField, oidField, sideField, timeField, usdField } from "./fields.ts";

/*
 * Answers about an account over all its markets. Prices and sizes stay the wire's texts: their exact form needs the
 * market's decimals, which the caller has.
 */

const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/);

export const OpenOrders = z.array(
  z.object({
    coin: z.string(),
    oid: oidField,
    cloid: cloidField,
    side: sideField,
    limitPx: decimalText,
    sz: decimalText,
  }),
);
export type OpenOrders = z.output<typeof OpenOrders>;

export const DexAccount = z
  .object({
    marginSummary: z.object({ accountValue: usdField }),
    withdrawable: usdField,
    assetPositions: z.array(
      z.object({ position: z.object({ coin: z.string(), szi: decimalText }) }),
    ),
  })
  .transform((state) => ({
    equityMicroUsd: state.marginSummary.accountValue,
    withdrawableMicroUsd: state.withdrawable,
    positions: state.assetPositions.map(({ position }) => position),
  }));
export type DexAccount = z.output<typeof DexAccount>;

/** Tokens that lie on the spot side. */
export const SpotBalances = z
  .object({ balances: z.array(z.object({ coin: z.string(), total: usdField })) })
  .transform(({ balances }) => balances);
export type SpotBalances = z.output<typeof SpotBalances>;

const BookLevels = z.array(z.object({ px: decimalText, sz: decimalText }));

/** Best first, as texts. */
export const L2Book = z
  .object({ time: timeField, levels: z.tuple([BookLevels, BookLevels]) })
  .transform(({ time, levels: [bids, asks] }) => ({ venueMs: time, bids, asks }));
export type L2Book = z.output<typeof L2Book>;
