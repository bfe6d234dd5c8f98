import type { Approved, Command } from "../../lib/messages/commands.ts";
import type { CommandOutcome, Event } from "../../lib/messages/events.ts";
import type { Level, MarketView } from "../../lib/messages/market.ts";
import { sideSign, snapDown } from "../../lib/units/grid.ts";
import type { Side } from "../../lib/units/grid.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { START_MS, reading, view } from "./coreFixtures.ts";

export type TrueOrder = {
  readonly oid: number;
  readonly cloid: string;
  readonly side: Side;
  readonly pxTicks: number;
  readonly origLots: number;
  readonly reduceOnly: boolean;
  leavesLots: number;
};

/** Sent by the bot and not yet at the venue. */
type InTransit = { readonly command: Approved; readonly nonce: number };
type Choose = (below: number) => number;

/**
 * A venue that does everything late, out of order or not at all: commands overtake each other, answers are lost,
 * executions come before or after acknowledgements. What is true is always known here.
 */
export class ChaosVenue {
  readonly resting = new Map<string, TrueOrder>();
  readonly inTransit: InTransit[] = [];
  /** The account's stream keeps its order; answers do not. */
  readonly stream: Event[] = [];
  readonly answers: Event[] = [];
  positionLots = 0;
  cashMicroUsd = 0;
  feesMicroUsd = 0;
  midTicks = 770_010;
  nowMs = START_MS;
  readonly #choose: Choose;
  #oid = 100;
  #serial = 0;
  #unanswered: InTransit[] = [];

  constructor(choose: Choose) {
    this.#choose = choose;
  }

  view(): MarketView {
    const bid = snapDown(this.midTicks - 5, 3);
    const side = (sign: number, touch: number): Level[] =>
      [0, 1, 2, 3, 4].map((i) =>
        this.#withOwn(pxTicks(touch + sign * 10 * i), sign < 0 ? "bid" : "ask"),
      );
    const now = ms(this.nowMs);
    const bids = side(-1, bid);
    return view({ bookRecvMs: now, bookVenueMs: now, bids, asks: side(1, bid + 10) });
  }

  #withOwn(px: Level["pxTicks"], side: Side): Level {
    let lots = 1_000;
    for (const order of this.resting.values())
      if (order.side === side && order.pxTicks === px) lots += order.leavesLots;
    return { pxTicks: px, sizeLots: sizeLots(lots) };
  }

  stamp(): { id: string; atMs: ReturnType<typeof ms>; view: MarketView } {
    return { id: `chaos-${this.#serial++}`, atMs: ms(this.nowMs), view: this.view() };
  }

  send(commands: readonly Approved[]): void {
    for (const command of commands) {
      if (command.kind === "readMargin" || command.kind === "reconcile") continue;
      this.inTransit.push({ command, nonce: this.#serial++ });
    }
  }

  /** One command, any of those under way, reaches the venue, is lost, or acts without an answer. */
  deliver(index: number, reliably = false): void {
    const item = this.inTransit.splice(index % Math.max(1, this.inTransit.length), 1)[0];
    if (item === undefined) return;
    const { command } = item;
    const late = "expiresMs" in command && command.expiresMs <= this.nowMs;
    const fate = reliably ? 9 : this.#choose(10);
    if (fate === 0) {
      this.#unanswered.push(item);
      this.#answer(item, { result: "unresolved", text: "timeout" });
      return;
    }
    const outcome = late
      ? ({ result: "rejected", text: "Action already expired" } as const)
      : this.#act(command);
    if (fate === 1) this.#answer(item, { result: "unresolved", text: "timeout" });
    this.#answer(item, outcome);
  }

  /** The venue was asked about lost commands, which can no longer act. */
  resolveLost(): void {
    for (const item of this.#unanswered) this.#answer(item, { result: "neverActed" });
    this.#unanswered = [];
  }

  #answer({ command, nonce }: InTransit, outcome: Record<string, unknown>): void {
    if (!("cloid" in command)) return;
    const op = command.kind;
    const full = { cloid: command.cloid, op, ...outcome } as CommandOutcome;
    this.answers.push({
      ...this.stamp(),
      kind: "outcome",
      nonce,
      outcomes: [full],
      roundTripMs: 1,
    });
  }

  #act(command: Command): Record<string, unknown> {
    switch (command.kind) {
      case "cancel": {
        const order = this.resting.get(command.cloid);
        if (order === undefined)
          return {
            result: "rejected",
            text: "Order was never placed, already canceled, or filled.",
          };
        this.#end(order, "canceled");
        return { result: "cancelled" };
      }
      case "cancelOid": {
        const order = [...this.resting.values()].find((entry) => entry.oid === command.oid);
        if (order !== undefined) this.#end(order, "canceled");
        return { result: "cancelled" };
      }
      case "modify": {
        const old = this.resting.get(command.replaces);
        if (old === undefined)
          return { result: "rejected", text: "Cannot modify canceled or filled order" };
        const refusal = this.#refusal(command);
        if (refusal !== null) return refusal;
        const oid = this.#open(command);
        this.#end(old, "canceled");
        return { result: "resting", oid };
      }
      case "place": {
        const refusal = this.#refusal(command);
        if (refusal !== null) return refusal;
        if (command.tif === "Ioc") return this.#take(command);
        return { result: "resting", oid: this.#open(command) };
      }
      case "readMargin":
      case "reconcile":
        return {};
    }
  }

  #refusal(
    command: Extract<Command, { kind: "place" | "modify" }>,
  ): Record<string, unknown> | null {
    const reduces = sideSign(command.side) * this.positionLots < 0;
    if (command.reduceOnly && !reduces)
      return { result: "rejected", text: "Reduce only order would increase position." };
    const { bids, asks } = this.view();
    const far = command.side === "bid" ? asks[0] : bids[0];
    const crossing =
      far !== undefined &&
      (command.side === "bid" ? command.pxTicks >= far.pxTicks : command.pxTicks <= far.pxTicks);
    if (command.tif === "Alo" && crossing)
      return { result: "rejected", text: "Post only order would have immediately matched" };
    return null;
  }

  #open(command: Extract<Command, { kind: "place" | "modify" }>): number {
    const oid = this.#oid++;
    const { cloid, side, sizeLots: lots, reduceOnly } = command;
    const order = {
      oid,
      cloid,
      side,
      pxTicks: command.pxTicks,
      origLots: lots,
      leavesLots: lots,
      reduceOnly,
    };
    this.resting.set(cloid, order);
    this.#update(order, "open");
    return oid;
  }

  #take(command: Extract<Command, { kind: "place" | "modify" }>): Record<string, unknown> {
    const oid = this.#open(command);
    this.fill(command.cloid, command.sizeLots, true);
    return { result: "filled", oid };
  }

  #end(order: TrueOrder, status: string): void {
    this.resting.delete(order.cloid);
    this.#update(order, status);
  }

  #update(order: TrueOrder, status: string): void {
    this.stream.push({
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

  /** Somebody trades with a resting order of ours. A reduce-only order is cut to the position. */
  fill(cloid: string, wantedLots: number, taker = false): void {
    const order = this.resting.get(cloid);
    if (order === undefined) return;
    const sign = sideSign(order.side);
    const closable = Math.max(0, -sign * this.positionLots);
    const most = order.reduceOnly ? Math.min(order.leavesLots, closable) : order.leavesLots;
    const lots = Math.min(wantedLots, most);
    if (lots <= 0) return this.#end(order, "reduceOnlyCanceled");
    const startPositionLots = positionLots(this.positionLots);
    const feeMicroUsd = Math.floor((order.pxTicks * lots * 3) / 100_000);
    order.leavesLots -= lots;
    this.positionLots += sign * lots;
    this.cashMicroUsd -= sign * order.pxTicks * lots;
    this.feesMicroUsd += feeMicroUsd;
    this.stream.push({
      ...this.stamp(),
      kind: "fill",
      fill: {
        tid: this.#serial++,
        oid: order.oid,
        cloid,
        venueMs: ms(this.nowMs),
        side: order.side,
        pxTicks: pxTicks(order.pxTicks),
        sizeLots: sizeLots(lots),
        taker,
        feeMicroUsd: microUsd(feeMicroUsd),
        startPositionLots,
      },
    });
    if (order.leavesLots === 0) this.#end(order, "filled");
  }

  reading() {
    const value = Math.abs(this.positionLots) * this.midTicks;
    const equity =
      1_000_000_000 + this.cashMicroUsd + this.positionLots * this.midTicks - this.feesMicroUsd;
    return reading({
      venueMs: ms(this.nowMs),
      equityMicroUsd: microUsd(equity),
      marginUsedMicroUsd: microUsd(Math.floor(value / 10)),
      positionLots: positionLots(this.positionLots),
      positionValueMicroUsd: microUsd(value),
    });
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

  /** Position in lots if everything of a side that rests or is on its way fills. */
  trueWorstLots(side: Side): number {
    const sign = sideSign(side);
    let plain = 0;
    for (const order of this.resting.values())
      if (order.side === side && !order.reduceOnly) plain += order.leavesLots;
    for (const { command } of this.inTransit)
      if ((command.kind === "place" || command.kind === "modify") && command.side === side)
        plain += command.reduceOnly ? 0 : command.sizeLots;
    return this.positionLots + sign * plain;
  }
}
