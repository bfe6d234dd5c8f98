import type { VenueAction } from "../../lib/venue/rules/types.ts";
import { Venue } from "../../lib/venue/rules/venue.ts";
import { venueConfig } from "../../lib/venue/server/universe.ts";
import { microUsd, ms } from "../../lib/units/numbers.ts";
import { median } from "./measure.ts";

export type VenueCoreBench = {
  /** Orders that rest, and orders that take them, together. */
  readonly ordersPerSecond: number;
  /** Pairs of orders that traded with each other, fees, margin and ledgers of both accounts included. */
  readonly matchesPerSecond: number;
};

const COIN = "km:US500";
const ASSET = 110_000;
const ACCOUNTS = [
  "0x00000000000000000000000000000000000000a1",
  "0x00000000000000000000000000000000000000b2",
];
const BATCH = 20;
const BLOCKS = 400;
const REPEATS = 5;
const START_MS = 1_790_000_000_000;

/** Two accounts trade to and fro: one rests a batch, the other takes it, and the next block the other way round. */
export function benchVenueCore(blocks = BLOCKS, repeats = REPEATS): VenueCoreBench {
  const seconds: number[] = [];
  for (let n = 0; n <= repeats; n++) {
    const startMs = performance.now();
    trade(blocks);
    // The first one compiles.
    if (n > 0) seconds.push((performance.now() - startMs) / 1000);
  }
  const matches = blocks * BATCH;
  const taken = median(seconds);
  return {
    ordersPerSecond: Math.round((2 * matches) / taken),
    matchesPerSecond: Math.round(matches / taken),
  };
}

function trade(blocks: number): void {
  let fills = 0;
  const venue = new Venue(venueConfig(false), (output) => {
    if (output.kind === "fill") fills++;
  });
  for (const account of ACCOUNTS) venue.credit(account, "km", microUsd(1e12));
  let nowMs = START_MS;
  let nonce = START_MS;
  const submit = (account: string, action: VenueAction) =>
    venue.submit(
      { account, signer: account, nonce: nonce++, expiresAfterMs: null, action },
      ms(nowMs),
      () => {},
    );
  for (let block = 0; block < blocks; block++) {
    const [maker = "", taker = ""] = block % 2 === 0 ? ACCOUNTS : ACCOUNTS.toReversed();
    submit(maker, orders(true));
    submit(taker, orders(false));
    nowMs += venue.config.blockMs;
    venue.advanceTo(ms(nowMs));
  }
  if (fills !== 2 * blocks * BATCH)
    throw new Error(`the venue bench expects ${2 * blocks * BATCH} fills, got ${fills} on ${COIN}`);
}

/** Bids that rest at twenty prices, or offers that take all of them. */
function orders(rest: boolean): VenueAction {
  return {
    type: "order",
    grouping: "na",
    orders: Array.from({ length: BATCH }, (_, n) => ({
      a: ASSET,
      b: rest,
      p: rest ? (690 - n / 100).toFixed(2).replace(/\.?0+$/, "") : "689",
      s: "0.5",
      r: false,
      t: { limit: { tif: rest ? ("Alo" as const) : ("Ioc" as const) } },
    })),
  };
}
