import { microUsd } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";
import { FEE_TIERS } from "./feeTiers.ts";
import { mulDivTrunc } from "./integers.ts";
import type { MarketDef, VenueConfig } from "./types.ts";
import type { FeeRatesView } from "./views.ts";

const PPB = 1_000_000_000;

type BaseRates = Pick<VenueConfig, "baseMakerMillionths" | "baseTakerMillionths">;

/** Rates of a tier before the market's own share; never above those of the base tier, which a mirror takes from elsewhere. */
export function baseRates(config: BaseRates, tier: number): BaseRates {
  const rates = FEE_TIERS[tier - 1];
  if (rates === undefined) return config;
  return {
    baseMakerMillionths: Math.min(config.baseMakerMillionths, rates.makerMillionths),
    baseTakerMillionths: Math.min(config.baseTakerMillionths, rates.takerMillionths),
  };
}

/**
 * Effective rates of a market in parts per billion of notional (trading/fees, "HIP-3 formula"):
 * with deployer scale s, hip3 = 1 + s below 1, else 2s; growth mode takes a tenth.
 * A negative maker rate (rebate) is scaled by growth mode alone. The main dex has s = 0.
 */
export function effectiveRates(config: BaseRates, market: MarketDef): FeeRatesView {
  const scale = market.dex === "" ? 0 : market.deployerFeeScale;
  const hip3 = scale < 1 ? 1 + scale : 2 * scale;
  const growth = market.growthMode ? 0.1 : 1;
  const maker = config.baseMakerMillionths * 1000 * growth;
  return {
    makerPpb: Math.round(maker > 0 ? maker * hip3 : maker),
    takerPpb: Math.round(config.baseTakerMillionths * 1000 * growth * hip3),
  };
}

/** Fee on a notional, cut (not rounded) to six decimals, as measured on the venue. Negative for a rebate. */
export function feeMicroUsd(notional: MicroUsd, ratePpb: number): MicroUsd {
  return microUsd(mulDivTrunc(notional, ratePpb, PPB));
}

/** Volume that counts for the address budget: growth mode contributes a tenth (trading/fees). */
export function countedVolumeMicroUsd(notional: MicroUsd, market: MarketDef): MicroUsd {
  return market.growthMode ? microUsd(mulDivTrunc(notional, 1, 10)) : notional;
}
