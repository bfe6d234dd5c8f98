import { expect, test } from "bun:test";
import fc from "fast-check";
import { addClaim, claimsOf, requiredMargin } from "../../lib/core/marginClaims.ts";
import type { WorkingOrder } from "../../lib/messages/orders.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { formatPx, formatSize } from "../../lib/units/decimal.ts";
import { order, params } from "../support/coreFixtures.ts";
import { ALICE, BOB, Exchange, errorText, statuses } from "../venue/exchange.ts";

/** Seven leaves a rest, which the exchange rounds up. */
const PARAMS = params({ leverage: 7 });
const MID = 770_000;

type Op = {
  readonly kind: "place" | "modify" | "cancel";
  readonly pick: number;
  readonly side: "bid" | "ask";
  readonly away: number;
  readonly lots: number;
};

const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom("place" as const, "place" as const, "modify" as const, "cancel" as const),
  pick: fc.nat(20),
  side: fc.constantFrom("bid" as const, "ask" as const),
  away: fc.integer({ min: 1, max: 400 }),
  lots: fc.integer({ min: 15, max: 400 }),
});

/** One account at the exchange, and what the bot believes rests there. */
class Pair {
  readonly exchange = new Exchange({ usd: "100000" });
  readonly working: { [cloid: string]: WorkingOrder } = {};
  readonly #isolated: boolean;
  #serial = 0;

  constructor(lots: number, isolated: boolean) {
    this.#isolated = isolated;
    const { assetId } = this.exchange.def;
    this.exchange.act(ALICE, {
      type: "updateLeverage",
      asset: assetId,
      isCross: !isolated,
      leverage: PARAMS.leverage,
    });
    const size = formatSize(sizeLots(Math.abs(lots)), 3);
    if (lots !== 0) this.exchange.trade(ALICE, BOB, lots > 0 ? "bid" : "ask", "770", size);
  }

  /** Margin as the exchange counts it, and as we do; collateral of an isolated position has left what may be claimed. */
  margins(): readonly [number, number] {
    const view = this.exchange.venue.account(ALICE, "km");
    const position = view.positions[0];
    const positionLots = position?.positionLots ?? 0;
    const markTicks =
      position === undefined ? MID : position.valueMicroUsd / Math.abs(positionLots);
    const spec = { maxLeverage: 25, onlyIsolated: this.#isolated };
    const account = { positionLots, markTicks, spec };
    const collateral = view.totalMarginUsedMicroUsd - view.crossMarginUsedMicroUsd;
    const theirs = view.initialMarginMicroUsd - collateral;
    return [theirs, requiredMargin(account, claimsOf(this.working), PARAMS)];
  }

  play({ kind, pick, side, away, lots }: Op): void {
    const mine = Object.values(this.working);
    const old = mine[pick % Math.max(1, mine.length)];
    if (kind === "cancel") {
      if (old === undefined) return;
      this.exchange.cancel(ALICE, old.oid ?? 0);
      delete this.working[old.cloid];
      return;
    }
    const chosen = kind === "modify" && old !== undefined ? old.side : side;
    const px = pxTicks(MID + (chosen === "bid" ? -10 : 10) * away);
    const wire = this.exchange.order(chosen, formatPx(px, 3), formatSize(sizeLots(lots), 3));
    const replaces = kind === "modify" ? old : undefined;
    const reply =
      replaces === undefined
        ? this.exchange.act(ALICE, { type: "order", orders: [wire], grouping: "na" })
        : this.exchange.act(ALICE, {
            type: "batchModify",
            modifies: [{ oid: replaces.oid ?? 0, order: wire }],
          });
    if (errorText(reply) !== "") throw new Error(errorText(reply));
    const [status] = statuses(reply);
    if (typeof status !== "object" || !("resting" in status)) throw new Error("it rests");
    const cloid = `0x${this.#serial++}`;
    const added = { cloid, oid: status.resting.oid, side: chosen, pxTicks: px, replaces: null };
    this.claimsStayTrue(added, lots, replaces);
    if (replaces !== undefined) delete this.working[replaces.cloid];
    const size = sizeLots(lots);
    this.working[cloid] = order({ ...added, origLots: size, leavesLots: size });
  }

  /** While a replacement is under way the larger of the two counts, once. */
  claimsStayTrue(
    added: Partial<WorkingOrder>,
    lots: number,
    replaces: WorkingOrder | undefined,
  ): void {
    if (replaces === undefined) return;
    const { side } = replaces;
    const before = claimsOf(this.working);
    const next = { ...order(added), sizeLots: sizeLots(lots), replaces: replaces.cloid };
    const during = addClaim(before, next)[side] - before[side];
    const [was, is] = [replaces.pxTicks * replaces.leavesLots, next.pxTicks * lots];
    expect(during).toBe(Math.max(0, is - was));
  }
}

test("initial margin is counted as the exchange counts it, after modifies and cancels too", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -500, max: 500 }).filter((lots) => lots === 0 || Math.abs(lots) > 20),
      fc.array(op, { maxLength: 25 }),
      fc.boolean(),
      (lots, ops, isolated) => {
        const pair = new Pair(lots, isolated);
        for (const next of ops) {
          pair.play(next);
          const [theirs, ours] = pair.margins();
          expect(ours).toBe(theirs);
        }
      },
    ),
    { numRuns: 60 },
  );
});
