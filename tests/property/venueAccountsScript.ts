import fc from "fast-check";
import type { Grouping, VenueAction, WireOrder } from "../../lib/venue/rules/types.ts";
import { stopOrders } from "../support/stopOrders.ts";
import { ALICE, ASSET, BOB, CAROL, Exchange } from "../venue/exchange.ts";

export const PEOPLE = [ALICE, BOB, CAROL] as const;
const PLACES = ["", "km", "spot"];
/** Of the exchange that the script plays on; the caller's `usd` is what each has in the dex at first. */
export const OPTIONS = { config: { limits: false } } as const;

/** One thing that happens; `vault` 0 is the account itself, 1 its first sub-account if it has one. */
export type AccountsStep =
  | {
      readonly kind: "act";
      readonly who: number;
      readonly vault: number;
      readonly action: VenueAction;
    }
  | { readonly kind: "transfer"; readonly who: number; readonly to: number; readonly usd: number }
  | { readonly kind: "oracle"; readonly px: number; readonly updates: number }
  | { readonly kind: "agents"; readonly px: number; readonly lots: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "halt"; readonly on: boolean }
  | { readonly kind: "upgrade" }
  | { readonly kind: "delist" };

const person = fc.nat(2);
const vault = fc.nat(3).map((n) => (n === 0 ? 1 : 0));
const price = fc.integer({ min: 660, max: 720 });
const amount = fc.integer({ min: 1, max: 3_000 }).map(String);

const limit: fc.Arbitrary<WireOrder> = fc
  .record({
    b: fc.boolean(),
    p: price.map(String),
    s: fc.integer({ min: 1, max: 400 }).map(String),
    r: fc.nat(5).map((n) => n === 0),
    tif: fc.constantFrom("Alo", "Ioc", "Gtc", "Gtc"),
  })
  .map(({ b, p, s, r, tif }) => ({ a: ASSET, b, p, s, r, t: { limit: { tif } } }) as const);

const stop = stopOrders(limit, price);

const orders: fc.Arbitrary<VenueAction> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: limit }, { weight: 1, arbitrary: stop }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom<Grouping>("na", "na", "na", "normalTpsl", "positionTpsl"),
  )
  .map(([list, grouping]) => ({ type: "order", orders: list, grouping }));

const settings: fc.Arbitrary<VenueAction> = fc.oneof(
  fc.record({
    type: fc.constant("updateLeverage" as const),
    asset: fc.constant(ASSET),
    isCross: fc.boolean(),
    leverage: fc.constantFrom(1, 5, 20, 25, 25),
  }),
  fc.record({
    type: fc.constant("updateIsolatedMargin" as const),
    asset: fc.constant(ASSET),
    ntli: fc.integer({ min: -900_000_000, max: 900_000_000 }),
  }),
  fc.record({
    type: fc.constant("setAbstraction" as const),
    user: fc.constant(""),
    abstraction: fc.constantFrom("disabled", "unifiedAccount"),
  }),
  fc.record({
    type: fc.constant("twapOrder" as const),
    twap: fc.record({
      a: fc.constant(ASSET),
      b: fc.boolean(),
      s: fc.integer({ min: 1, max: 200 }).map(String),
      r: fc.boolean(),
      m: fc.constant(5),
      t: fc.boolean(),
    }),
  }),
  fc.constant({ type: "createSubAccount" as const, name: "sub" }),
  fc.constant({ type: "reserveRequestWeight" as const, weight: 50 }),
);

const moves: fc.Arbitrary<VenueAction> = fc.oneof(
  fc
    .record({
      to: person,
      sourceDex: fc.constantFrom(...PLACES),
      destinationDex: fc.constantFrom(...PLACES),
      token: fc.constantFrom("USDC", "USDH", "USDH"),
      amount,
    })
    .map(({ to, ...rest }) => ({
      ...rest,
      type: "sendAsset" as const,
      destination: PEOPLE[to] ?? ALICE,
      fromSubAccount: "",
      byAgent: false,
    })),
  amount.map((sum) => ({ type: "withdraw3" as const, destination: ALICE, amount: sum })),
);

const act = (weight: number, action: fc.Arbitrary<VenueAction>) => ({
  weight,
  arbitrary: fc.record({ kind: fc.constant("act" as const), who: person, vault, action }),
});

export const accountsScript: fc.Arbitrary<readonly AccountsStep[]> = fc.array(
  fc.oneof(
    act(14, orders),
    act(4, settings),
    act(3, moves),
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("transfer" as const),
        who: person,
        to: person,
        usd: fc.integer({ min: 100, max: 4_000 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("oracle" as const),
        px: price,
        updates: fc.constantFrom(1, 1, 3, 6),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("agents" as const),
        px: fc.oneof(price, price, fc.integer({ min: 520, max: 860 })),
        lots: fc.integer({ min: 1, max: 300 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        ms: fc.constantFrom(1_000, 31_000, 1_800_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("halt" as const),
        on: fc.nat(4).map((n) => n === 0),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom({ kind: "upgrade" as const }) },
    {
      weight: 1,
      arbitrary: fc
        .nat(9)
        .map((n) => ({ kind: n === 0 ? ("delist" as const) : ("upgrade" as const) })),
    },
  ),
  { minLength: 40, maxLength: 130, size: "max" },
);

export function subAccountsOf(exchange: Exchange, master: string): readonly string[] {
  return exchange.venue.subAccounts(master).map(({ address }) => address);
}

/** Plays a script and calls `check` after every step. */
export function playAccounts(
  script: readonly AccountsStep[],
  check: (exchange: Exchange) => void = () => {},
): { readonly exchange: Exchange } {
  const exchange = new Exchange({ ...OPTIONS, usd: "6000" });
  for (const account of PEOPLE) exchange.fund(account, "6000", "");
  exchange.market(exchange.oracle("690"));
  let agentId = 0;
  for (const step of script) {
    switch (step.kind) {
      case "act": {
        const account = PEOPLE[step.who] ?? ALICE;
        const [sub] = step.vault === 1 ? subAccountsOf(exchange, account) : [];
        exchange.act(account, step.action, sub === undefined ? {} : { vault: sub });
        break;
      }
      case "transfer":
        transferToSub(exchange, PEOPLE[step.who] ?? ALICE, PEOPLE[step.to] ?? ALICE, step.usd);
        break;
      case "oracle":
        for (let update = 0; update < step.updates; update += 1)
          exchange.market(exchange.oracle(String(step.px)));
        break;
      case "agents":
        agentId += 2;
        exchange.market(
          exchange.agent(agentId, "bid", String(step.px), String(step.lots)),
          exchange.agent(agentId + 1, "ask", String(step.px + 2), String(step.lots)),
        );
        break;
      case "wait":
        exchange.wait(step.ms);
        break;
      case "halt":
        exchange.halt(step.on);
        exchange.block();
        break;
      case "upgrade":
        exchange.takeOnlyPostOnly(exchange.nowMs + 200);
        break;
      case "delist":
        exchange.delist();
        exchange.market(exchange.oracle("690"));
    }
    check(exchange);
  }
  return { exchange };
}

/** To one's own sub-account in the dex where there is trading; without one, to somebody else. */
function transferToSub(exchange: Exchange, from: string, to: string, usd: number): void {
  const [sub] = subAccountsOf(exchange, from);
  exchange.act(from, {
    type: "sendAsset",
    destination: sub ?? to,
    sourceDex: "km",
    destinationDex: "km",
    token: "USDH",
    amount: String(usd),
    fromSubAccount: "",
    byAgent: false,
  });
}
