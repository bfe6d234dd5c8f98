import { discoverMarket, MarketNotFound } from "../hyperliquid/discovery.ts";
import { InfoClient } from "../hyperliquid/infoClient.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Params } from "../messages/params.ts";
import { formatUsd } from "../units/decimal.ts";
import { microUsd } from "../units/numbers.ts";
import type { MicroUsd } from "../units/numbers.ts";
import type { LocalExchange } from "./localExchange.ts";

/** What was asked for cannot be traded; the sentence names it and what is allowed. */
export class OpenError extends Error {
  override readonly name = "OpenError";
}

const MIN_ORDER_MICRO_USD = 10_000_000;

/** Least capital with which a side can show two orders of the venue's minimum. */
export function capitalMinimum(params: Params): MicroUsd {
  const buyingPower = (2 * MIN_ORDER_MICRO_USD) / params.sideNotionalFraction;
  return microUsd(Math.ceil(buyingPower / params.leverage / 1e6) * 1e6);
}

/** @throws OpenError for a market that does not exist or is delisted, a leverage or capital that cannot be. */
export async function openMarket(
  transport: Transport,
  symbol: string,
  account: string,
  params: Params,
): Promise<MarketSpec> {
  const spec = await find(transport, symbol, account);
  if (params.leverage > spec.maxLeverage)
    throw new OpenError(
      `LEVERAGE: ${params.leverage} is not allowed on ${spec.market}; allowed: 1 to ${spec.maxLeverage}`,
    );
  const least = capitalMinimum(params);
  if (params.capitalMicroUsd < least)
    throw new OpenError(
      `capital: ${formatUsd(params.capitalMicroUsd)} ${spec.collateralName} is too little to quote with leverage ${params.leverage}; allowed: ${formatUsd(least)} or more`,
    );
  return spec;
}

async function find(transport: Transport, symbol: string, account: string): Promise<MarketSpec> {
  try {
    return await discoverMarket(new InfoClient(transport), symbol, account);
  } catch (error) {
    if (error instanceof MarketNotFound)
      throw new OpenError(`market: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Gives a paper account its capital, once: an account that holds anything or has traded keeps what it has. */
export async function fundOnce(
  local: LocalExchange,
  transport: Transport,
  spec: MarketSpec,
  account: string,
  capital: MicroUsd,
): Promise<void> {
  const info = new InfoClient(transport).account(spec, account);
  const { equityMicroUsd, positionLots } = await info.clearinghouseState();
  if (equityMicroUsd === 0 && positionLots === 0)
    await local.credit(account, spec.dex, formatUsd(capital));
}
