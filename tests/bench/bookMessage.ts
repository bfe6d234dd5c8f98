import { z } from "zod";
import { pxField, sizeField, timeField } from "../../lib/hyperliquid/schemas/fields.ts";
import { parseBbo, parseBook } from "../../lib/hyperliquid/schemas/market.ts";
import { round, timeCalls } from "./measure.ts";
import type { Timing } from "./measure.ts";

export type BookMessageBench = {
  readonly json: Timing;
  /** Shape and exact integers, by hand. */
  readonly handBook: Timing;
  /** The same result from the schema library. */
  readonly zodBook: Timing;
  readonly zodOverHand: number;
  readonly handBbo: Timing;
};

const SZ_DECIMALS = 3;
const CALLS = 5000;

const level = z
  .object({ px: pxField(SZ_DECIMALS), sz: sizeField(SZ_DECIMALS) })
  .transform(({ px, sz }) => ({ pxTicks: px, sizeLots: sz }));
const Book = z.object({
  coin: z.string(),
  time: timeField,
  levels: z.tuple([z.array(level), z.array(level)]),
});

/** Reading a book of 20 levels a side, and a touch: what a market message costs before anyone decides anything. */
export async function benchBookMessage(calls = CALLS): Promise<BookMessageBench> {
  const side = (sign: 1 | -1) =>
    Array.from({ length: 20 }, (_, index) => ({
      px: (690.12 + sign * (index + 1) * 0.01).toFixed(2),
      sz: (index * 1.37 + 0.145).toFixed(3),
      n: 3,
    }));
  const data = { coin: "km:US500", time: 1_767_225_600_000, levels: [side(-1), side(1)] };
  const text = JSON.stringify({ channel: "l2Book", data });
  const bbo = { ...data, bbo: [data.levels[0]?.[0], data.levels[1]?.[0]] };
  const time = (run: () => unknown) => timeCalls(run, calls, 500);
  const handBook = await time(() => parseBook(data, SZ_DECIMALS));
  const zodBook = await time(() => Book.parse(data));
  return {
    json: await time(() => JSON.parse(text) as unknown),
    handBook,
    zodBook,
    zodOverHand: round(zodBook.p50Us / handBook.p50Us),
    handBbo: await time(() => parseBbo(bbo, SZ_DECIMALS)),
  };
}
