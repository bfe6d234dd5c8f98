import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API_TOKEN_FILE, keepApiToken, readApiToken } from "../../lib/runtime/apiToken.ts";
import { dotenvKeys } from "../../lib/runtime/dotenvKeys.ts";
import {
  SETTINGS,
  SettingsError,
  loadSettings,
  readDotenv,
  settingsToParams,
} from "../../lib/runtime/settings.ts";
import { settingsMarkdown } from "../../lib/runtime/settingsDocs.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { microUsd } from "../../lib/units/numbers.ts";

function load(env: Readonly<Record<string, string>>, dotenv: string | null = null) {
  return loadSettings({ env, dotenv });
}

function problemOf(env: Readonly<Record<string, string>>, dotenv: string | null = null): string {
  try {
    load(env, dotenv);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return "none";
}

describe("the settings", () => {
  test("have the documented defaults", () => {
    expect(load({ PATH: "/bin" })).toEqual({
      SYMBOL: "US500",
      LEVERAGE: 10,
      COLLATERAL: microUsd(1_000_000_000),
      MIN_SPREAD_BPS: 3,
      MAX_SPREAD_BPS: 50,
      ORDER_LEVELS: 15,
      MARGIN_CAP: 0.9,
      ENABLE_SMART_PLACEMENT: true,
      MIN_QUEUE_SIZE: 0.5,
      MAX_SPREAD_CROSS: 5,
      AUTO_REDUCE_ONLY: true,
      REDUCE_ONLY_MARGIN: 0.8,
      REDUCE_ONLY_SKEW: 0.015,
      REDUCE_ONLY_LOSSES: 10,
      REDUCE_ONLY_DRAWDOWN: 0.02,
      MAX_DRAWDOWN: 0.05,
      TAKER_RATIO_CAP: 0.1,
      MAX_LONG: 0.07,
      MAX_SHORT: 0.07,
      MIN_LIQUIDATION_DISTANCE: 0.05,
      THIN_BOOK_USD: 1000,
      BOOK_STALE_SECONDS: 5,
      ORACLE_STALE_SECONDS: 30,
      MARGIN_STALE_SECONDS: 60,
      MAX_LAG_MS: 1000,
      RISK_DWELL_SECONDS: 10,
      FLATTEN_PASSIVE_SECONDS: 2,
      FLATTEN_SLIPPAGE_BPS: 20,
      FLATTEN_BOUND_BPS: 100,
      CLOSING_ORDERS: 60,
      CLOSING_ALARM_SECONDS: 120,
      REDUCE_TAKE_SECONDS: 300,
      USE_XYZ100_PRIMARY: true,
      XYZ100_MIN_BARS: 1000,
      BTC_FALLBACK_ENABLED: true,
      ML_VOLATILITY_PREDICT: true,
      VOL_HORIZON_MINUTES: 5,
      VOL_PRIOR_BPS: 0.5,
      MIN_EDGE_BPS: 0.2,
      VOL_FETCH_CRON: "*/15 * * * *",
      VOL_RETRAIN_CRON: "15 16 * * *",
      MAINNET_URL: "https://api.hyperliquid.xyz",
      TESTNET_URL: "https://api.hyperliquid-testnet.xyz",
      HISTORY_EXCHANGE_URL: "https://api.hyperliquid.xyz",
      HISTORY_YAHOO_URL: null,
      PARALLEL_ORDERS: true,
      BATCH_SIZE: 10,
      ORDER_WORKERS: 10,
      ACCOUNT_ADDRESS: null,
      HL_PRIVATE_KEY: null,
      WATCHDOG_PRIVATE_KEY: null,
      WATCHDOG: true,
      WATCHDOG_FROZEN_SECONDS: 3,
      SUPERVISE_CRASHES: 5,
      SUPERVISE_MINUTES: 10,
      SUPERVISE_FROZEN_SECONDS: 60,
      API_TOKEN: null,
      WEBHOOK_SECRET: null,
      ALERT_MIN_SEVERITY: "notice",
      ALERT_COOLDOWN_MINUTES: 15,
      ALERT_SLACK_WEBHOOK: null,
      ALERT_SLACK_BASE_URL: "https://hooks.slack.com",
      ALERT_TELEGRAM_TOKEN: null,
      ALERT_TELEGRAM_CHAT: null,
      ALERT_TELEGRAM_BASE_URL: "https://api.telegram.org",
      ALERT_DISCORD_WEBHOOK: null,
      ALERT_DISCORD_BASE_URL: "https://discord.com",
      ALERT_WEBHOOK_URL: null,
      ALERT_WEBHOOK_SECRET: null,
      ALERT_SMTP_URL: null,
      ALERT_EMAIL_FROM: null,
      ALERT_EMAIL_TO: null,
      LOG_LEVEL: "info",
      LOG_FILE_MB: 10,
      LOG_FILES: 10,
    });
  });

  test("a least edge below zero may be asked for", () => {
    expect(load({ MIN_EDGE_BPS: "-1.5" }).MIN_EDGE_BPS).toBe(-1.5);
  });

  test("agree with the defaults of the handlers", () => {
    expect(settingsToParams(load({}))).toEqual(defaultParams);
  });

  test("reach the handlers, and a command's flags come last", () => {
    const settings = load({
      SYMBOL: "km:US500",
      LEVERAGE: "5",
      COLLATERAL: "1234.56",
      AUTO_REDUCE_ONLY: "false",
      USDH_MARGIN_CAP: "0.85",
      M4_BATCH_SIZE: "40",
    });
    expect(settings.SYMBOL).toBe("km:US500");
    expect(settingsToParams(settings, { leverage: 3, forcedReduceOnly: true })).toEqual({
      ...defaultParams,
      leverage: 3,
      forcedReduceOnly: true,
      capitalMicroUsd: microUsd(1_234_560_000),
      autoReduceOnly: false,
      marginCap: 0.85,
      batchSize: 40,
    });
  });

  test.each([
    ["LEVERAGE", "abc", "a whole number from 1 to 40"],
    ["LEVERAGE", "2.5", "a whole number from 1 to 40"],
    ["LEVERAGE", "", "a whole number from 1 to 40"],
    ["LEVERAGE", "41", "a whole number from 1 to 40"],
    ["MARGIN_CAP", "1.01", "a number from 0 to 1"],
    ["MARGIN_CAP", "1e-3", "a number from 0 to 1"],
    ["COLLATERAL", "9.99", "an amount from 10 to 10000000, at most six decimals"],
    ["COLLATERAL", "100.1234567", "an amount from 10 to 10000000, at most six decimals"],
    ["AUTO_REDUCE_ONLY", "yes", "true or false"],
    ["SYMBOL", "a b", "a name such as US500, or with its dex such as km:US500"],
  ])("refuse %s=%s and say what is allowed", (name, value, allowed) => {
    expect(problemOf({ [name]: value })).toBe(
      `${name}: "${value}" is not allowed; allowed is ${allowed}`,
    );
  });

  test("name every problem at once, under the name that was given", () => {
    expect(problemOf({ LEVERAGE: "0", M4_BATCH_SIZE: "x" }).split("\n")).toEqual([
      'LEVERAGE: "0" is not allowed; allowed is a whole number from 1 to 40',
      'M4_BATCH_SIZE: "x" is not allowed; allowed is a whole number from 1 to 200',
    ]);
  });

  test("refuse two names for one thing that differ", () => {
    expect(problemOf({ MARGIN_CAP: "0.9", USDH_MARGIN_CAP: "0.9" })).toBe("none");
    expect(problemOf({ MARGIN_CAP: "0.9", USDH_MARGIN_CAP: "0.8" })).toBe(
      "MARGIN_CAP and USDH_MARGIN_CAP mean the same and differ; give one of them",
    );
  });

  test("refuse limits in the wrong order", () => {
    expect(problemOf({ MIN_SPREAD_BPS: "60" })).toBe(
      "MIN_SPREAD_BPS: 60 is not allowed; allowed is at most MAX_SPREAD_BPS, 50",
    );
    expect(problemOf({ MARGIN_CAP: "0.7" })).toContain("REDUCE_ONLY_MARGIN: 0.8");
    expect(problemOf({ MAX_DRAWDOWN: "0.01" })).toContain("REDUCE_ONLY_DRAWDOWN: 0.02");
  });

  test("never show a secret", () => {
    expect(problemOf({ API_TOKEN: "short-secret" })).toBe(
      "API_TOKEN: the value is not allowed; allowed is at least 16 characters",
    );
    expect(load({ API_TOKEN: "a-token-of-some-length" }).API_TOKEN).toBe("a-token-of-some-length");
  });

  test("refuse a name in .env that nothing reads", () => {
    expect(problemOf({}, "LEVERAGE=5\nMIN_SPREAD=3\n")).toStartWith(
      "MIN_SPREAD in .env is read by nothing; allowed: SYMBOL LEVERAGE",
    );
    expect(problemOf({}, "M4_BATCH_SIZE=5\n# MIN_SPREAD=3\n")).toBe("none");
    expect(() => loadSettings({ env: {}, dotenv: "OTHER=1", alsoRead: ["OTHER"] })).not.toThrow();
  });

  test("are documented", async () => {
    const path = join(import.meta.dir, "../../docs/SETTINGS.md");
    if (process.env["AMM500_WRITE_DOCS"] === "1") await Bun.write(path, settingsMarkdown());
    // When this fails: AMM500_WRITE_DOCS=1 bun test tests/unit/settings.test.ts
    expect(await Bun.file(path).text()).toBe(settingsMarkdown());
    for (const name of Object.keys(SETTINGS)) expect(settingsMarkdown()).toContain(`\`${name}\``);
  });
});

test("the names of a .env file are found as its reader finds them", () => {
  const text = [
    "A=1",
    "  export B = two # C=3",
    "# D=4",
    "",
    'E="first',
    'F=inside"',
    "G='x' # y",
    "no assignment",
    "H=",
    'I="a \\" b"',
    "J=`one",
    "two`\r",
    "K: 5",
  ].join("\n");
  expect(dotenvKeys(text)).toEqual(["A", "B", "E", "G", "H", "I", "J", "K"]);
});

describe("in a folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "amm500-settings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a .env file is read when there is one", () => {
    expect(readDotenv(folder)).toBeNull();
    writeFileSync(join(folder, ".env"), "LEVERAGE=5\n");
    expect(readDotenv(folder)).toBe("LEVERAGE=5\n");
  });

  test("a token is made once, kept, and only its owner can read it", () => {
    expect(readApiToken(folder)).toBeNull();
    const token = keepApiToken(folder);
    const path = join(folder, API_TOKEN_FILE);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    chmodSync(path, 0o644);
    expect(keepApiToken(folder)).toBe(token);
    expect(readApiToken(folder)).toBe(token);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
    writeFileSync(path, "");
    expect(() => readApiToken(folder)).toThrow("holds no token");
  });
});
