import { microUsd, ms } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";
import { transactionHash } from "./ids.ts";
import { mulDivTrunc } from "./integers.ts";
import { addToHouse, trimOldest } from "./model.ts";
import type { Account, Ledger, Market, Position, World } from "./model.ts";

/*
 * Funding (trading/funding): the premium is sampled every five seconds and averaged over the hour;
 * F(8h) = average + clamp(0.01 % - average, +-0.05 %), an eighth of it hourly, at most 4 %; payment = size x oracle x rate,
 * longs pay a positive rate. The deployer's multiplier is 1.
 */

const SAMPLE_MS = 5_000;
export const HOUR_MS = 3_600_000;
const INTEREST = 0.0001;
const CLAMP = 0.0005;
const CAP = 0.04;
const PPB = 1_000_000_000;
const KEPT_FUNDINGS = 10_000;
const IMPACT_MICRO_USD = 6_000_000_000;
const IMPACT_MICRO_USD_MAJOR = 20_000_000_000;

/** Average prices in ticks at which the impact notional (20k for BTC and ETH, else 6k) would sell and buy; null when the book is too thin. */
export function impactPrices(market: Market): readonly [number, number] | null {
  if (market.tape?.unknown === true) return null;
  const major = market.def.dex === "" && ["BTC", "ETH"].includes(market.def.coin);
  const notional = major ? IMPACT_MICRO_USD_MAJOR : IMPACT_MICRO_USD;
  const bid = impactPrice(market, "bid", notional);
  const ask = impactPrice(market, "ask", notional);
  return bid === null || ask === null ? null : [bid, ask];
}

function impactPrice(market: Market, side: "bid" | "ask", notional: number): number | null {
  const levels = market.book.ladder(side);
  let left = notional;
  let lots = 0;
  for (let index = levels.length - 1; index >= 0; index -= 1) {
    const level = levels[index];
    if (level === undefined) break;
    const value = level.pxTicks * level.lots;
    if (value >= left) return notional / (lots + left / level.pxTicks);
    left -= value;
    lots += level.lots;
  }
  return null;
}

/** HIP-3: middle of the impact prices / oracle - 1; main dex: [max(bid - oracle, 0) - max(oracle - ask, 0)] / oracle. */
export function premium(market: Market): number | null {
  const { oracle } = market.prices;
  const impact = impactPrices(market);
  if (oracle === null || impact === null) return null;
  const [bid, ask] = impact;
  if (market.def.dex === "") {
    return (Math.max(bid - oracle, 0) - Math.max(oracle - ask, 0)) / oracle;
  }
  return (0.5 * (bid + ask)) / oracle - 1;
}

/** Adds the samples due up to `toMs`, from the state that has stood since the last block: call before it changes. */
export function accrueSamples(market: Market, toMs: number): void {
  const { funding } = market;
  const due = Math.floor(toMs / SAMPLE_MS) - Math.floor(funding.sampledMs / SAMPLE_MS);
  if (due <= 0) return;
  funding.sampledMs = toMs;
  const value = premium(market);
  if (value === null) return;
  funding.premiumSum += value * due;
  funding.samples += due;
}

/** Hourly rate of the samples so far, parts per billion. */
export function fundingRatePpb(market: Market): number {
  const { premiumSum, samples } = market.funding;
  const average = samples === 0 ? 0 : premiumSum / samples;
  const eightHours = average + Math.max(-CLAMP, Math.min(CLAMP, INTEREST - average));
  const hourly = Math.max(-CAP, Math.min(CAP, eightHours / 8));
  return Math.round(hourly * PPB);
}

/** Pays the hour that ends now. A market without an oracle pays nothing. */
export function settleFunding(world: World, market: Market): void {
  const { funding, prices } = market;
  const { oracle } = prices;
  if (oracle === null) return;
  const ratePpb = fundingRatePpb(market);
  const average = funding.samples === 0 ? 0 : funding.premiumSum / funding.samples;
  funding.history.push({ venueMs: world.nowMs, ratePpb, premium: average });
  trimOldest(funding.history, KEPT_FUNDINGS);
  funding.premiumSum = 0;
  funding.samples = 0;
  for (const account of world.accounts.values()) {
    const ledger = account.ledgers.get(market.def.dex);
    const position = ledger?.positions.get(market.def.coin);
    if (ledger === undefined || position === undefined) continue;
    const paid = mulDivTrunc(position.lots * oracle, ratePpb, PPB);
    payFunding(world, account, ledger, position, microUsd(paid === 0 ? 0 : -paid), ratePpb);
  }
  market.pricesChanged = true;
}

/** The house is the other side of every payment, so that rounding creates no money. */
function payFunding(
  world: World,
  account: Account,
  ledger: Ledger,
  position: Position,
  amount: MicroUsd,
  ratePpb: number,
): void {
  const { market } = position;
  const { coin, dex } = market.def;
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd + amount);
  if (position.isolatedRaw !== null) position.isolatedRaw = microUsd(position.isolatedRaw + amount);
  position.fundingSinceOpen = microUsd(position.fundingSinceOpen + amount);
  account.fundingAllTime.set(coin, microUsd((account.fundingAllTime.get(coin) ?? 0) + amount));
  addToHouse(world.house.rawMicroUsd, dex, -amount);
  const hash = transactionHash(world.nowMs, world.txIndex);
  const venueMs = ms(world.nowMs);
  account.fundings.push({
    coin,
    venueMs,
    microUsd: amount,
    positionLots: position.lots,
    ratePpb,
    hash,
  });
  trimOldest(account.fundings, KEPT_FUNDINGS);
  world.emit({
    kind: "funding",
    account: account.address,
    coin,
    venueMs,
    microUsd: amount,
    positionLots: position.lots,
    ratePpb,
  });
}
