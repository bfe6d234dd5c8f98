import { describe, expect, test } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import { notePassing, openMarkout, settleMarkouts } from "../../lib/core/quality.ts";
import type { PublicTrade } from "../../lib/messages/market.ts";
import type { OwnFill, WorkingOrder } from "../../lib/messages/orders.ts";
import type { BotState, QualitySlice } from "../../lib/messages/state.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { order } from "../support/coreFixtures.ts";
import { CARELESS } from "../support/eager.ts";

const EMPTY: QualitySlice = { open: [], cells: [], dropped: 0 };
const AT_MS = ms(1_000_000);
const PX = pxTicks(690_000);

const resting = (changes: Partial<WorkingOrder>): { readonly [cloid: string]: WorkingOrder } => {
  const one = order({ pxTicks: PX, ...changes });
  return { [one.cloid]: one };
};
const bid = resting({ side: "bid" });
const trade = (changes: Partial<PublicTrade>): PublicTrade => ({
  tid: 1,
  venueMs: AT_MS,
  aggressor: "ask",
  pxTicks: pxTicks(PX - 10),
  sizeLots: sizeLots(5),
  ...changes,
});
const fill = (changes: Partial<OwnFill> = {}): OwnFill =>
  ({
    tid: 2,
    oid: 3,
    cloid: null,
    venueMs: AT_MS,
    side: "bid",
    pxTicks: PX,
    sizeLots: sizeLots(5),
    taker: false,
    ...changes,
  }) as OwnFill;

const opened = (quality: QualitySlice, changes: Partial<OwnFill> = {}): QualitySlice =>
  openMarkout(quality, fill(changes), null, 2 * PX);
const causes = ({ open }: QualitySlice) => open.map(({ cause }) => cause);

describe("a fill's cause", () => {
  test.each([
    ["a trade beyond, told first", {}, "through"],
    ["a trade at our price", { pxTicks: PX }, "queue"],
    ["a trade of another block", { venueMs: ms(AT_MS + 70) }, "queue"],
    ["a buyer beyond our bid", { aggressor: "bid" }, "queue"],
    ["a trade on our better side", { pxTicks: pxTicks(PX + 10) }, "queue"],
  ] as const)("%s", (_what, changes, cause) => {
    const told = trade(changes);
    expect(causes(opened(notePassing(EMPTY, bid, [told])))).toEqual([cause]);
    // The other order of the same block's words.
    expect(causes(notePassing(opened(EMPTY), {}, [told]))).toEqual([cause]);
  });

  test("asks see buyers who went higher", () => {
    const ask = resting({ side: "ask" });
    const higher = trade({ aggressor: "bid", pxTicks: pxTicks(PX + 10) });
    const told = notePassing(EMPTY, ask, [higher]);
    expect(causes(opened(told, { side: "ask" }))).toEqual(["through"]);
    expect(causes(opened(told))).toEqual(["queue"]);
  });

  test("our own taking has its own, whatever trades say", () => {
    const quality = opened(notePassing(EMPTY, bid, [trade({})]), { taker: true });
    expect(causes(notePassing(quality, {}, [trade({})]))).toEqual(["taker"]);
  });

  test("trades that pass nobody of ours leave everything as it is", () => {
    const quality = opened(EMPTY);
    expect(notePassing(quality, bid, [trade({ pxTicks: PX })])).toBe(quality);
  });

  test("fills of older rows stay unknown, and are counted as such", () => {
    const { cause: _cause, pxTicks: _px, ...older } = opened(EMPTY).open[0] ?? expect.unreachable();
    const quality = notePassing({ ...EMPTY, open: [older] }, {}, [trade({})]);
    const { cells } = settleMarkouts(quality, 2 * PX, ms(AT_MS + 1000));
    expect(cells.map(({ cause, seconds }) => [cause, seconds])).toEqual([["unknown", 1]]);
  });

  test("is the exchange's own word for it", async () => {
    let last: BotState | null = null;
    const summary = await simulate({
      symbol: "US500",
      seed: 5,
      durationMs: 20 * 60_000,
      params: { ...defaultParams, ...CARELESS },
      onProgress: () => {},
      onWarning: () => {},
      onAudit: ({ after }) => {
        last = after;
      },
    });
    const { open, cells } = (last as BotState | null)?.quality ?? EMPTY;
    const counted = { queue: 0, through: 0, taker: 0, unknown: 0 };
    for (const { cause = "unknown", done } of open) if (done === 0) counted[cause]++;
    for (const { cause = "unknown", seconds, fills } of cells)
      if (seconds === 1) counted[cause] += fills;
    const told = summary.fills.byCause ?? expect.unreachable();
    expect(told.through).toBeGreaterThan(3);
    expect(told.queue).toBeGreaterThan(3);
    expect(counted).toEqual({ ...told, unknown: 0 });
  });
});
