import type { Side } from "../../../lib/units/grid.ts";
import { opposite, sideSign } from "../../../lib/units/grid.ts";
import { pxTicks, sizeLots } from "../../../lib/units/numbers.ts";
import type { PxTicks, SizeLots } from "../../../lib/units/numbers.ts";
import type { BookLevel, BookReader, FeedInput } from "../../../lib/venue/rules/types.ts";

type Resting = { readonly owner: string; readonly id: number; leaves: number };
export type TinyTrade = {
  readonly timeMs: number;
  /** Aggressor. */
  readonly side: Side;
  readonly px: number;
  readonly lots: number;
  /** Owner of the resting order. */
  readonly maker: string;
  readonly makerId: number;
};

/** A price-time book of a few lines, independent of the real exchange: only to drive feeds in their own tests. */
export class TinyBook implements BookReader {
  readonly #sides: Record<Side, Map<number, Resting[]>> = { bid: new Map(), ask: new Map() };
  readonly #where = new Map<string, { side: Side; px: number }>();
  #best: Record<Side, number | null> = { bid: null, ask: null };
  readonly trades: TinyTrade[] = [];
  rejected = 0;
  placed = 0;
  cancelled = 0;

  bestBid(): BookLevel | null {
    return this.#level("bid", this.#best.bid);
  }

  bestAsk(): BookLevel | null {
    return this.#level("ask", this.#best.ask);
  }

  /** Best price of a side at which the crowd has something, or null: what a user sees who leaves out users' quotes. */
  crowdBest(side: Side): number | null {
    const best = this.#best[side];
    if (best === null || this.#hasCrowd(side, best)) return best;
    const prices = [...this.#sides[side].keys()].toSorted((a, b) => (b - a) * sideSign(side));
    return prices.find((px) => this.#hasCrowd(side, px)) ?? null;
  }

  #hasCrowd(side: Side, px: number): boolean {
    return this.#sides[side].get(px)?.some((order) => order.owner === "crowd") ?? false;
  }

  levels(side: Side, count: number): readonly BookLevel[] {
    const prices = [...this.#sides[side].keys()].toSorted((a, b) => (b - a) * sideSign(side));
    return prices.slice(0, count).flatMap((px) => this.#level(side, px) ?? []);
  }

  lotsAt(side: Side, px: PxTicks): SizeLots {
    return this.#level(side, px)?.sizeLots ?? sizeLots(0);
  }

  apply(input: FeedInput, timeMs: number): void {
    if (input.kind === "agentPlace")
      this.place(
        "crowd",
        input.agentOrderId,
        input.side,
        input.pxTicks,
        input.sizeLots,
        input.tif,
        timeMs,
      );
    else if (input.kind === "agentCancel") this.cancel("crowd", input.agentOrderId);
  }

  place(
    owner: string,
    id: number,
    side: Side,
    px: number,
    lots: number,
    tif: "Alo" | "Ioc",
    timeMs: number,
  ): boolean {
    this.placed++;
    const sign = sideSign(side);
    const other = opposite(side);
    const crosses = (best: number | null): best is number =>
      best !== null && (px - best) * sign >= 0;
    if (tif === "Alo") {
      if (crosses(this.#best[other])) {
        this.rejected++;
        return false;
      }
      this.#rest(owner, id, side, px, lots);
      return true;
    }
    let left = lots;
    for (let best = this.#best[other]; left > 0 && crosses(best); best = this.#best[other]) {
      const queue = this.#sides[other].get(best) ?? [];
      const first = queue[0];
      if (first === undefined) throw new Error("empty level");
      const traded = Math.min(left, first.leaves);
      left -= traded;
      first.leaves -= traded;
      this.trades.push({
        timeMs,
        side,
        px: best,
        lots: traded,
        maker: first.owner,
        makerId: first.id,
      });
      if (first.leaves === 0) this.cancel(first.owner, first.id);
    }
    return true;
  }

  cancel(owner: string, id: number): boolean {
    const place = this.#where.get(`${owner}/${id}`);
    if (place === undefined) return false;
    this.#where.delete(`${owner}/${id}`);
    this.cancelled++;
    const queue = this.#sides[place.side].get(place.px) ?? [];
    const rest = queue.filter((order) => order.owner !== owner || order.id !== id);
    if (rest.length > 0) this.#sides[place.side].set(place.px, rest);
    else {
      this.#sides[place.side].delete(place.px);
      if (this.#best[place.side] === place.px) this.#findBest(place.side);
    }
    return true;
  }

  rests(owner: string, id: number): boolean {
    return this.#where.has(`${owner}/${id}`);
  }

  #rest(owner: string, id: number, side: Side, px: number, lots: number): void {
    const queue = this.#sides[side].get(px);
    if (queue === undefined) this.#sides[side].set(px, [{ owner, id, leaves: lots }]);
    else queue.push({ owner, id, leaves: lots });
    this.#where.set(`${owner}/${id}`, { side, px });
    const best = this.#best[side];
    if (best === null || (px - best) * sideSign(side) > 0) this.#best[side] = px;
  }

  #findBest(side: Side): void {
    let best: number | null = null;
    for (const px of this.#sides[side].keys())
      if (best === null || (px - best) * sideSign(side) > 0) best = px;
    this.#best[side] = best;
  }

  #level(side: Side, px: number | null): BookLevel | null {
    const queue = px === null ? undefined : this.#sides[side].get(px);
    if (px === null || queue === undefined) return null;
    let lots = 0;
    for (const order of queue) lots += order.leaves;
    return { pxTicks: pxTicks(px), sizeLots: sizeLots(lots), orders: queue.length };
  }
}
