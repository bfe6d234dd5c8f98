import type { AccountReading, OwnFill } from "../messages/orders.ts";
import type { Params } from "../messages/params.ts";
import type { LedgerSlice, RecentFills } from "../messages/state.ts";
import type { EventOf } from "../messages/events.ts";
import { sideSign } from "../units/grid.ts";
import { addMicroUsd, microUsd, ms, notionalMicroUsd, positionLots } from "../units/numbers.ts";
import type { MicroUsd, Ms } from "../units/numbers.ts";
import { matureMarkouts } from "./markout.ts";

/*
 * Invariant, exact in half micro-USD from the first mark on (m2 is twice the mid in ticks, P the position in lots):
 *   spread + adverse + inventory = 2 x cash + P x m2 - (the same sum when the baseline was taken)
 */

const LAST_FILLS = 100;
const HOUR_MS = 3_600_000;
const HOURS_KEPT = 25;

/**
 * A new mid: the position is revalued, and fills whose horizon has passed are settled at the mid that held until now.
 * While nothing depends on the mid the ledger is left as it is, so that a quiet book stores nothing.
 */
export function markLedger(
  ledger: LedgerSlice,
  midX2: number | null,
  nowMs: Ms,
  params: Params,
): LedgerSlice {
  if (ledger.baseline === null) return ledger;
  const matured = matureMarkouts(ledger, nowMs, params);
  if (midX2 === null || midX2 === matured.markX2Ticks) return matured;
  const idle = matured.positionLots === 0 && matured.pending.length === 0;
  if (idle && matured.markX2Ticks !== null) return matured;
  return revalue(matured, midX2);
}

function revalue(ledger: LedgerSlice, midX2: number): LedgerSlice {
  const move = ledger.markX2Ticks === null ? 0 : midX2 - ledger.markX2Ticks;
  const inventory = ledger.pnl.inventory + ledger.positionLots * move;
  return { ...ledger, markX2Ticks: midX2, pnl: { ...ledger.pnl, inventory } };
}

/** True when the fill is part of our books: after the account was first read, whose position contains all before. */
function counts(ledger: LedgerSlice, venueMs: Ms): boolean {
  return ledger.baseline !== null && venueMs > ledger.baseline.venueMs;
}

/**
 * One execution of ours: cash, position, fee, its half of the spread against the mid, the round trip and
 * the start of its markout. Without a book, the fill's own price stands for the mid.
 * @param midX2 twice the mid in ticks just before the trade
 */
export function applyFillToLedger(
  ledger: LedgerSlice,
  fill: OwnFill,
  midX2: number | null,
  nowMs: Ms,
  params: Params,
): LedgerSlice {
  const fillWatermarkMs = ms(Math.max(ledger.fillWatermarkMs, fill.venueMs));
  if (!counts(ledger, fill.venueMs)) return { ...ledger, fillWatermarkMs };
  const mark = midX2 ?? 2 * fill.pxTicks;
  const marked = revalue(matureMarkouts(ledger, nowMs, params), mark);
  const sign = sideSign(fill.side);
  const notional = notionalMicroUsd(fill.pxTicks, fill.sizeLots);
  const spread = marked.pnl.spread + sign * (mark - 2 * fill.pxTicks) * fill.sizeLots;
  const role = fill.taker ? "taker" : "maker";
  const pending = {
    dueMs: ms(nowMs + params.markoutHorizonMs),
    side: fill.side,
    sizeLots: fill.sizeLots,
    midX2Ticks: mark,
    ...(fill.taker ? {} : { distanceBps: (1e4 * sign * (mark - 2 * fill.pxTicks)) / mark }),
  };
  return {
    ...marked,
    ...roundTrip(marked, fill),
    positionLots: positionLots(marked.positionLots + sign * fill.sizeLots),
    cashMicroUsd: microUsd(marked.cashMicroUsd - sign * notional),
    feesMicroUsd: addMicroUsd(marked.feesMicroUsd, fill.feeMicroUsd),
    pnl: { ...marked.pnl, spread },
    pending: [...marked.pending, pending],
    fills: { ...marked.fills, count: marked.fills.count + 1, [role]: marked.fills[role] + 1 },
    notionalMicroUsd: {
      ...marked.notionalMicroUsd,
      [role]: addMicroUsd(marked.notionalMicroUsd[role], notional),
    },
    recent: addRecent(marked.recent, fill, notional),
    fillWatermarkMs,
  };
}

type RoundTrip = Pick<LedgerSlice, "roundTripMicroUsd" | "lossStreak">;

/**
 * Round trips run from flat to flat, net of fees and funding. A fill that takes the position through zero is split:
 * the closing part ends one trip, the rest begins the next, and the fee is shared by size.
 */
function roundTrip(ledger: LedgerSlice, fill: OwnFill): RoundTrip {
  const sign = sideSign(fill.side);
  const before = ledger.positionLots;
  const closingLots = sign * before < 0 ? Math.min(fill.sizeLots, Math.abs(before)) : 0;
  const closes = closingLots > 0 && closingLots === Math.abs(before);
  const closingFee = Math.floor((fill.feeMicroUsd * closingLots) / fill.sizeLots);
  const cash = (lots: number): number => -sign * fill.pxTicks * lots;
  if (!closes) {
    const sum = ledger.roundTripMicroUsd + cash(fill.sizeLots) - fill.feeMicroUsd;
    return { roundTripMicroUsd: microUsd(sum), lossStreak: ledger.lossStreak };
  }
  const result = ledger.roundTripMicroUsd + cash(closingLots) - closingFee;
  const openingLots = fill.sizeLots - closingLots;
  const opening = openingLots === 0 ? 0 : cash(openingLots) - (fill.feeMicroUsd - closingFee);
  return {
    roundTripMicroUsd: microUsd(opening),
    lossStreak: result < 0 ? ledger.lossStreak + 1 : 0,
  };
}

function addRecent(recent: RecentFills, fill: OwnFill, notional: MicroUsd): RecentFills {
  const hour = Math.floor(fill.venueMs / HOUR_MS);
  const hours = recent.hours.filter((entry) => entry.hour > hour - HOURS_KEPT);
  const index = hours.findIndex((entry) => entry.hour === hour);
  const old = hours[index] ?? { hour, makerMicroUsd: microUsd(0), takerMicroUsd: microUsd(0) };
  const key = fill.taker ? "takerMicroUsd" : "makerMicroUsd";
  const entry = { ...old, [key]: addMicroUsd(old[key], notional) };
  if (index < 0) hours.push(entry);
  else hours[index] = entry;
  return { roles: (recent.roles + (fill.taker ? "t" : "m")).slice(-LAST_FILLS), hours };
}

/** Funding paid or received, once: each hour's payment carries its own venue time. */
export function applyFunding(ledger: LedgerSlice, funding: EventOf<"funding">): LedgerSlice {
  if (funding.venueMs <= ledger.fundingWatermarkMs) return ledger;
  const fundingWatermarkMs = funding.venueMs;
  if (!counts(ledger, funding.venueMs)) return { ...ledger, fundingWatermarkMs };
  const trip = ledger.positionLots === 0 ? 0 : funding.microUsd;
  return {
    ...ledger,
    fundingWatermarkMs,
    fundingMicroUsd: addMicroUsd(ledger.fundingMicroUsd, funding.microUsd),
    roundTripMicroUsd: microUsd(ledger.roundTripMicroUsd + trip),
  };
}

/** Signed value of the reading's position at the venue's mark. */
export function signedValueMicroUsd(
  reading: Pick<AccountReading, "positionLots" | "positionValueMicroUsd">,
): MicroUsd {
  return microUsd(Math.sign(reading.positionLots) * reading.positionValueMicroUsd);
}

/** Takes the account as first read: profit counts from here, and the position it holds is ours from now on. */
export function takeBaseline(
  ledger: LedgerSlice,
  reading: AccountReading,
  midX2: number | null,
): LedgerSlice {
  const { equityMicroUsd, positionLots: lots, positionValueMicroUsd, venueMs } = reading;
  return {
    ...ledger,
    positionLots: lots,
    markX2Ticks: midX2,
    roundTripMicroUsd: microUsd(-signedValueMicroUsd(reading)),
    baseline: { equityMicroUsd, positionLots: lots, positionValueMicroUsd, venueMs },
  };
}
