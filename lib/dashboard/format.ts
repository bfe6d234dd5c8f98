import { formatDecimal, pxDecimalsOf } from "../units/decimal.ts";
import { stepTicks } from "../units/grid.ts";

/** How numbers look wherever a person reads them: page, terminal, tables. Wire forms are made in lib/units. */

const NOTHING = "–";
const MINUS = "−";

/** Digits of the whole part in groups of three, from five digits on. */
function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const digits = whole.replace("-", "");
  const out = digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ",");
  const signed = whole.startsWith("-") ? MINUS + out : out;
  return fraction === undefined ? signed : `${signed}.${fraction}`;
}

/** Any figure with so many decimals. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return grouped(Number(text) === 0 ? text.replace("-", "") : text);
}

/** Price in the market's units, with as many decimals as its grid has at this price; statistics get one more. */
export function priceText(ticks: number | null, szDecimals: number): string {
  if (ticks === null || !(ticks > 0)) return NOTHING;
  const decimals = pxDecimalsOf(szDecimals);
  const ofGrid = decimals - Math.round(Math.log10(stepTicks(ticks, szDecimals)));
  const whole = Number.isInteger(ticks);
  const exact = whole ? formatDecimal(ticks, decimals) : String(ticks / 10 ** decimals);
  const beyond = exact.length - exact.indexOf(".") - 1 > ofGrid && exact.includes(".");
  return fixed(ticks / 10 ** decimals, beyond ? ofGrid + 1 : ofGrid);
}

/** Size in contracts with all decimals of the lot, so that columns align. */
export function sizeText(lots: number | null, szDecimals: number): string {
  return lots === null ? NOTHING : fixed(lots / 10 ** szDecimals, szDecimals);
}

/** Like `sizeText`, with the sign always shown: a position. */
export function positionText(lots: number | null, szDecimals: number): string {
  if (lots === null) return NOTHING;
  return (lots > 0 ? "+" : "") + sizeText(lots, szDecimals);
}

/** Money in whole tokens: four decimals below ten, else two, unless the caller wants them alike. */
export function moneyText(microUsd: number | null, decimals?: number): string {
  if (microUsd === null) return NOTHING;
  const value = microUsd / 1e6;
  return fixed(value, decimals ?? (Math.abs(value) < 10 ? 4 : 2));
}

/** Like `moneyText`, with the sign always shown: a profit or a loss. */
export function signedMoneyText(microUsd: number | null, decimals?: number): string {
  const text = moneyText(microUsd, decimals);
  return microUsd !== null && microUsd > 0 ? `+${text}` : text;
}

export function bpsText(bps: number | null): string {
  return bps === null ? NOTHING : fixed(bps, 2);
}

export function percentText(fraction: number | null, decimals = 1): string {
  return fraction === null ? NOTHING : `${fixed(fraction * 100, decimals)}%`;
}

export function millisText(value: number | null): string {
  if (value === null) return NOTHING;
  if (value >= 10_000) return `${fixed(value / 1000, 1)} s`;
  return `${fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

export function countText(value: number | null): string {
  return value === null ? NOTHING : fixed(value, 0);
}

/** Time of day in UTC, "14:03:07". */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

/** Day and time in UTC, "2026-11-23 14:03:07". */
export function dateTimeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace("T", " ");
}

/** A span in its two largest units: "3d 4h", "5m 10s", "0s". */
export function spanText(spanMs: number): string {
  const seconds = Math.max(0, Math.floor(spanMs / 1000));
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(([value], index) => index === 0 || value > 0)
    .map(([value, unit]) => value + unit)
    .join(" ");
}

export const MODE_WORDS = {
  paper: "PAPER",
  simulate: "SIMULATION",
  testnet: "TESTNET",
  live: "LIVE",
} as const;

/** What it is doing. The phase alone would say "quoting" where the risk mode lets nothing be quoted. */
export function doingText(phase: string, mode: string): string {
  return phase === "quoting" && (mode === "halted" || mode === "flatten") ? mode : phase;
}

/** What a run's figures are worth: the second thing that every report says. */
export function moneyWords(mode: keyof typeof MODE_WORDS): string {
  return mode === "live" ? "real money" : "no real money";
}

/** "PAPER · simulated market, seed 7": what every view says first, so that no number passes for real money. */
export function stampText(run: {
  readonly mode: keyof typeof MODE_WORDS;
  readonly feed: string;
  readonly seed: number | null;
  readonly speed: number;
}): string {
  const seed = run.seed === null ? "" : `, seed ${run.seed}`;
  const speed = run.speed === 1 ? "" : `, ${run.speed}× speed`;
  return `${MODE_WORDS[run.mode]} · ${run.feed.replace(/\.$/, "")}${seed}${speed}`;
}
