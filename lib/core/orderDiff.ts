import type { Cloid, WorkingOrder } from "../messages/orders.ts";
import type { OrdersSlice } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import { bestOwnTicks, crosses } from "./exposure.ts";
import { actionGainMicroUsd, hasDriftedAway, keepOrders } from "./keepOrders.ts";
import { ordersOf } from "./ordersOf.ts";
import type { DesiredQuote } from "./quotePlan.ts";
import { edgeAtBps } from "./quoteValue.ts";
import type { ValueModel } from "./quoteValue.ts";
import { ROUNDING_BPS } from "./spread.ts";

type Replacement = {
  readonly replaces: Cloid;
  readonly quote: DesiredQuote;
  /** It would leave less than the minimum edge: if it cannot be moved it has to go. */
  readonly mustGo: boolean;
};

export type OrderDiff = {
  readonly keep: readonly Cloid[];
  readonly cancel: readonly Cloid[];
  readonly modify: readonly Replacement[];
  readonly place: readonly DesiredQuote[];
  /** Wanted but not now, and why. */
  readonly held: readonly { readonly quote: DesiredQuote; readonly reason: string }[];
};

export type DiffOptions = {
  readonly sizeToleranceFraction: number;
  /** Null when orders may be placed, else why not: then only cancels come out. */
  readonly noPlacing: string | null;
  /** How to value orders of each side, and the least that a fill has to leave; null while only reducing is allowed. */
  readonly worth: DiffWorth | null;
  /** Replace by gain against the price of an action; null: by tolerance. */
  readonly economy: DiffEconomy | null;
};

type DiffWorth = {
  readonly models: { readonly [S in Side]: ValueModel };
  readonly edgeBpsMin: number;
};

type DiffEconomy = {
  readonly actionPriceMicroUsd: number;
  /** The same for an order where none stands. */
  readonly newOrderPriceMicroUsd: number;
  /** Levels from here on are left as they are while actions are scarce. */
  readonly levels: number;
};

type Working = OrdersSlice["working"];
type Sorted = { readonly keep: Cloid[]; readonly cancel: Cloid[] } & {
  readonly modify: Replacement[];
  readonly place: DesiredQuote[];
  readonly held: { quote: DesiredQuote; reason: string }[];
};

/**
 * From what should rest and what does: the fewest actions. Each order serves one quote. An order within tolerance is
 * kept with its place in the queue; one further off is modified (one action) rather than cancelled and placed (two).
 * What would leave less than the minimum edge is moved or cancelled, whatever that costs.
 * Orders in flight are not touched: one that is opening stands for the quote nearest to it, and nothing is priced
 * through an own order of the other side that may still rest.
 */
export function diffOrders(
  desired: readonly DesiredQuote[],
  working: Working,
  options: DiffOptions,
): OrderDiff {
  const out: Sorted = { keep: [], cancel: [], modify: [], place: [], held: [] };
  for (const side of ["bid", "ask"] as const) {
    const quotes = desired.filter((quote) => quote.side === side && quote.tif === "Alo");
    diffSide(side, quotes, working, options, out);
  }
  diffTaking(desired, working, options, out);
  return out;
}

function diffSide(
  side: Side,
  quotes: readonly DesiredQuote[],
  working: Working,
  options: DiffOptions,
  out: Sorted,
): void {
  const standing = standingOf(working)[side];
  const [resting, losing] = splitByEdge(standing.resting, options.worth);
  const arriving = [...standing.arriving];
  const wanted: (DesiredQuote | null)[] = [...quotes];
  takeKept(wanted, resting, side, options, out.keep);
  takeMatches(
    wanted,
    resting,
    (quote, order) => !isByValue(quote, options) && matches(quote, order, options),
    out.keep,
  );
  const left = new Set([...resting, ...losing]);
  const staying = [...arriving, ...standing.resting.filter((order) => !left.has(order))];
  const occupied = new Set<number>(staying.map(({ pxTicks }) => pxTicks));
  takeMatches(wanted, arriving, () => true, []);
  const otherBest = bestOwnTicks(working, side === "bid" ? "ask" : "bid");
  for (const quote of wanted) {
    if (quote === null) continue;
    const reason = holdReason(quote, otherBest, occupied, options);
    if (reason !== null) {
      out.held.push({ quote, reason });
      holdBack(quote, resting, occupied, out);
      continue;
    }
    const there = takeNearest(resting, quote.pxTicks, (order) => order.pxTicks === quote.pxTicks);
    const leaving = there === null ? takeNearest(losing, quote.pxTicks) : null;
    const order = there ?? leaving ?? takeNearest(resting, quote.pxTicks);
    if (leaving === null && isDear(quote, order, options)) {
      out.held.push({ quote, reason: "the gain expected of it is less than an action is worth" });
      if (order !== null) keep(order, occupied, out);
    } else if (order === null) out.place.push(quote);
    else out.modify.push({ replaces: order.cloid, quote, mustGo: leaving !== null });
  }
  for (const order of [...resting, ...losing]) out.cancel.push(order.cloid);
}

function keep({ cloid, pxTicks }: WorkingOrder, occupied: Set<number>, out: Sorted): void {
  out.keep.push(cloid);
  occupied.add(pxTicks);
}

/** Orders that may stay, and those that would leave less than the minimum edge. What only reduces need leave none. */
function splitByEdge(
  orders: readonly WorkingOrder[],
  worth: DiffWorth | null,
): readonly [WorkingOrder[], WorkingOrder[]] {
  if (worth === null) return [[...orders], []];
  const leaves = (order: WorkingOrder): boolean =>
    order.reduceOnly ||
    edgeAtBps(worth.models[order.side], order.pxTicks) >= worth.edgeBpsMin - ROUNDING_BPS;
  return [orders.filter(leaves), orders.filter((order) => !leaves(order))];
}

function isByValue(quote: DesiredQuote, options: DiffOptions): boolean {
  return options.economy !== null && !quote.reduceOnly;
}

/**
 * A market maker is present: so many levels a side get an order where none stands, whatever an action costs, and an
 * order that the market has left behind counts for none. Far from the market the model expects no fills, so that no
 * place there is worth more than another, and quotes would drift away for good.
 */
const PRESENT_LEVELS = 2;

/** True when an action for the quote gains less than actions are worth now. What may only reduce is never too dear. */
function isDear(quote: DesiredQuote, order: WorkingOrder | null, options: DiffOptions): boolean {
  const { economy, worth } = options;
  if (economy === null || worth === null || !isByValue(quote, options)) return false;
  if (order !== null && order.reduceOnly !== quote.reduceOnly) return false;
  if (quote.reason.level < PRESENT_LEVELS && (order === null || hasDriftedAway(order, quote)))
    return false;
  const gain = actionGainMicroUsd(quote, order, worth.models[quote.side]);
  return gain <= (order === null ? economy.newOrderPriceMicroUsd : economy.actionPriceMicroUsd);
}

/** Pairs quotes of the ladder with the orders that are not worth replacing, removing both. */
function takeKept(
  wanted: (DesiredQuote | null)[],
  resting: WorkingOrder[],
  side: Side,
  options: DiffOptions,
  taken: Cloid[],
): void {
  const { economy, worth, sizeToleranceFraction } = options;
  if (economy === null || worth === null || resting.length === 0) return;
  const { actionPriceMicroUsd } = economy;
  const quotes: DesiredQuote[] = [];
  const places: number[] = [];
  for (let index = 0; index < wanted.length; index++) {
    const quote = wanted[index];
    if (quote === null || quote === undefined || !isByValue(quote, options)) continue;
    quotes.push(quote);
    places.push(index);
  }
  const rules = { sizeToleranceFraction, actionPriceMicroUsd };
  const found = keepOrders(quotes, resting, worth.models[side], rules);
  const pairs = unstacked(found, quotes, resting);
  const kept = new Uint8Array(resting.length);
  for (let index = 0; index < quotes.length; index++) {
    const at = pairs[index] ?? -1;
    const order = resting[at];
    const place = places[index];
    if (order === undefined || place === undefined) continue;
    kept[at] = 1;
    taken.push(order.cloid);
    wanted[place] = null;
  }
  let left = 0;
  for (let index = 0; index < resting.length; index++) {
    const order = resting[index];
    if (order !== undefined && kept[index] === 0) resting[left++] = order;
  }
  resting.length = left;
}

/**
 * A price has one order of ours at most: a quote without an order takes the one that rests at its very price, and the quote
 * that this one stood for is served anew. Each turn takes one more quote to its own price, so it ends.
 */
function unstacked(
  found: readonly number[],
  quotes: readonly DesiredQuote[],
  orders: readonly WorkingOrder[],
): readonly number[] {
  if (!found.includes(-1)) return found;
  const pairs = [...found];
  const open = pairs.flatMap((at, index) => (at < 0 ? [index] : []));
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const at = orders.findIndex(({ pxTicks }) => pxTicks === quotes[index]?.pxTicks);
    const other = at < 0 ? -1 : pairs.indexOf(at);
    if (other < 0) continue;
    pairs[other] = -1;
    pairs[index] = at;
    open.push(other);
  }
  return pairs;
}

/** May come to rest: sent and not yet answered. Orders on their way out stand for nothing. */
function isArriving(order: WorkingOrder): boolean {
  return order.phase === "opening" || (order.phase === "unresolved" && order.oid === null);
}

type Standing = {
  readonly resting: readonly WorkingOrder[];
  readonly arriving: readonly WorkingOrder[];
};

const standingBySide = new WeakMap<Working, { readonly [S in Side]: Standing }>();

/** Post-only orders of each side, best first, remembered as long as the working orders stay the same. */
function standingOf(working: Working): { readonly [S in Side]: Standing } {
  const known = standingBySide.get(working);
  if (known !== undefined) return known;
  const makers = ordersOf(working).filter(({ tif }) => tif === "Alo");
  const of = (side: Side): Standing => {
    const mine = makers.filter((order) => order.side === side);
    return {
      resting: bestFirst(mine.filter(({ phase }) => phase === "resting")),
      arriving: bestFirst(mine.filter(isArriving)),
    };
  };
  const standing = { bid: of("bid"), ask: of("ask") };
  standingBySide.set(working, standing);
  return standing;
}

function bestFirst(orders: readonly WorkingOrder[]): WorkingOrder[] {
  return orders.toSorted((a, b) =>
    a.side === "bid" ? b.pxTicks - a.pxTicks : a.pxTicks - b.pxTicks,
  );
}

function matches(quote: DesiredQuote, order: WorkingOrder, options: DiffOptions): boolean {
  const away = Math.abs(order.pxTicks - quote.pxTicks);
  const off = Math.abs(order.leavesLots - quote.sizeLots);
  // A reduce-only order may be smaller than asked for, never larger: it is asked for the whole position at most.
  const sizeFits =
    off <= options.sizeToleranceFraction * quote.sizeLots &&
    !(quote.reduceOnly && order.leavesLots > quote.sizeLots);
  return order.reduceOnly === quote.reduceOnly && away <= quote.toleranceTicks && sizeFits;
}

/** Pairs each wanted quote with the nearest fitting order, removing both. */
function takeMatches(
  wanted: (DesiredQuote | null)[],
  orders: WorkingOrder[],
  fits: (quote: DesiredQuote, order: WorkingOrder) => boolean,
  taken: Cloid[],
): void {
  for (let index = 0; index < wanted.length && orders.length > 0; index++) {
    const quote = wanted[index];
    if (quote === null || quote === undefined) continue;
    const order = takeNearest(orders, quote.pxTicks, (candidate) => fits(quote, candidate));
    if (order === null) continue;
    taken.push(order.cloid);
    wanted[index] = null;
  }
}

function takeNearest(
  orders: WorkingOrder[],
  pxTicks: number,
  fits: (order: WorkingOrder) => boolean = () => true,
): WorkingOrder | null {
  let best = -1;
  let bestAway = Infinity;
  for (let index = 0; index < orders.length; index++) {
    const order = orders[index];
    if (order === undefined) break;
    const away = Math.abs(order.pxTicks - pxTicks);
    if (away >= bestAway || !fits(order)) continue;
    best = index;
    bestAway = away;
  }
  return best < 0 ? null : (orders.splice(best, 1)[0] ?? null);
}

function holdReason(
  quote: DesiredQuote,
  otherBest: number | null,
  occupied: ReadonlySet<number>,
  options: DiffOptions,
): string | null {
  if (occupied.has(quote.pxTicks))
    return "an own order rests at this price, or is on its way there";
  if (options.noPlacing !== null) return options.noPlacing;
  if (isByValue(quote, options) && quote.reason.level >= (options.economy?.levels ?? Infinity))
    return "actions are scarce: levels this far out are left as they are";
  if (crosses(quote.side, quote.pxTicks, otherBest))
    return `an own order at ${otherBest} may still rest on the other side`;
  return null;
}

/** Without a replacement, the order nearest to a held quote stays unless it is dangerously close to the market. */
function holdBack(
  quote: DesiredQuote,
  resting: WorkingOrder[],
  occupied: Set<number>,
  out: Sorted,
): void {
  const order = takeNearest(resting, quote.pxTicks);
  if (order === null) return;
  const ahead =
    quote.side === "bid" ? order.pxTicks - quote.pxTicks : quote.pxTicks - order.pxTicks;
  const exposed = ahead > quote.toleranceTicks;
  const wrongKind = order.reduceOnly !== quote.reduceOnly;
  if (exposed || wrongKind) out.cancel.push(order.cloid);
  else keep(order, occupied, out);
}

/** At most one order that takes liquidity is on its way at a time. */
function diffTaking(
  desired: readonly DesiredQuote[],
  working: Working,
  options: DiffOptions,
  out: Sorted,
): void {
  const takers = desired.filter(({ tif }) => tif === "Ioc");
  if (takers.length === 0) return;
  const busy = ordersOf(working).some((order) => order.tif === "Ioc");
  for (const quote of takers) {
    if (busy) out.held.push({ quote, reason: "an earlier order that takes is not settled yet" });
    else if (options.noPlacing !== null) out.held.push({ quote, reason: options.noPlacing });
    else out.place.push(quote);
  }
}

const cloidOf = ({ replaces }: Replacement): Cloid => replaces;

/**
 * Of what is to be placed and moved only so much: what is missing first, best levels before worse ones, then what leaves
 * too little edge, then the order that is furthest from its place. Cancels stay, and what has to go and cannot be moved
 * is cancelled.
 */
export function mostUrgent(diff: OrderDiff, working: Working, most: number): OrderDiff {
  if (diff.place.length + diff.modify.length <= most) return diff;
  const place = diff.place.toSorted((a, b) => a.reason.level - b.reason.level).slice(0, most);
  const away = ({ replaces, quote }: OrderDiff["modify"][number]): number =>
    Math.abs((working[replaces]?.pxTicks ?? quote.pxTicks) - quote.pxTicks);
  const ranked = diff.modify.toSorted(
    (a, b) => Number(b.mustGo) - Number(a.mustGo) || away(b) - away(a),
  );
  const modify = ranked.slice(0, most - place.length);
  const gone = ranked.slice(modify.length).filter(({ mustGo }) => mustGo);
  return { ...diff, place, modify, cancel: [...diff.cancel, ...gone.map(cloidOf)] };
}
