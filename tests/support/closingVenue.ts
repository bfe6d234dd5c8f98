import type { Approved } from "../../lib/messages/commands.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { Level, MarketView } from "../../lib/messages/market.ts";
import type { WorkingOrder } from "../../lib/messages/orders.ts";
import { sideSign } from "../../lib/units/grid.ts";
import type { Side } from "../../lib/units/grid.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { START_MS, reading, view } from "./coreFixtures.ts";

/** What the venue does to the next order, whatever the order is. */
export type Mood =
  | "fair"
  | "thin"
  | "empty"
  | "far"
  | "postOnly"
  | "throttled"
  | "margin"
  | "unanswered"
  | "lost"
  | "crossed"
  | "busy"
  | "exhausted"
  | "cancelsRefused";

type Resting = {
  readonly cloid: string;
  readonly oid: number;
  readonly side: Side;
  readonly pxTicks: number;
  readonly origLots: number;
  leavesLots: number;
  readonly reduceOnly: boolean;
};

const MIN_NOTIONAL = 10_000_000;
const STEP = 10;
const EXHAUSTED = "Too many cumulative requests sent (20001 > 20000)";

/**
 * A venue with the measured reduce-only rules (too big is shrunk, wrong side or flat is refused, resting ones shrink
 * with the position, the older of two in excess goes, $10 for partial closes) and a mood. Everything it does is told in
 * order; what was lost in a mood is answered when it is asked.
 */
export class ClosingVenue {
  positionLots: number;
  midTicks = 770_010;
  nowMs = START_MS;
  moods: readonly Mood[] = ["fair"];
  /** Orders that reached it, refused ones included; and actions of any kind. */
  orders = 0;
  actions = 0;
  flipped = false;
  grown = 0;
  readonly resting = new Map<string, Resting>();
  readonly events: Event[] = [];
  #oid = 100;
  #serial = 0;
  #passedMs = Number.NEGATIVE_INFINITY;
  #lost: { readonly cloid: string; readonly op: "place" | "modify" | "cancel" }[] = [];

  set mood(mood: Mood) {
    this.moods = [mood];
  }

  #is(mood: Mood): boolean {
    return this.moods.includes(mood);
  }

  constructor(startLots: number, resting: readonly WorkingOrder[]) {
    this.positionLots = startLots;
    for (const order of resting)
      this.resting.set(order.cloid, {
        cloid: order.cloid,
        oid: order.oid ?? this.#oid++,
        side: order.side,
        pxTicks: order.pxTicks,
        origLots: order.origLots,
        leavesLots: order.leavesLots,
        reduceOnly: order.reduceOnly,
      });
  }

  stamp(): { id: string; atMs: ReturnType<typeof ms>; view: MarketView } {
    return { id: `closing-${this.#serial++}`, atMs: ms(this.nowMs), view: this.view() };
  }

  /** Others' orders by mood, and ours as the venue shows them. */
  view(): MarketView {
    const now = ms(this.nowMs);
    const bid = this.midTicks - (this.midTicks % STEP) - STEP;
    const [bids, asks] = [this.#levels("bid", bid), this.#levels("ask", bid + STEP)];
    const markPxTicks = pxTicks(770_010);
    return view({ bookRecvMs: now, bookVenueMs: now, bids, asks, markPxTicks });
  }

  #levels(side: Side, touch: number): Level[] {
    if (this.#is("empty")) return this.#own(side);
    const away = this.#is("far") ? 20_000 : 0;
    const first = touch - sideSign(side) * away;
    const shift = this.#is("crossed") ? 2 * sideSign(side) * STEP : 0;
    const lots = this.#is("thin") ? 7 : 5_000;
    const others = [0, 1, 2].map((i) => ({
      pxTicks: pxTicks(first + shift - sideSign(side) * STEP * i),
      sizeLots: sizeLots(lots),
    }));
    return merge([...this.#own(side), ...others], side);
  }

  #own(side: Side): Level[] {
    const own = [...this.resting.values()].filter((order) => order.side === side);
    return merge(
      own.map((order) => ({
        pxTicks: pxTicks(order.pxTicks),
        sizeLots: sizeLots(order.leavesLots),
      })),
      side,
    );
  }

  reading() {
    const value = Math.abs(this.positionLots) * this.midTicks;
    return reading({
      venueMs: ms(this.nowMs),
      equityMicroUsd: microUsd(1_000_000_000),
      marginUsedMicroUsd: microUsd(Math.floor(value / 10)),
      positionLots: positionLots(this.positionLots),
      positionValueMicroUsd: microUsd(value),
    });
  }

  margin(): Event {
    return {
      ...this.stamp(),
      kind: "margin",
      reading: this.reading(),
      failure: null,
      // Twice the cap is used up: not even cancels are free.
      budget: this.#is("exhausted") ? { used: 20_001, cap: 10_000 } : { used: 0, cap: 10_000 },
    };
  }

  reconciled(): Event {
    const openOrders = [...this.resting.values()].map((order) => ({
      ...order,
      pxTicks: pxTicks(order.pxTicks),
      leavesLots: sizeLots(order.leavesLots),
      origLots: sizeLots(order.origLots),
      placedMs: ms(this.nowMs),
    }));
    const snapshot = { askedMs: ms(this.nowMs), openOrders, reading: this.reading() };
    return { ...this.stamp(), kind: "reconciled", snapshot, failure: null };
  }

  /** The venue was asked about what it never answered, long enough after: it never acted. */
  resolve(): void {
    for (const { cloid, op } of this.#lost.splice(0))
      this.#tell(cloid, op, { result: "neverActed" });
  }

  take(command: Approved): void {
    if (command.kind === "readMargin" || command.kind === "reconcile") return;
    this.actions++;
    const refusal = this.#wholeRefusal();
    if (command.kind === "cancelOid")
      return refusal === null ? this.#cancelOid(command.oid) : undefined;
    if (command.kind === "cancel") return this.#cancel(command.cloid, refusal);
    this.orders++;
    if (refusal !== null)
      return this.#tell(command.cloid, command.kind, { result: "rejected", text: refusal });
    if (this.#is("unanswered") || this.#is("lost")) {
      if (this.#is("unanswered")) this.#act(command, false);
      else this.#lost.push({ cloid: command.cloid, op: command.kind });
      this.#tell(command.cloid, command.kind, { result: "unresolved", text: "timeout" });
      return;
    }
    this.#act(command, true);
  }

  #cancelOid(oid: number): void {
    for (const order of this.resting.values()) if (order.oid === oid) this.#end(order, "canceled");
  }

  /** Why nothing of an action acts, whatever it is. */
  #wholeRefusal(): string | null {
    if (this.#is("busy")) return "HTTP 429: too many requests";
    if (!this.#is("exhausted")) return null;
    if (this.nowMs - this.#passedMs < 10_000) return EXHAUSTED;
    this.#passedMs = this.nowMs;
    return null;
  }

  #cancel(cloid: string, refusal: string | null): void {
    const order = this.resting.get(cloid);
    const text = refusal ?? (this.#is("cancelsRefused") ? EXHAUSTED : null);
    if (text !== null) return this.#tell(cloid, "cancel", { result: "rejected", text });
    if (order === undefined)
      return this.#tell(cloid, "cancel", {
        result: "rejected",
        text: "Order was never placed, already canceled, or filled.",
      });
    this.#end(order, "canceled");
    this.#tell(cloid, "cancel", { result: "cancelled" });
  }

  #act(command: Extract<Approved, { kind: "place" | "modify" }>, answers: boolean): void {
    const { cloid, kind, side, pxTicks: px } = command;
    const answer = (outcome: Record<string, unknown>): void => {
      if (answers) this.#tell(cloid, kind, outcome);
    };
    const old = kind === "modify" ? this.resting.get(command.replaces) : undefined;
    if (kind === "modify" && old === undefined)
      return answer({ result: "rejected", text: "Cannot modify canceled or filled order" });
    const closable = Math.max(0, -sideSign(side) * this.positionLots);
    const lots = command.reduceOnly ? Math.min(command.sizeLots, closable) : command.sizeLots;
    const refusal = this.#refusal(command, lots, closable);
    if (old !== undefined) this.#end(old, "canceled");
    if (refusal !== null) return answer({ result: "rejected", text: refusal });
    const oid = this.#oid++;
    const order: Resting = {
      cloid,
      oid,
      side,
      pxTicks: px,
      origLots: command.sizeLots,
      leavesLots: lots,
      reduceOnly: command.reduceOnly,
    };
    this.resting.set(cloid, order);
    if (command.tif === "Ioc") {
      this.#sweep(order);
      this.resting.delete(cloid);
      return answer({ result: "filled", oid });
    }
    this.#update(order, "open");
    this.#cancelOlderExcess(order);
    answer({ result: "resting", oid });
  }

  #refusal(
    command: Extract<Approved, { kind: "place" | "modify" }>,
    lots: number,
    closable: number,
  ): string | null {
    if (this.#is("throttled")) return "Too many cumulative requests sent";
    if (this.#is("margin")) return "Insufficient margin to place order.";
    if (this.#is("postOnly") && command.tif === "Ioc")
      return "Only post-only orders allowed immediately after network upgrade";
    if (command.reduceOnly && lots === 0) return "Reduce only order would increase position.";
    const whole = closable > 0 && command.sizeLots >= closable;
    if (!whole && lots * command.pxTicks < MIN_NOTIONAL)
      return "Order must have minimum value of $10.";
    const { bids, asks } = this.view();
    const far = (command.side === "bid" ? asks : bids)[0]?.pxTicks ?? null;
    const meets =
      far !== null && sideSign(command.side) * (Number(command.pxTicks) - Number(far)) >= 0;
    if (command.tif === "Alo" && meets) return "Post only order would have immediately matched";
    if (command.tif === "Ioc" && !meets)
      return "Order could not immediately match against any resting orders.";
    return null;
  }

  #sweep(order: Resting): void {
    const { bids, asks } = this.view();
    for (const level of order.side === "bid" ? asks : bids) {
      if (sideSign(order.side) * (order.pxTicks - level.pxTicks) < 0) return;
      const lots = Math.min(level.sizeLots, order.leavesLots);
      if (lots > 0) this.#fill(order, lots, true);
      if (order.leavesLots === 0) return;
    }
  }

  #cancelOlderExcess(newest: Resting): void {
    if (!newest.reduceOnly) return;
    const mine = [...this.resting.values()].filter((o) => o.reduceOnly && o.side === newest.side);
    let sum = mine.reduce((total, order) => total + order.leavesLots, 0);
    for (const order of mine) {
      if (sum <= Math.abs(this.positionLots) || order === newest) return;
      sum -= order.leavesLots;
      this.#end(order, "reduceOnlyCanceled");
    }
  }

  /** Somebody trades with any resting order of ours. */
  trade(index: number, wanted: number): void {
    const order = [...this.resting.values()][index % Math.max(1, this.resting.size)];
    if (order === undefined) return;
    const closable = Math.max(0, -sideSign(order.side) * this.positionLots);
    const most = order.reduceOnly ? Math.min(order.leavesLots, closable) : order.leavesLots;
    const lots = Math.min(wanted, most);
    if (lots > 0) this.#fill(order, lots, false);
    if (order.leavesLots === 0) this.#end(order, "filled");
  }

  #fill(order: Resting, lots: number, taker: boolean): void {
    const before = this.positionLots;
    order.leavesLots -= lots;
    this.positionLots += sideSign(order.side) * lots;
    if (order.reduceOnly) {
      if (before * this.positionLots < 0) this.flipped = true;
      this.grown = Math.max(this.grown, Math.abs(this.positionLots) - Math.abs(before));
    }
    this.events.push({
      ...this.stamp(),
      kind: "fill",
      fill: {
        tid: this.#serial++,
        oid: order.oid,
        cloid: order.cloid,
        venueMs: ms(this.nowMs),
        side: order.side,
        pxTicks: pxTicks(order.pxTicks),
        sizeLots: sizeLots(lots),
        taker,
        feeMicroUsd: microUsd(0),
        startPositionLots: positionLots(before),
      },
    });
    this.#shrink();
  }

  #shrink(): void {
    for (const side of ["bid", "ask"] as const) {
      const mine = [...this.resting.values()].filter((o) => o.reduceOnly && o.side === side);
      const closable = Math.max(0, -sideSign(side) * this.positionLots);
      let excess = mine.reduce((sum, order) => sum + order.leavesLots, 0) - closable;
      for (const order of mine) {
        if (excess <= 0) break;
        const cut = Math.min(excess, order.leavesLots);
        excess -= cut;
        order.leavesLots -= cut;
        if (order.leavesLots === 0) this.#end(order, "reduceOnlyCanceled");
      }
    }
  }

  #end(order: Resting, status: string): void {
    this.resting.delete(order.cloid);
    this.#update(order, status);
  }

  #update(order: Resting, status: string): void {
    this.events.push({
      ...this.stamp(),
      kind: "orderUpdate",
      oid: order.oid,
      cloid: order.cloid,
      side: order.side,
      pxTicks: pxTicks(order.pxTicks),
      leavesLots: sizeLots(order.leavesLots),
      origLots: sizeLots(order.origLots),
      status,
      statusMs: ms(this.nowMs),
    });
  }

  #tell(cloid: string, op: string, outcome: Record<string, unknown>): void {
    this.events.push({
      ...this.stamp(),
      kind: "outcome",
      nonce: this.#serial++,
      outcomes: [{ cloid, op, ...outcome }],
      roundTripMs: 1,
    } as unknown as Event);
  }
}

function merge(levels: readonly Level[], side: Side): Level[] {
  const sums = new Map<Level["pxTicks"], number>();
  for (const { pxTicks: px, sizeLots: lots } of levels) sums.set(px, (sums.get(px) ?? 0) + lots);
  return [...sums]
    .filter(([, lots]) => lots > 0)
    .map(([px, lots]) => ({ pxTicks: px, sizeLots: sizeLots(lots) }))
    .toSorted((a, b) => sideSign(side) * (b.pxTicks - a.pxTicks));
}
