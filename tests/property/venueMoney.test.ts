import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Grouping, VenueAction, WireOrder } from "../../lib/venue/rules/types.ts";
import { propertyRuns, propertyTimeoutMs } from "../support/propertyRuns.ts";
import { stopOrders } from "../support/stopOrders.ts";
import { ALICE, ASSET, BOB, CAROL, Exchange } from "../venue/exchange.ts";

/*
 * Trades, stops, transfers, modes, margin moves and a market that jumps, in any order: no micro-dollar of a dex comes
 * from nowhere or goes there, no waiting order is in the book, and the same steps give the same state.
 */

const PEOPLE = [ALICE, BOB, CAROL];
const PLACES = ["", "km", "spot"];

type Step =
  | { readonly kind: "act"; readonly who: number; readonly action: VenueAction }
  | { readonly kind: "oracle"; readonly px: number }
  | { readonly kind: "halt"; readonly on: boolean };

const person = fc.nat(2);
const amount = fc.integer({ min: 1, max: 9_000 }).map(String);
const price = fc.integer({ min: 675, max: 705 });

const limit: fc.Arbitrary<WireOrder> = fc
  .tuple(
    fc.boolean(),
    price,
    fc.integer({ min: 1, max: 300 }),
    fc.boolean(),
    fc.constantFrom("Alo", "Ioc", "Gtc"),
  )
  .map(
    ([b, px, s, r, tif]) =>
      ({ a: ASSET, b, p: String(px), s: String(s), r, t: { limit: { tif } } }) as const,
  );

const stop = stopOrders(limit, price);

const orders: fc.Arbitrary<VenueAction> = fc
  .tuple(
    fc.array(fc.oneof(limit, stop), { minLength: 1, maxLength: 3 }),
    fc.constantFrom<Grouping>("na", "na", "normalTpsl", "positionTpsl"),
    fc.boolean(),
  )
  .map(([list, grouping, shared]) => ({
    type: "order",
    orders: list,
    grouping,
    ...(shared ? { builder: { b: CAROL, f: 5 } } : {}),
  }));

const transfers: fc.Arbitrary<VenueAction> = fc.oneof(
  fc
    .tuple(
      person,
      fc.constantFrom(...PLACES),
      fc.constantFrom(...PLACES),
      fc.constantFrom("USDC", "USDH"),
      amount,
    )
    .map(([to, sourceDex, destinationDex, token, sum]) => ({
      type: "sendAsset" as const,
      destination: PEOPLE[to] ?? ALICE,
      sourceDex,
      destinationDex,
      token,
      amount: sum,
      fromSubAccount: "",
      byAgent: false,
    })),
  amount.map((sum) => ({ type: "withdraw3" as const, destination: ALICE, amount: sum })),
  fc
    .tuple(amount, fc.boolean())
    .map(([sum, toPerp]) => ({ type: "usdClassTransfer" as const, amount: sum, toPerp })),
);

const settings: fc.Arbitrary<VenueAction> = fc.oneof(
  fc
    .constantFrom("disabled", "unifiedAccount")
    .map((abstraction) => ({ type: "setAbstraction" as const, user: "", abstraction }) as const),
  fc
    .integer({ min: -2_000_000_000, max: 2_000_000_000 })
    .map((ntli) => ({ type: "updateIsolatedMargin" as const, asset: ASSET, ntli })),
  fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 25 })).map(([isCross, leverage]) => ({
    type: "updateLeverage" as const,
    asset: ASSET,
    isCross,
    leverage,
  })),
  fc.constant({ type: "approveBuilderFee" as const, builder: CAROL, maxFeeRate: "0.01%" }),
  fc.constant({ type: "reserveRequestWeight" as const, weight: 100 }),
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(person, orders)
        .map(([who, action]) => ({ kind: "act" as const, who, action })),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(person, fc.oneof(transfers, settings))
        .map(([who, action]) => ({ kind: "act" as const, who, action })),
    },
    { weight: 2, arbitrary: price.map((px) => ({ kind: "oracle" as const, px })) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 0, max: 9 })
        .map((n) => ({ kind: "halt" as const, on: n === 0 })),
    },
  ),
  { minLength: 40, maxLength: 120 },
);

function run(script: readonly Step[], check: (exchange: Exchange) => void): string {
  const exchange = new Exchange({ usd: "20000", config: { limits: false } });
  for (const account of PEOPLE) exchange.fund(account, "50000", "");
  exchange.market(exchange.oracle("690"));
  for (const step of script) {
    if (step.kind === "act") exchange.act(PEOPLE[step.who] ?? ALICE, step.action);
    else if (step.kind === "oracle") exchange.market(exchange.oracle(String(step.px)));
    else {
      exchange.venue.haltTrading(exchange.def.coin, step.on);
      exchange.market(exchange.oracle("690"));
    }
    check(exchange);
  }
  return exchange.venue.stateHash();
}

function checkMoney({ venue }: Exchange): void {
  for (const dex of ["", "km"]) {
    const { depositsMicroUsd, accountsMicroUsd, houseMicroUsd, feesMicroUsd, lotsByCoin } =
      venue.money(dex);
    expect(accountsMicroUsd + houseMicroUsd + feesMicroUsd).toBe(depositsMicroUsd);
    for (const lots of lotsByCoin.values()) expect(lots).toBe(0);
  }
  const resting = PEOPLE.flatMap((account) => venue.openOrders(account)).filter(
    (order) => order.trigger === undefined || order.status !== "open",
  );
  const inBook = (["bid", "ask"] as const).reduce(
    (sum, side) =>
      sum +
      venue
        .book("km:US500")
        .levels(side, 500)
        .reduce((all, level) => all + level.orders, 0),
    0,
  );
  expect(inBook).toBeGreaterThanOrEqual(resting.length);
  for (const account of PEOPLE)
    for (const { token, totalMicroUsd } of venue.spotBalances(account))
      if (venue.abstraction(account) !== "unifiedAccount")
        expect({ token: token.name, owed: totalMicroUsd < 0 }).toEqual({
          token: token.name,
          owed: false,
        });
}

test(
  "money is neither made nor lost, whatever is done",
  () => {
    fc.assert(
      fc.property(steps, (script) => void run(script, checkMoney)),
      { numRuns: propertyRuns(300) },
    );
  },
  propertyTimeoutMs(),
);

test(
  "the same steps give the same state",
  () => {
    fc.assert(
      fc.property(steps, (script) => {
        expect(run(script, () => {})).toBe(run(script, () => {}));
      }),
      { numRuns: propertyRuns(50) },
    );
  },
  propertyTimeoutMs(),
);
