import fc from "fast-check";
import { assert } from "../../lib/units/assert.ts";
import { formatPx, formatSize } from "../../lib/units/decimal.ts";
import type { Side } from "../../lib/units/grid.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import type { FeedInput, Tif, WireOrder } from "../../lib/venue/rules/types.ts";
import { ALICE, ASSET, BOB, CAROL, Exchange, START } from "../venue/exchange.ts";

const ACCOUNTS = [ALICE, BOB, CAROL];
const SZ_DECIMALS = 3;

type Placing = {
  readonly who: number;
  readonly side: Side;
  readonly px: number;
  readonly lots: number;
  readonly tif: Tif;
  readonly reduceOnly: boolean;
};

/** One thing that happens in an exchange; prices are steps of 0.01 around 690. */
export type ScriptStep =
  | { readonly do: "place"; readonly orders: readonly Placing[]; readonly reuseNonce: boolean }
  | { readonly do: "cancel"; readonly who: number; readonly pick: number }
  | { readonly do: "modify"; readonly who: number; readonly pick: number; readonly order: Placing }
  | {
      readonly do: "leverage";
      readonly who: number;
      readonly leverage: number;
      readonly isCross: boolean;
    }
  | { readonly do: "market"; readonly input: FeedInput }
  | { readonly do: "crash"; readonly oracleStep: number }
  | { readonly do: "block" }
  | { readonly do: "wait"; readonly spanMs: number };

const side = fc.constantFrom<Side>("bid", "ask");
const who = fc.nat({ max: 2 });
const px = fc.integer({ min: -12, max: 12 });
const lots = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 1500 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);
/** True once in `n`. */
const oneIn = (n: number): fc.Arbitrary<boolean> =>
  fc.nat({ max: n - 1 }).map((value) => value === 0);
const placing: fc.Arbitrary<Placing> = fc.record({
  who,
  side,
  px,
  lots,
  tif: fc.constantFrom("Alo", "Alo", "Gtc", "Ioc", "FrontendMarket"),
  reduceOnly: oneIn(5),
});

const toPx = (step: number): number => 690_000 + 10 * step;

const placeStep = fc.record({
  do: fc.constant("place" as const),
  orders: fc.array(placing, { minLength: 1, maxLength: 3 }),
  reuseNonce: oneIn(10),
});
const common: fc.WeightedArbitrary<ScriptStep>[] = [
  { weight: 12, arbitrary: placeStep },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("cancel" as const), who, pick: fc.nat({ max: 50 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("modify" as const),
      who,
      pick: fc.nat({ max: 50 }),
      order: placing,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("leverage" as const),
      who,
      leverage: fc.integer({ min: 1, max: 25 }),
      isCross: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.constant({ do: "block" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("crash" as const),
      oracleStep: fc.constantFrom(-6900, -3000, 3000, 6900),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      spanMs: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constant(1_800_000)),
    }),
  },
];

const agentOrder = fc
  .record({
    id: fc.integer({ min: 1, max: 1e9 }),
    side,
    px,
    lots: fc.integer({ min: 1, max: 4000 }),
    ioc: fc.boolean(),
  })
  .map((order): ScriptStep => ({
    do: "market",
    input: {
      kind: "agentPlace",
      agentOrderId: order.id,
      side: order.side,
      pxTicks: pxTicks(toPx(order.px)),
      sizeLots: sizeLots(order.lots),
      tif: order.ioc ? "Ioc" : "Alo",
    },
  }));

const oracle = fc.oneof(px, fc.integer({ min: -3000, max: 3000 })).map((step): ScriptStep => ({
  do: "market",
  input: { kind: "oracle", pxTicks: pxTicks(toPx(step)) },
}));

const LENGTH = { minLength: 30, maxLength: 120, size: "max" } as const;

/** What may happen in a simulated market. */
export const simulatedScript = fc.array(
  fc.oneof(...common, { weight: 10, arbitrary: agentOrder }, { weight: 3, arbitrary: oracle }),
  LENGTH,
);

const recordedSide = (sign: 1 | -1): fc.Arbitrary<number[]> =>
  fc
    .array(
      fc.record({ gap: fc.integer({ min: 1, max: 3 }), lots: fc.integer({ min: 1, max: 4000 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((levels) => {
      let step = 0;
      return levels.flatMap((level) => {
        step += level.gap;
        return [sign * step, level.lots];
      });
    });

const tapeBook = fc
  .record({
    middle: px,
    bids: fc.option(recordedSide(-1)),
    asks: fc.option(recordedSide(1)),
    depth: fc.boolean(),
  })
  .map((book): ScriptStep => {
    const place = (levels: readonly number[] | null): number[] | null =>
      levels?.map((value, index) => (index % 2 === 0 ? toPx(book.middle + value) : value)) ?? null;
    const { bids, asks, depth } = book;
    return {
      do: "market",
      input: { kind: "tapeBook", bids: place(bids), asks: place(asks), depth },
    };
  });

const tapePrint = fc
  .record({ side, px, lots: fc.integer({ min: 1, max: 4000 }) })
  .map((print): ScriptStep => ({
    do: "market",
    input: {
      kind: "tapePrint",
      side: print.side,
      pxTicks: pxTicks(toPx(print.px)),
      sizeLots: sizeLots(print.lots),
    },
  }));

const gap = fc.constant<ScriptStep>({ do: "market", input: { kind: "gap", untilMs: 0 } });

/** What may happen in a replayed market; it begins with a known book. */
export const replayedScript = fc
  .array(
    fc.oneof(
      ...common,
      { weight: 8, arbitrary: tapeBook },
      { weight: 6, arbitrary: tapePrint },
      { weight: 3, arbitrary: oracle },
      { weight: 1, arbitrary: gap },
    ),
    LENGTH,
  )
  .map((steps): ScriptStep[] => {
    const bids = [toPx(-1), 500, toPx(-3), 900];
    const asks = [toPx(1), 500, toPx(3), 900];
    return [{ do: "market", input: { kind: "tapeBook", bids, asks, depth: true } }, ...steps];
  });

function wire(order: Placing): WireOrder {
  return {
    a: ASSET,
    b: order.side === "bid",
    p: formatPx(pxTicks(toPx(order.px)), SZ_DECIMALS),
    s: formatSize(sizeLots(order.lots), SZ_DECIMALS),
    r: order.reduceOnly,
    t: { limit: { tif: order.tif } },
  };
}

/** What a script's run shows besides the venue's own state. */
export type Run = { readonly exchange: Exchange; readonly accepted: ReadonlyMap<string, number> };

/** Plays a script and calls `check` after every block. */
export function play(
  source: "simulated" | "replayed",
  script: readonly ScriptStep[],
  check: (exchange: Exchange) => void = () => {},
): Run {
  const exchange = new Exchange({ source, usd: "60" });
  const accepted = new Map<string, number>();
  const answers: {
    readonly key: string;
    readonly replies: readonly { readonly status: string }[];
  }[] = [];
  const agentIds = new Set<number>();
  let nonce: number = START;
  exchange.market({ kind: "oracle", pxTicks: pxTicks(690_000) });
  for (const step of script) {
    switch (step.do) {
      case "place": {
        const [first] = step.orders;
        assert(first !== undefined, "a batch has an order");
        if (!step.reuseNonce) nonce += 1;
        const account = ACCOUNTS[first.who] ?? ALICE;
        const orders = step.orders.map(wire);
        const replies = exchange.queue(
          account,
          { type: "order", orders, grouping: "na" },
          { nonce },
        );
        answers.push({ key: `${account} ${nonce}`, replies });
        break;
      }
      case "cancel": {
        const account = ACCOUNTS[step.who] ?? ALICE;
        const open = exchange.venue.openOrders(account);
        const picked = open[step.pick % Math.max(1, open.length)];
        exchange.queue(account, { type: "cancel", cancels: [{ a: ASSET, o: picked?.oid ?? 1 }] });
        break;
      }
      case "modify": {
        const account = ACCOUNTS[step.who] ?? ALICE;
        const open = exchange.venue.openOrders(account);
        const picked = open[step.pick % Math.max(1, open.length)];
        const order = wire(step.order);
        exchange.queue(account, {
          type: "batchModify",
          modifies: [{ oid: picked?.oid ?? 1, order }],
        });
        break;
      }
      case "leverage": {
        const { leverage, isCross } = step;
        const action = { type: "updateLeverage", asset: ASSET, isCross, leverage } as const;
        exchange.queue(ACCOUNTS[step.who] ?? ALICE, action);
        break;
      }
      case "market":
        if (step.input.kind === "agentPlace") {
          if (agentIds.has(step.input.agentOrderId)) break;
          agentIds.add(step.input.agentOrderId);
        }
        exchange.queueMarket(step.input);
        if (step.input.kind === "tapePrint") exchange.block();
        break;
      case "crash":
        // A mark moves one percent an update, so a jump of the oracle takes several.
        for (let update = 0; update < 10; update += 1) {
          exchange.market({ kind: "oracle", pxTicks: pxTicks(toPx(step.oracleStep)) });
        }
        break;
      case "wait":
        exchange.wait(step.spanMs);
        break;
      case "block":
        exchange.block();
    }
    check(exchange);
  }
  exchange.block();
  check(exchange);
  for (const { key, replies } of answers) {
    const done = replies.filter((reply) => reply.status === "ok").length;
    accepted.set(key, (accepted.get(key) ?? 0) + done);
  }
  return { exchange, accepted };
}

/** All accounts of a script. */
export const SCRIPT_ACCOUNTS = ACCOUNTS;
