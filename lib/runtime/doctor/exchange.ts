import { MarketNotFound, discoverMarket } from "../../hyperliquid/discovery.ts";
import type { InfoClient } from "../../hyperliquid/infoClient.ts";
import type { UserAbstraction, UserRole } from "../../hyperliquid/schemas/info.ts";
import type { MarketSpec } from "../../messages/market.ts";
import type { Params } from "../../messages/params.ts";
import { formatUsd } from "../../units/decimal.ts";
import { microUsd } from "../../units/numbers.ts";
import { capitalMinimum } from "../openMarket.ts";
import { ok, problem, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** What the checks of the exchange need. */
export type Patient = {
  readonly info: InfoClient;
  /** The bot's clock. */
  readonly nowMs: () => number;
  readonly params: Params;
  /** Judge as for real money: an API wallet's key, an account that is funded already. */
  readonly strict: boolean;
};

const SKEW_WARN_MS = 1000;

/** Difference between our clock and the exchange's, the way there taken out. Orders expire by the exchange's clock. */
export async function clockFinding({ info, nowMs, params }: Patient): Promise<Finding> {
  const before = nowMs();
  const { time, specialStatuses } = await info.exchangeStatus();
  const after = nowMs();
  const skewMs = Math.round(time - (before + after) / 2);
  const found = `the exchange's clock is ${Math.abs(skewMs)} ms ${skewMs < 0 ? "behind" : "ahead of"} ours, asked in ${Math.round(after - before)} ms`;
  const todo = "let the system keep its clock by NTP (timedatectl set-ntp true)";
  if (specialStatuses !== null && specialStatuses !== undefined)
    return warning(
      "exchange",
      `it announces: ${JSON.stringify(specialStatuses).slice(0, 200)}`,
      "read the announcement before trading",
    );
  if (Math.abs(skewMs) >= params.orderExpiryMs / 2) return problem("clock", found, todo);
  return Math.abs(skewMs) > SKEW_WARN_MS ? warning("clock", found, todo) : ok("clock", found);
}

/** Whom the key signs for. @returns the account's address, null when it is unknown */
export function roleFinding(
  role: UserRole,
  address: string,
  strict: boolean,
): { readonly finding: Finding; readonly account: string | null } {
  const name = "key";
  switch (role.role) {
    case "agent":
      return { finding: ok(name, `API wallet of ${role.data.user}`), account: role.data.user };
    case "user":
      return {
        finding: strict
          ? problem(
              name,
              `${address} is a main wallet: whoever has this key can withdraw`,
              "approve an API wallet on the exchange's site and use its key",
            )
          : ok(name, `play-money account ${address}`),
        account: address,
      };
    case "missing":
      return {
        finding: strict
          ? problem(
              name,
              `the exchange knows nobody by ${address}`,
              "this is the wrong key, or its API wallet was never approved or has expired: approve it on the exchange's site",
            )
          : ok(name, `${address}, new to this exchange: paper pays it in at its first start`),
        account: strict ? null : address,
      };
    case "vault":
    case "subAccount":
      return {
        finding: problem(
          name,
          `${address} is a ${role.role === "vault" ? "vault" : "sub-account"}, which signs nothing`,
          "use the key of an API wallet",
        ),
        account: null,
      };
  }
}

export function modeFinding(mode: UserAbstraction): Finding {
  const name = "account mode";
  switch (mode) {
    case "disabled":
      return ok(name, "standard: each dex has its own collateral");
    case "default":
      return ok(name, "never chosen, which counts as standard");
    case "dexAbstraction":
      return warning(
        name,
        "dexAbstraction, which the exchange has discontinued",
        "switch the account to standard mode on the exchange's site",
      );
    case "unifiedAccount":
    case "portfolioMargin":
      return problem(
        name,
        `${mode}: collateral is shared between dexes, the margin read per dex is wrong, and actions are capped at 50,000 a day`,
        "switch the account to standard mode on the exchange's site (no open orders or positions then)",
      );
  }
}

/** @returns the market, null when it cannot be traded */
export async function marketFinding(
  { info, params }: Patient,
  symbol: string,
  account: string,
): Promise<{ readonly findings: readonly Finding[]; readonly spec: MarketSpec | null }> {
  const name = "market";
  let spec: MarketSpec;
  try {
    spec = await discoverMarket(info, symbol, account);
  } catch (error) {
    if (!(error instanceof MarketNotFound)) throw error;
    const todo = "set SYMBOL, or --market, to a live listing";
    return { findings: [problem(name, error.message, todo)], spec: null };
  }
  const about = `${spec.market}, collateral ${spec.collateralName}, up to ${spec.maxLeverage}×${spec.growthMode ? ", growth mode" : ""}`;
  if (params.leverage > spec.maxLeverage)
    return {
      findings: [
        problem(
          name,
          `${about}: LEVERAGE ${params.leverage} is more`,
          `set LEVERAGE to ${spec.maxLeverage} or less`,
        ),
      ],
      spec,
    };
  return {
    findings: [await bookFinding(info, spec, about), ...(await edgeFindings(info, spec, params))],
    spec,
  };
}

async function bookFinding(info: InfoClient, spec: MarketSpec, about: string): Promise<Finding> {
  const { bids, asks } = await info.l2Book(spec.market);
  if (bids.length > 0 && asks.length > 0) return ok("market", about);
  const side =
    bids.length === 0 && asks.length === 0 ? "nobody quotes" : "one side of the book is empty";
  return problem(
    "market",
    `${about}: ${side}; it is halted, dormant or outside its hours`,
    "wait until it trades, or choose another listing with --market",
  );
}

/** Whether a quote can earn anything at these fees (D8): within the widest allowed spread, and at the touch. */
async function edgeFindings(
  info: InfoClient,
  spec: MarketSpec,
  params: Params,
): Promise<readonly Finding[]> {
  const name = "fees";
  const { makerFeeBps, takerFeeBps } = spec;
  const cost = makerFeeBps + params.adverseBpsFloor + params.edgeBpsMin;
  const fees = `maker ${makerFeeBps} bp, taker ${takerFeeBps} bp`;
  const needed = `${makerFeeBps} fee + ${params.adverseBpsFloor} adverse selection + ${params.edgeBpsMin} edge = ${cost.toFixed(2)} bp a side`;
  if (params.spreadBpsMax / 2 < cost)
    return [
      problem(
        name,
        `${fees}: no edge, a quote needs ${needed} and MAX_SPREAD_BPS allows ${params.spreadBpsMax / 2}`,
        "choose a market with lower fees, reach a better fee tier, or raise MAX_SPREAD_BPS",
      ),
    ];
  const half = await touchHalfBps(info, spec.market);
  if (half === null || half >= cost) return [ok(name, `${fees}; a quote needs ${needed}`)];
  return [
    warning(
      name,
      `${fees}; a quote needs ${needed}, the touch gives ${half.toFixed(2)}: quotes will stand behind the touch and fill seldom`,
      "expect few fills, or choose a market with lower fees or a wider spread",
    ),
  ];
}

async function touchHalfBps(info: InfoClient, coin: string): Promise<number | null> {
  const { bids, asks } = await info.l2Book(coin);
  const bid = Number(bids[0]?.px);
  const ask = Number(asks[0]?.px);
  return bid > 0 && ask > bid ? (1e4 * (ask - bid)) / (ask + bid) : null;
}

/** Enough collateral on the dex that the market margins in, or where it lies instead. */
export async function collateralFinding(
  { info, params, strict }: Patient,
  spec: MarketSpec,
  account: string,
): Promise<Finding> {
  const name = "collateral";
  const there = await info.dexAccount(account, spec.dex);
  const least = capitalMinimum(params);
  const amount = (value: number): string => formatUsd(microUsd(value));
  const place = dexName(spec.dex);
  const found = `${amount(there.equityMicroUsd)} ${spec.collateralName} on ${place}, ${amount(there.withdrawableMicroUsd)} withdrawable`;
  if (there.equityMicroUsd >= least) return ok(name, found);
  const elsewhere = await collateralElsewhere(info, spec, account);
  if (elsewhere.length > 0)
    return problem(
      name,
      `${found}; it lies in the wrong place: ${elsewhere.join(", ")}`,
      `move ${spec.collateralName} to ${place} on the exchange's site (sendAsset), at least ${amount(least)}`,
    );
  if (!strict && there.equityMicroUsd === 0)
    return ok(name, `${found}; paper pays in ${amount(params.capitalMicroUsd)} at its first start`);
  return problem(
    name,
    `${found}, and none elsewhere`,
    `pay in at least ${amount(least)} ${spec.collateralName} and move it to ${place}`,
  );
}

function dexName(dex: string): string {
  return dex === "" ? "the main dex" : `dex ${dex}`;
}

async function collateralElsewhere(
  info: InfoClient,
  spec: MarketSpec,
  account: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  const names = (await info.perpDexs()).map((dex, index) => (index === 0 ? "" : (dex?.name ?? "")));
  for (const dex of new Set(names)) {
    if (dex === spec.dex) continue;
    const { withdrawableMicroUsd } = await info.dexAccount(account, dex);
    if (withdrawableMicroUsd > 0)
      found.push(`${formatUsd(withdrawableMicroUsd)} on ${dexName(dex)}`);
  }
  for (const { coin, total } of await info.spotBalances(account))
    if (total > 0) found.push(`${formatUsd(total)} ${coin} on the spot side`);
  return found;
}

/** What is left of the address's actions. */
export async function budgetFinding({ info, params }: Patient, account: string): Promise<Finding> {
  const name = "action budget";
  const { used, cap } = await info.userRateLimit(account);
  const left = cap - used;
  const found = `${left} of ${cap} actions left`;
  const todo =
    "trade with takers' orders (one action for each USDC traded), reserve some (reserveRequestWeight), or use another address";
  if (left <= params.cancelReserve) return problem(name, `${found}: no order can be placed`, todo);
  return left < 10 * params.cancelReserve ? warning(name, found, todo) : ok(name, found);
}

/** What an earlier life, or somebody else, has left there. */
export async function leftoverFinding(
  { info }: Patient,
  spec: MarketSpec,
  account: string,
): Promise<Finding> {
  const name = "left over";
  const orders = (await info.openOrders(account, spec.dex)).filter(
    ({ coin }) => coin === spec.market,
  );
  const { positions } = await info.dexAccount(account, spec.dex);
  const held = positions.find(({ coin }) => coin === spec.market);
  const parts = [
    ...(orders.length === 0 ? [] : [`${orders.length} open orders`]),
    ...(held === undefined ? [] : [`a position of ${held.szi}`]),
  ];
  if (parts.length === 0) return ok(name, "no orders and no position on the market");
  return warning(
    name,
    parts.join(" and "),
    "nothing if they are the bot's own; else: bun run cancel --all, bun run flatten",
  );
}
