import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ALERT_SETTINGS, halfConfigured } from "./alertSettings.ts";
import { dotenvKeys } from "./dotenvKeys.ts";
import { address, cron, number, toggle, whole } from "./settingTypes.ts";
import type { Setting } from "./settingTypes.ts";
import { defaultParams } from "../core/params.ts";
import type { Params } from "../messages/params.ts";
import { parseUsd } from "../units/decimal.ts";
import type { MicroUsd, Ms } from "../units/numbers.ts";
import { microUsd, ms } from "../units/numbers.ts";
import { STATED_PRIOR_BPS } from "../vol/prior.ts";

/** The environment cannot be used. One line per problem: name, value and what is allowed. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

const SHARE = [0, 1] as const;

/** Every setting, in the order of the documentation. */
export const SETTINGS = {
  SYMBOL: {
    schema: z.string().regex(/^([A-Za-z0-9]+:)?[A-Za-z0-9]+$/),
    fallback: "US500",
    allowed: "a name such as US500, or with its dex such as km:US500",
    about: "What is traded. Without a dex the live listing is found, `km` before `mkts`.",
  },
  LEVERAGE: whole(10, [1, 40], {
    about:
      "Equity times this is what all orders and positions may use; the market's limit applies.",
  }),
  COLLATERAL: {
    schema: z.string().transform((text, context): MicroUsd => {
      const value = parseUsd(text);
      if (value !== null && value >= 10e6 && value <= 10e12) return value;
      context.addIssue({ code: "custom", message: "out of bounds" });
      return z.NEVER;
    }),
    fallback: microUsd(1_000_000_000),
    allowed: "an amount from 10 to 10000000, at most six decimals",
    about: "Capital in the collateral token that a paper account starts with.",
  },
  MIN_SPREAD_BPS: number(3, [0.1, 1000], {
    about: "Least quoted width, bid to ask, in basis points.",
  }),
  MAX_SPREAD_BPS: number(50, [0.1, 1000], {
    about: "Largest quoted width, bid to ask, in basis points.",
  }),
  MIN_EDGE_BPS: number(0.2, [-50, 50], {
    about:
      "Least that a fill is expected to leave after fee and adverse selection, in basis points; no order is placed or left resting for less. Below 0 the bot trades more and is expected to lose.",
  }),
  ORDER_LEVELS: whole(15, [1, 100], { about: "Most price levels per side." }),
  MARGIN_CAP: number(0.9, SHARE, {
    alias: "USDH_MARGIN_CAP",
    about:
      "Share of equity in use as margin that no order may exceed; from there on the position is closed.",
  }),
  ENABLE_SMART_PLACEMENT: toggle(true, {
    about: "Choose each order's price among those near it by the gaps and queues of the book.",
  }),
  MIN_QUEUE_SIZE: number(0.5, [0, 1e6], {
    about: "A price where others show less than this, in contracts, is worth joining.",
  }),
  MAX_SPREAD_CROSS: whole(5, [0, 1000], {
    about:
      "How far, in ticks, an order may be moved from its level's own price for a better place; never across the spread.",
  }),
  AUTO_REDUCE_ONLY: toggle(true, {
    about: "Quote only the reducing side by itself when a limit below is hit.",
  }),
  REDUCE_ONLY_MARGIN: number(0.8, SHARE, {
    about: "Share of equity in use as margin from which only the reducing side is quoted.",
  }),
  REDUCE_ONLY_SKEW: number(0.015, SHARE, {
    about:
      "Position notional over equity times leverage from which only the reducing side is quoted.",
  }),
  REDUCE_ONLY_LOSSES: whole(10, [1, 1000], {
    about: "Closed round trips lost in a row after which only the reducing side is quoted.",
  }),
  REDUCE_ONLY_DRAWDOWN: number(0.02, SHARE, {
    about: "Fall of equity from the day's peak from which only the reducing side is quoted.",
  }),
  MAX_DRAWDOWN: number(0.05, SHARE, {
    about:
      "Fall of equity from the run's peak at which the position is closed and trading halts until an operator resumes it.",
  }),
  TAKER_RATIO_CAP: number(0.1, SHARE, {
    about: "Largest share of taking in what was traded, over 24 hours and over the last 100 fills.",
  }),
  MAX_LONG: number(0.07, [0, 1], {
    about: "Largest long position over equity times leverage, all resting orders filled.",
  }),
  MAX_SHORT: number(0.07, [0, 1], {
    about: "Largest short position over equity times leverage, all resting orders filled.",
  }),
  MIN_LIQUIDATION_DISTANCE: number(0.05, [0.001, 1], {
    about:
      "Distance of the liquidation price from the mark below which only the reducing side is quoted; below half of it the position is reduced.",
  }),
  THIN_BOOK_USD: number(1000, [0, 1e9], {
    about:
      "With less than this of others' orders shown on a side, quotes are pulled; 0 never does.",
  }),
  BOOK_STALE_SECONDS: number(5, [1, 600], {
    about: "Age of the book from which every order is cancelled.",
  }),
  ORACLE_STALE_SECONDS: number(30, [3, 86_400], {
    about:
      "Quotes are pulled when the oracle has not changed for this long while the mid moved by 5 bp.",
  }),
  MARGIN_STALE_SECONDS: number(60, [5, 3600], {
    about: "Age of the last reading of the margin from which quotes are pulled.",
  }),
  MAX_LAG_MS: whole(1000, [10, 60_000], {
    about: "Quotes are pulled when the program comes later than this to its own timer.",
  }),
  RISK_DWELL_SECONDS: number(10, [0, 86_400], {
    about: "How long a value has to be back below its limit before a risk mode is left.",
  }),
  FLATTEN_PASSIVE_SECONDS: number(2, [0, 600], {
    about: "How long a flatten rests an order before it takes.",
  }),
  FLATTEN_SLIPPAGE_BPS: number(20, [1, 1000], {
    about: "How far beyond the far touch a flatten may trade, on its deepest rung.",
  }),
  FLATTEN_BOUND_BPS: number(100, [1, 5000], {
    about: "No order that takes is priced further from the mark than this.",
  }),
  CLOSING_ORDERS: whole(60, [5, 10_000], {
    about: "Orders that closing a position may cost before an alarm; then one every ten seconds.",
  }),
  CLOSING_ALARM_SECONDS: number(120, [5, 86_400], {
    about: "A position that has to go and does not shrink for this long is an alarm.",
  }),
  REDUCE_TAKE_SECONDS: number(300, [10, 86_400], {
    about: "Reduce-only takes slices when the position has not shrunk for this long.",
  }),
  USE_XYZ100_PRIMARY: toggle(true, {
    about: "Take price history from the S&P 100 first.",
  }),
  XYZ100_MIN_BARS: whole(1000, [1, 1e6], {
    about: "Fewer fresh bars of the S&P 100 than this are not enough to train on.",
  }),
  BTC_FALLBACK_ENABLED: toggle(true, {
    about: "Let BTC, scaled, stand in when neither the S&P 100 nor the market has enough history.",
  }),
  ML_VOLATILITY_PREDICT: toggle(true, {
    about:
      "Let a trained model that has earned its seat forecast volatility. Without it a HAR fitted on the market's own minutes does, and before that the running average.",
  }),
  VOL_HORIZON_MINUTES: {
    schema: z.enum(["5", "10", "15", "30", "60"]).transform(Number),
    fallback: 5,
    allowed: "5, 10, 15, 30 or 60",
    about: "How far ahead volatility is forecast.",
  },
  VOL_PRIOR_BPS: number(STATED_PRIOR_BPS, [0.01, 100], {
    about:
      "Volatility that is assumed in the first minute, when neither the venue's history nor a run before has told it, bp per root second. Too low a value quotes too near before anything is known.",
  }),
  VOL_FETCH_CRON: cron("*/15 * * * *", {
    about: "When price history is fetched, by New York's clock.",
  }),
  VOL_RETRAIN_CRON: cron("15 16 * * *", {
    about: "When models are retrained, by New York's clock; the default is after the US close.",
  }),
  MAINNET_URL: address("https://api.hyperliquid.xyz", {
    about: "Whose market `--feed mainnet` and `auto` show, and `--exchange mainnet` records.",
  }),
  TESTNET_URL: address("https://api.hyperliquid-testnet.xyz", {
    about: "Whose market `--feed testnet` shows, and `--exchange testnet` records.",
  }),
  HISTORY_EXCHANGE_URL: address("https://api.hyperliquid.xyz", {
    about: "Whom price history of the market and of BTC is asked from.",
  }),
  HISTORY_YAHOO_URL: {
    schema: z.url(),
    fallback: null,
    allowed: "an address",
    about: "Stands in for Yahoo's hosts, such as a proxy.",
  },
  PARALLEL_ORDERS: toggle(true, {
    alias: "M4_PARALLEL_ORDERS",
    about: "Send batches side by side instead of one after the other.",
  }),
  BATCH_SIZE: whole(10, [1, 200], {
    alias: "M4_BATCH_SIZE",
    about: "Most orders in one signed action.",
  }),
  ORDER_WORKERS: whole(10, [1, 64], { about: "Threads that sign and send." }),
  ACCOUNT_ADDRESS: {
    schema: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/)
      .transform((text) => text.toLowerCase()),
    fallback: null,
    allowed: "an address: 0x and 40 hex digits",
    about:
      "Whose account `live` trades: the address of the main wallet that has approved the API wallets.",
  },
  HL_PRIVATE_KEY: {
    schema: z.string().min(1),
    fallback: null,
    allowed: "64 hex digits",
    about:
      "Key of the API wallet that `live` signs with. Never that of the main wallet. A file of mode 0600 can be named instead (`--key-file`).",
    secret: true,
  },
  WATCHDOG_PRIVATE_KEY: {
    schema: z.string().min(1),
    fallback: null,
    allowed: "64 hex digits",
    about: "Key of a second API wallet of the same account, for the watchdog of `live`.",
    secret: true,
  },
  WATCHDOG: toggle(true, {
    about: "Keep a process beside the bot that cancels its orders when it dies or freezes.",
  }),
  WATCHDOG_FROZEN_SECONDS: number(3, [1, 60], {
    about: "Silence after which the watchdog takes a bot for frozen.",
  }),
  SUPERVISE_CRASHES: whole(5, [1, 1000], {
    about: "Crashes within SUPERVISE_MINUTES after which a supervised bot is not started again.",
  }),
  SUPERVISE_MINUTES: number(10, [0.1, 1440], {
    about: "The time in which SUPERVISE_CRASHES are counted.",
  }),
  SUPERVISE_FROZEN_SECONDS: number(60, [5, 3600], {
    about: "Silence after which a supervised bot is ended and started again.",
  }),
  API_TOKEN: {
    schema: z.string().min(16),
    fallback: null,
    allowed: "at least 16 characters",
    about:
      "Bearer token for requests that change something. When unset, one is made and kept in the data folder.",
    secret: true,
  },
  WEBHOOK_SECRET: {
    schema: z.string().min(16),
    fallback: null,
    allowed: "at least 16 characters",
    about: "With it a request may be signed instead of carrying the token, see docs/SECURITY.md.",
    secret: true,
  },
  ...ALERT_SETTINGS,
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S extends Setting> = z.output<S["schema"]> | (S["fallback"] & null);

export type Settings = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };

export type SettingsSource = {
  readonly env: { readonly [name: string]: string | undefined };
  /** Text of the `.env` file; null when there is none. The runtime has put its values into `env`. */
  readonly dotenv: string | null;
  /** Names outside the settings that something reads. */
  readonly alsoRead?: readonly string[];
};

const NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The `.env` file of a folder; null when there is none. */
export function readDotenv(folder: string): string | null {
  try {
    return readFileSync(join(folder, ".env"), "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}

/** @throws SettingsError with every problem of the environment. */
export function loadSettings(source: SettingsSource): Settings {
  const problems: string[] = unreadKeys(source);
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of NAMES) values[name] = valueOf(name, source.env, problems);
  const settings = values as Settings;
  if (problems.length === 0)
    problems.push(...contradictions(settings), ...halfConfigured(settings));
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  return settings;
}

/** What the handlers see of the settings; `overrides` are a command's flags. */
export function settingsToParams(settings: Settings, overrides: Partial<Params> = {}): Params {
  return {
    ...defaultParams,
    leverage: settings.LEVERAGE,
    capitalMicroUsd: settings.COLLATERAL,
    spreadBpsMin: settings.MIN_SPREAD_BPS,
    spreadBpsMax: settings.MAX_SPREAD_BPS,
    edgeBpsMin: settings.MIN_EDGE_BPS,
    orderLevels: settings.ORDER_LEVELS,
    marginCap: settings.MARGIN_CAP,
    autoReduceOnly: settings.AUTO_REDUCE_ONLY,
    reduceOnlyMargin: settings.REDUCE_ONLY_MARGIN,
    reduceOnlySkew: settings.REDUCE_ONLY_SKEW,
    reduceOnlyLosses: settings.REDUCE_ONLY_LOSSES,
    reduceOnlyDrawdown: settings.REDUCE_ONLY_DRAWDOWN,
    maxDrawdown: settings.MAX_DRAWDOWN,
    takerRatioCap: settings.TAKER_RATIO_CAP,
    batchSize: settings.BATCH_SIZE,
    ...riskParams(settings),
    smartPlacement: settings.ENABLE_SMART_PLACEMENT,
    minQueueContracts: settings.MIN_QUEUE_SIZE,
    placementReachSteps: settings.MAX_SPREAD_CROSS,
    ...overrides,
  };
}

function riskParams(settings: Settings): Partial<Params> {
  return {
    positionLimitFraction: Math.max(settings.MAX_LONG, settings.MAX_SHORT),
    longBandFraction: settings.MAX_LONG,
    shortBandFraction: settings.MAX_SHORT,
    liquidationDistanceMin: settings.MIN_LIQUIDATION_DISTANCE,
    thinBookMicroUsd: microUsd(Math.round(settings.THIN_BOOK_USD * 1e6)),
    bookStaleMs: spanMs(settings.BOOK_STALE_SECONDS),
    oracleStaleMs: spanMs(settings.ORACLE_STALE_SECONDS),
    marginStaleMs: spanMs(settings.MARGIN_STALE_SECONDS),
    lagMsMax: settings.MAX_LAG_MS,
    riskDwellMs: spanMs(settings.RISK_DWELL_SECONDS),
    flattenPassiveMs: spanMs(settings.FLATTEN_PASSIVE_SECONDS),
    flattenSlippageBps: settings.FLATTEN_SLIPPAGE_BPS,
    flattenBoundBps: settings.FLATTEN_BOUND_BPS,
    closingActionsMax: settings.CLOSING_ORDERS,
    closingAlarmMs: spanMs(settings.CLOSING_ALARM_SECONDS),
    reduceTakeAfterMs: spanMs(settings.REDUCE_TAKE_SECONDS),
  };
}

function spanMs(seconds: number): Ms {
  return ms(Math.round(1000 * seconds));
}

function unreadKeys({ dotenv, alsoRead = [] }: SettingsSource): string[] {
  const aliases = Object.values<Setting>(SETTINGS).flatMap(({ alias }) => alias ?? []);
  const read = new Set<string>([...NAMES, ...aliases, ...alsoRead]);
  return dotenvKeys(dotenv ?? "")
    .filter((key) => !read.has(key))
    .map((key) => `${key} in .env is read by nothing; allowed: ${NAMES.join(" ")}`);
}

function valueOf(name: SettingName, env: SettingsSource["env"], problems: string[]): unknown {
  const setting: Setting = SETTINGS[name];
  const given = [name, ...(setting.alias === undefined ? [] : [setting.alias])].flatMap((key) => {
    const text = env[key];
    return text === undefined ? [] : [{ key, text }];
  });
  const [first, second] = given;
  if (first === undefined) return setting.fallback;
  if (second !== undefined && second.text !== first.text)
    problems.push(`${first.key} and ${second.key} mean the same and differ; give one of them`);
  const parsed = setting.schema.safeParse(first.text);
  if (parsed.success) return parsed.data;
  const shown = setting.secret === true ? "the value" : `"${first.text}"`;
  problems.push(`${first.key}: ${shown} is not allowed; allowed is ${setting.allowed}`);
  return setting.fallback;
}

function contradictions(settings: Settings): string[] {
  const ordered: readonly (readonly [SettingName, SettingName])[] = [
    ["MIN_SPREAD_BPS", "MAX_SPREAD_BPS"],
    ["REDUCE_ONLY_MARGIN", "MARGIN_CAP"],
    ["REDUCE_ONLY_DRAWDOWN", "MAX_DRAWDOWN"],
  ];
  return ordered.flatMap(([low, high]) =>
    Number(settings[low]) > Number(settings[high])
      ? [`${low}: ${settings[low]} is not allowed; allowed is at most ${high}, ${settings[high]}`]
      : [],
  );
}
