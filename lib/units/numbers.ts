import { violated } from "./assert.ts";

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Price in units of 10^-(6 - szDecimals) quote tokens: the finest price the venue can express for a perp. */
export type PxTicks = Unit<"PxTicks">;
/** Unsigned size in units of 10^-szDecimals contracts. */
export type SizeLots = Unit<"SizeLots">;
/** Signed position in lots: positive is long. */
export type PositionLots = Unit<"PositionLots">;
/** Millionths of the collateral token. Exact: px ticks times lots is micro-USD for every perp. */
export type MicroUsd = Unit<"MicroUsd">;
/** Milliseconds: a time since the Unix epoch, or a span, as the name says. */
export type Ms = Unit<"Ms">;

function integer(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) violated(`${name} is a safe integer, got ${value}`);
  return value === 0 ? 0 : value;
}

/** @throws AssertionError unless a non-negative safe integer. */
export function pxTicks(value: number): PxTicks {
  if (!(value >= 0)) violated(`px ticks are not negative, got ${value}`);
  return integer(value, "px ticks") as PxTicks;
}

/** @throws AssertionError unless a non-negative safe integer. */
export function sizeLots(value: number): SizeLots {
  if (!(value >= 0)) violated(`size lots are not negative, got ${value}`);
  return integer(value, "size lots") as SizeLots;
}

/** @throws AssertionError unless a safe integer. */
export function positionLots(value: number): PositionLots {
  return integer(value, "position lots") as PositionLots;
}

/** @throws AssertionError unless a safe integer. */
export function microUsd(value: number): MicroUsd {
  return integer(value, "micro-USD") as MicroUsd;
}

/** @throws AssertionError unless a safe integer. */
export function ms(value: number): Ms {
  return integer(value, "milliseconds") as Ms;
}

/** Exact notional: ticks x lots is micro-USD because the decimals of price and size add up to six. */
export function notionalMicroUsd(px: PxTicks, size: SizeLots): MicroUsd {
  return microUsd(px * size);
}

export function addLots(a: SizeLots, b: SizeLots): SizeLots {
  return sizeLots(a + b);
}

export function addMicroUsd(a: MicroUsd, b: MicroUsd): MicroUsd {
  return microUsd(a + b);
}

export const ZERO_USD = microUsd(0);
export const FLAT = positionLots(0);
