import { digest } from "./ids.ts";
import type { Account, Market, World } from "./model.ts";

/** Where the money of a dex is. Deposits, what transfers brought included, = accounts + house + fees as long as all positions in a coin add up to zero. */
export type DexMoney = {
  readonly depositsMicroUsd: number;
  /** Raw money: cash minus signed cost of positions, so no price is needed. */
  readonly accountsMicroUsd: number;
  readonly houseMicroUsd: number;
  readonly feesMicroUsd: number;
  /** Sum of all positions by coin, house included: zero. */
  readonly lotsByCoin: ReadonlyMap<string, number>;
};

export function moneyOf(world: World, dex: string): DexMoney {
  let deposits: number = world.moved.get(dex) ?? 0;
  let accounts = 0;
  const lotsByCoin = new Map<string, number>();
  for (const market of world.markets.values()) {
    if (market.def.dex !== dex) continue;
    lotsByCoin.set(market.def.coin, world.house.lots.get(market.def.coin) ?? 0);
  }
  for (const account of world.accounts.values()) {
    for (const transfer of account.transfers) {
      if (transfer.dex === dex && transfer.kind === "deposit") deposits += transfer.microUsd;
    }
    const ledger = account.ledgers.get(dex);
    accounts += ledger?.rawMicroUsd ?? 0;
    for (const [coin, position] of ledger?.positions ?? []) {
      lotsByCoin.set(coin, (lotsByCoin.get(coin) ?? 0) + position.lots);
    }
  }
  return {
    depositsMicroUsd: deposits,
    accountsMicroUsd: accounts,
    houseMicroUsd: world.house.rawMicroUsd.get(dex) ?? 0,
    feesMicroUsd: world.house.feesMicroUsd.get(dex) ?? 0,
    lotsByCoin,
  };
}

/** Digest of everything that decides what happens next. */
export function hashState(world: World): string {
  const state = {
    nowMs: world.nowMs,
    nextOid: world.nextOid,
    markets: [...world.markets.values()].map(marketState),
    accounts: [...world.accounts.values()].map(accountState),
    postOnlyUntilMs: world.postOnlyUntilMs,
    twaps: [...world.twaps.values()].map((twap) => [
      twap.id,
      twap.slices,
      twap.executedLots,
      twap.executedMicroUsd,
    ]),
    nonces: world.nonces.summary(),
    house: [world.house.rawMicroUsd, world.house.lots, world.house.feesMicroUsd].map((sums) => [
      ...sums,
    ]),
  };
  return digest(JSON.stringify(state));
}

function marketState(market: Market): unknown {
  const queue = (side: "bid" | "ask"): unknown =>
    market.book
      .ladder(side)
      .map((level) => [
        level.pxTicks,
        level.entries.map((entry) => [entry.kind, entry.oid, entry.lots]),
      ]);
  const { tape } = market;
  return {
    coin: market.def.coin,
    bids: queue("bid"),
    asks: queue("ask"),
    prices: market.prices,
    states: [market.halted, market.delisted, market.oracleFrozen],
    premium: [market.funding.premiumSum, market.funding.samples, market.funding.sampledMs],
    lastTid: market.trades.at(-1)?.tid ?? 0,
    tape:
      tape === null
        ? null
        : [
            tape.unknown,
            [...tape.recorded.bid],
            [...tape.recorded.ask],
            [...tape.hidden.bid],
            [...tape.hidden.ask],
          ],
  };
}

function accountState(account: Account): unknown {
  return {
    address: account.address,
    ledgers: [...account.ledgers.values()].map((ledger) => [
      ledger.dex,
      ledger.rawMicroUsd,
      [...ledger.positions].map(([coin, position]) => [
        coin,
        position.lots,
        position.costMicroUsd,
        position.isolatedRaw,
        position.fundingSinceOpen,
      ]),
    ]),
    leverage: [...account.leverage],
    orders: [...account.orders.values()].map((order) => [
      order.oid,
      order.cloid,
      order.lots,
      order.status,
      order.statusMs,
    ]),
    fills: [account.fills.length, account.fills.at(-1)?.tid ?? 0],
    agents: account.agents,
    spot: [...account.spot],
    sub: [account.master?.address ?? null, account.name],
    abstraction: account.abstraction,
    builders: [...account.builders],
    waiting: [...account.open.values()].flatMap((order) => (order.waiting ? [order.oid] : [])),
    partlyLiquidatedMs: account.partlyLiquidatedMs,
    budget: account.budget,
    traded: [...account.traded.usdByDay],
    schedule: account.schedule,
  };
}
