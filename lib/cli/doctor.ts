import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { addressOf, initSigning, parsePrivateKey } from "../hyperliquid/signing/signature.ts";
import type { Params } from "../messages/params.ts";
import { realClock, scaledClock } from "../runtime/clock.ts";
import { alertsFinding } from "../runtime/doctor/alerts.ts";
import { examine } from "../runtime/doctor/doctor.ts";
import type { DoctorOptions } from "../runtime/doctor/doctor.ts";
import { ok, problem, skipped } from "../runtime/doctor/finding.ts";
import type { Finding } from "../runtime/doctor/finding.ts";
import { keyFileFinding, machineFindings } from "../runtime/doctor/machine.ts";
import { LocalExchange, localPathsAt, LocalExchangeError } from "../runtime/localExchange.ts";
import { NETWORKS } from "../runtime/live/networks.ts";
import { readRunFile } from "../runtime/runFile.ts";
import type { Settings } from "../runtime/settings.ts";
import type { Clock } from "../units/time.ts";
import { defineCommand, Switch, UsageError } from "./command.ts";
import { findingsText } from "./findingsText.ts";
import { NetworkFlag } from "./liveFlags.ts";
import { transportTo } from "./operate.ts";
import { readSettings } from "./readSettings.ts";
import { messageOf } from "../units/messageOf.ts";

const flags = z.object({
  exchange: z.string().optional().describe("URL of the exchange (that of the bot that runs)"),
  data: z.string().min(1).default("data/paper").describe("data folder of the bot (data/paper)"),
  market: z.string().optional().describe("coin, such as US500 or mkts:US500 (SYMBOL)"),
  network: NetworkFlag.optional().describe("mainnet or testnet, judged as for real money"),
  "key-file": z
    .string()
    .optional()
    .describe("file with the key (the one in the data folder, or HL_PRIVATE_KEY)"),
  live: Switch.describe("judge as for real money, also on a local exchange"),
  json: Switch.describe("one JSON object on standard output"),
});
type Flags = z.infer<typeof flags>;

/** Looks at everything that has to be right before anything trades, and says what to do about what is not. */
export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Check machine, key, account, market, fees, clock and budget; says what to do.",
  operands: "",
  flags,
  run: async (given, _operands, io) => {
    const { settings, params } = readSettings(io, {});
    const findings = [
      ...machineFindings(given.data),
      alertsFinding(settings, given.live || given.network !== undefined),
      ...(await exchangeFindings(given, given.market ?? settings.SYMBOL, params, settings)),
    ];
    const fit = findings.every(({ status }) => status !== "problem");
    io.out(given.json ? JSON.stringify({ ok: fit, findings }) : findingsText(findings));
    return fit ? 0 : 1;
  },
});

async function exchangeFindings(
  given: Flags,
  symbol: string,
  params: Params,
  settings: Settings,
): Promise<readonly Finding[]> {
  const network = given.network === undefined ? null : NETWORKS[given.network];
  const url = given.exchange ?? network?.url ?? readRunFile(given.data)?.exchange;
  if (url === undefined)
    return [skipped("exchange", "none named, and no bot runs: --exchange <url> looks at one")];
  const transport = transportTo(url);
  const local = await localClock(url);
  const strict = given.live || network !== null || local === null;
  const key = await keyOf(given, strict, settings);
  const clock = local ?? realClock();
  const privateKey = key.privateKey ?? crypto.getRandomValues(new Uint8Array(32));
  const place = { url, transport, clock, symbol, params };
  const live = strict ? { live: liveQuestions(settings) } : {};
  const found = await examine({ ...place, privateKey, strict, ...live });
  if (key.privateKey !== null) return [...key.findings, ...found];
  return [...key.findings, ...found.filter(({ name }) => KEYLESS.has(name))];
}

/** What belongs to real money, as far as it was said. */
function liveQuestions(settings: Settings): NonNullable<DoctorOptions["live"]> {
  const { ACCOUNT_ADDRESS: account, WATCHDOG, WATCHDOG_PRIVATE_KEY: text } = settings;
  if (!WATCHDOG) return { account };
  try {
    return { account, watchdog: text === null ? null : addressOf(parsePrivateKey(text)) };
  } catch (error) {
    throw new UsageError(`WATCHDOG_PRIVATE_KEY: ${error instanceof Error ? error.message : ""}`);
  }
}

/** What can be said without a key. */
const KEYLESS: ReadonlySet<string> = new Set(["exchange", "clock", "market", "fees"]);

/** Time runs as a local exchange says; null for an exchange that is not one. */
async function localClock(url: string): Promise<Clock | null> {
  try {
    const local = new LocalExchange(localPathsAt(url.replace(/\/+$/, "")));
    const { epochMs, speed } = await local.clock();
    return scaledClock(epochMs, speed);
  } catch (error) {
    if (error instanceof LocalExchangeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

type Key = { readonly privateKey: Uint8Array | null; readonly findings: readonly Finding[] };

async function keyOf(given: Flags, strict: boolean, settings: Settings): Promise<Key> {
  const { HL_PRIVATE_KEY: text } = settings;
  if (strict && given["key-file"] === undefined && text !== null) {
    await initSigning();
    return readKey(text, []);
  }
  const path = given["key-file"] ?? join(given.data, "paper-key");
  if (!existsSync(path)) {
    if (given["key-file"] !== undefined)
      throw new UsageError(`--key-file: there is no file "${path}"`);
    if (strict)
      return {
        privateKey: null,
        findings: [
          problem(
            "key file",
            `there is no "${path}"`,
            "name the file with the key, --key-file, or set HL_PRIVATE_KEY",
          ),
        ],
      };
    return {
      privateKey: crypto.getRandomValues(new Uint8Array(32)),
      findings: [ok("key file", "none yet: paper makes one at its first start")],
    };
  }
  await initSigning();
  return readKey(readFileSync(path, "utf8"), [keyFileFinding(path)]);
}

function readKey(text: string, before: readonly Finding[]): Key {
  try {
    return { privateKey: parsePrivateKey(text), findings: before };
  } catch (error) {
    const found = messageOf(error);
    const todo = "put the key of an API wallet there: 64 hex digits";
    return { privateKey: null, findings: [...before, problem("key", found, todo)] };
  }
}
