import { opposite } from "../../units/grid.ts";
import type { Side } from "../../units/grid.ts";
import { ms, pxTicks, sizeLots } from "../../units/numbers.ts";
import { crosses } from "./book.ts";
import { tradeId } from "./ids.ts";
import { Execution, expireUnfunded } from "./match.ts";
import { trimOldest } from "./model.ts";
import type { Market, Tape, TapeEntry, World } from "./model.ts";
import type { FeedInput } from "./types.ts";

/*
 * Replayed and mirrored markets. Recorded ("ghost") size stands in the same queues as our orders:
 * - A recorded book sets the size at each of its prices. Growth goes to the end of the queue, behind us. A decrease that
 *   prints do not explain is taken first from behind us, then from ahead: ahead = min(ahead, new), the pessimistic rule.
 *   Prices not worse than the worst one listed and not listed are gone; prices beyond it are frozen, not removed.
 *   A new best price removes recorded size of the other side that it would cross: the newer message wins.
 * - A recorded quote that crosses a resting order of ours does not fill it and is not shown while it crosses; post-only
 *   orders are refused against it all the same.
 * - A print of T lots at t: our orders at better prices fill first ("through"), recorded size at better prices was stale and
 *   vanishes without using T; at t the queue ahead is used before us ("queue"). All our orders share the one T; what they
 *   take is not taken from recorded size behind them, until the next recorded book says what is left.
 * - A print that comes after a book that shows it (a mirror's streams are not in step) fills only orders at better prices.
 * - Our takers use the size that is shown; it stays used until the recording shows another size at that price.
 *   The recording itself is never altered.
 * - In a gap the book is unknown: recorded size is cleared, new orders are refused, nothing fills, cancels work, resting
 *   orders stay. It ends at the next book with depth, and everything recorded then queues ahead of our orders, because
 *   nobody knows what happened to our place meanwhile.
 * - After the last row the book is unknown for good: nothing of it may be taken any more.
 */

type TapeBook = Extract<FeedInput, { kind: "tapeBook" }>;
type TapePrint = Extract<FeedInput, { kind: "tapePrint" }>;
type Gap = Extract<FeedInput, { kind: "gap" }>;

/** A replayed market begins unknown, until its first book with depth. */
export function newTape(): Tape {
  return {
    recorded: { bid: new Map(), ask: new Map() },
    hidden: { bid: new Set(), ask: new Set() },
    unknown: true,
  };
}

export function applyTapeBook(world: World, market: Market, tape: Tape, input: TapeBook): void {
  const afterGap = tape.unknown;
  if (afterGap && !input.depth) return;
  if (afterGap) endGap(world, market);
  tape.unknown = false;
  for (const [side, listed] of [
    ["bid", input.bids],
    ["ask", input.asks],
  ] as const) {
    if (listed !== null) dropUnlisted(world, market, tape, side, listed);
  }
  if (input.bids !== null && input.asks === null)
    dropCrossed(world, market, tape, "ask", input.bids);
  if (input.asks !== null && input.bids === null)
    dropCrossed(world, market, tape, "bid", input.asks);
  const where = afterGap ? "front" : "back";
  for (const [side, listed] of [
    ["bid", input.bids],
    ["ask", input.asks],
  ] as const) {
    if (listed === null) continue;
    for (let index = 0; index + 1 < listed.length; index += 2) {
      setRecorded(tape, side, listed[index] ?? 0, listed[index + 1] ?? 0);
      syncLevel(world, market, tape, side, listed[index] ?? 0, where);
    }
  }
}

/** Removes recorded prices that the list should name but does not. */
function dropUnlisted(
  world: World,
  market: Market,
  tape: Tape,
  side: Side,
  listed: readonly number[],
): void {
  const worst = listed.length < 2 ? null : (listed[listed.length - 2] ?? null);
  const named = new Set<number>();
  for (let index = 0; index < listed.length; index += 2) named.add(listed[index] ?? 0);
  for (const px of tape.recorded[side].keys()) {
    if (named.has(px)) continue;
    // "Not worse than the worst listed" is what an order of the other side with that limit would cross.
    if (worst === null || crosses(opposite(side), worst, px))
      removeRecorded(world, market, tape, side, px);
  }
}

/** Removes recorded prices on `side` that the other side's new best would cross. */
function dropCrossed(
  world: World,
  market: Market,
  tape: Tape,
  side: Side,
  otherListed: readonly number[],
): void {
  const otherBest = otherListed[0];
  if (otherBest === undefined) return;
  for (const px of tape.recorded[side].keys()) {
    if (crosses(opposite(side), otherBest, px)) removeRecorded(world, market, tape, side, px);
  }
}

function removeRecorded(world: World, market: Market, tape: Tape, side: Side, px: number): void {
  tape.recorded[side].delete(px);
  syncLevel(world, market, tape, side, px, "back");
}

/** What our takers used is forgiven when the recording shows another size. */
function setRecorded(tape: Tape, side: Side, px: number, lots: number): void {
  const known = tape.recorded[side].get(px);
  if (known === undefined) {
    if (lots > 0) tape.recorded[side].set(px, { lots, consumed: 0 });
    return;
  }
  if (known.lots !== lots) known.consumed = 0;
  known.lots = lots;
  if (lots === 0) tape.recorded[side].delete(px);
}

/** Brings the ghost size in the book to recorded minus consumed, or hides it while it would cross. */
function syncLevel(
  world: World,
  market: Market,
  tape: Tape,
  side: Side,
  px: number,
  where: "back" | "front",
): void {
  const level = tape.recorded[side].get(px);
  let target = level === undefined ? 0 : Math.max(0, level.lots - level.consumed);
  const other = market.book.best(opposite(side));
  if (target > 0 && other !== undefined && crosses(side, px, other.pxTicks)) {
    tape.hidden[side].add(px);
    target = 0;
  } else {
    tape.hidden[side].delete(px);
  }
  const ghosts = ghostEntries(market, side, px);
  const shown = ghosts.reduce((sum, ghost) => sum + ghost.lots, 0);
  if (target > shown) growGhost(world, market, side, px, target - shown, where);
  else shrinkGhosts(market, ghosts, shown - target);
}

function ghostEntries(market: Market, side: Side, px: number): TapeEntry[] {
  const ghosts: TapeEntry[] = [];
  for (const entry of market.book.level(side, px)?.entries ?? []) {
    if (entry.kind === "tape") ghosts.push(entry);
  }
  return ghosts;
}

function growGhost(
  world: World,
  market: Market,
  side: Side,
  px: number,
  lots: number,
  where: "back" | "front",
): void {
  const entries = market.book.level(side, px)?.entries;
  const neighbour = where === "back" ? entries?.at(-1) : entries?.[0];
  if (neighbour?.kind === "tape") {
    market.book.grow(neighbour, lots);
    return;
  }
  const oid = world.nextOid;
  world.nextOid += 1;
  market.book.add({ kind: "tape", oid, side, pxTicks: pxTicks(px), lots: sizeLots(lots) }, where);
}

/** From behind us first, then from ahead. */
function shrinkGhosts(market: Market, ghosts: readonly TapeEntry[], lots: number): void {
  let left = lots;
  for (let index = ghosts.length - 1; index >= 0 && left > 0; index -= 1) {
    const ghost = ghosts[index];
    if (ghost === undefined) return;
    const cut = Math.min(left, ghost.lots);
    market.book.reduce(ghost, cut);
    left -= cut;
  }
}

export function applyTapePrint(world: World, market: Market, tape: Tape, print: TapePrint): void {
  const oid = world.nextOid;
  world.nextOid += 1;
  const taker = { account: null, oid, cloid: null, side: print.side, dir: null };
  const execution = new Execution(world, market, taker);
  const makerSide = opposite(print.side);
  let left: number = print.sizeLots;
  if (!tape.unknown && print.late === true) left = fillFromLate(world, market, execution, print);
  else if (!tape.unknown) {
    dropStale(world, market, tape, makerSide, print.pxTicks);
    left = fillFromPrint(world, market, execution, print);
    takeFromRecorded(tape, makerSide, print.pxTicks, print.sizeLots);
  }
  if (left > 0) {
    execution.printed(print.pxTicks, sizeLots(left), tradeId(oid, world.nextOid), null);
  }
  execution.finish(print.pxTicks);
}

/** Recorded size at prices better than a print was gone before it. */
function dropStale(world: World, market: Market, tape: Tape, side: Side, printPx: number): void {
  for (const px of tape.recorded[side].keys()) {
    if (px !== printPx && crosses(opposite(side), printPx, px)) {
      removeRecorded(world, market, tape, side, px);
    }
  }
}

/** Lots of the print that no account got. */
function fillFromPrint(
  world: World,
  market: Market,
  execution: Execution,
  print: TapePrint,
): number {
  const makerSide = opposite(print.side);
  let budget: number = print.sizeLots;
  let ours = 0;
  while (budget > 0) {
    const level = market.book.best(makerSide);
    if (level === undefined || !crosses(print.side, print.pxTicks, level.pxTicks)) break;
    const entry = level.entries[0];
    if (entry === undefined) break;
    const lots = Math.min(budget, entry.lots);
    if (entry.kind !== "account") {
      market.book.reduce(entry, lots);
      budget -= lots;
    } else if (!expireUnfunded(world, entry, lots)) {
      execution.trade(entry, lots);
      budget -= lots;
      ours += lots;
    }
  }
  return print.sizeLots - ours;
}

/**
 * A print that comes after a book that shows it: it went through our better prices, which fills them, but says nothing of
 * queues, which the book has taken it off already.
 * @returns lots that no account got
 */
function fillFromLate(
  world: World,
  market: Market,
  execution: Execution,
  print: TapePrint,
): number {
  let left: number = print.sizeLots;
  for (const { pxTicks: px, entries } of market.book.ladder(opposite(print.side)).toReversed()) {
    if (px === print.pxTicks || !crosses(print.side, print.pxTicks, px)) break;
    for (const order of entries.filter((entry) => entry.kind === "account")) {
      const lots = Math.min(left, order.lots);
      if (lots === 0 || expireUnfunded(world, order, lots)) continue;
      execution.trade(order, lots);
      left -= lots;
    }
  }
  return left;
}

/** A print takes from the recorded size without counting as "the recording shows a change". */
function takeFromRecorded(tape: Tape, side: Side, px: number, lots: number): void {
  const known = tape.recorded[side].get(px);
  if (known === undefined) return;
  known.lots = Math.max(0, known.lots - lots);
  if (known.lots === 0) tape.hidden[side].delete(px);
}

export function applyGap(world: World, market: Market, tape: Tape, gap: Gap): void {
  forgetBook(market, tape);
  const { feed } = market;
  if (feed === null) return;
  feed.gapCount += 1;
  feed.gaps.push({
    fromMs: world.nowMs,
    untilMs: gap.untilMs === null ? null : ms(feed.startMs + gap.untilMs),
    ...(gap.reason === undefined ? {} : { reason: gap.reason }),
  });
  trimOldest(feed.gaps, 100);
}

/** A gap of which nobody knew the end is over with the first book after it. */
function endGap(world: World, market: Market): void {
  const gaps = market.feed?.gaps ?? [];
  const last = gaps.at(-1);
  if (last?.untilMs === null) gaps[gaps.length - 1] = { ...last, untilMs: world.nowMs };
}

/** Closes the book of a recording that is over; does nothing before. */
export function closeEndedTape(market: Market, tape: Tape): void {
  const feed = market.feed?.feed;
  if (tape.unknown || feed === undefined || !Number.isFinite(feed.info.durationMs)) return;
  if (feed.nextMs() === Infinity) forgetBook(market, tape);
}

function forgetBook(market: Market, tape: Tape): void {
  for (const side of ["bid", "ask"] as const) {
    const prices = [...tape.recorded[side].keys()];
    tape.recorded[side].clear();
    tape.hidden[side].clear();
    for (const px of prices) shrinkGhosts(market, ghostEntries(market, side, px), Infinity);
  }
  tape.unknown = true;
}

/** Shows hidden recorded size again where nothing of ours crosses it any more. */
export function revealHidden(world: World, market: Market, tape: Tape): void {
  for (const side of ["bid", "ask"] as const) {
    for (const px of tape.hidden[side]) {
      syncLevel(world, market, tape, side, px, "back");
    }
  }
}
