import { InfoClient, InfoError } from "../../hyperliquid/infoClient.ts";
import { WireError } from "../../hyperliquid/schemas/wire.ts";
import { addressOf, initSigning } from "../../hyperliquid/signing/signature.ts";
import { TransportError } from "../../hyperliquid/transport.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { MarketSpec } from "../../messages/market.ts";
import type { Params } from "../../messages/params.ts";
import type { Clock } from "../../units/time.ts";
import { WorkerPool } from "../workerPool.ts";
import { accountFinding, approvalFinding, watchdogFinding } from "./agents.ts";
import {
  budgetFinding,
  clockFinding,
  collateralFinding,
  leftoverFinding,
  marketFinding,
  modeFinding,
  roleFinding,
} from "./exchange.ts";
import type { Patient } from "./exchange.ts";
import { ok, problem, skipped, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { messageOf } from "../../units/messageOf.ts";

export type DoctorOptions = {
  readonly url: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly symbol: string;
  readonly params: Params;
  readonly privateKey: Uint8Array;
  /** Judge as for real money. */
  readonly strict: boolean;
  /** What belongs to a live run; absent for paper. */
  readonly live?: {
    /** Address of the account that is meant; null when it was not said. */
    readonly account: string | null;
    /** Address of the watchdog's key; null when it has none; absent when it is switched off. */
    readonly watchdog?: string | null;
  };
};

const ANSWER_TIMEOUT_MS = 5000;
const QUESTIONS = ["clock", "key", "account mode", "market", "collateral", "action budget"];

/** Everything about the exchange and the account that has to be right before anything trades. Changes nothing. */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { transport, clock, params, strict, privateKey, url } = options;
  await initSigning();
  const info = new InfoClient(transport);
  const patient: Patient = { info, nowMs: () => clock.nowMs(), params, strict };
  const findings: Finding[] = [];
  const clockOrError = await asked("exchange", () => clockFinding(patient));
  findings.push(clockOrError);
  if (clockOrError.name === "exchange" && clockOrError.status === "problem")
    return [
      { ...clockOrError, todo: `is ${url} right, and is the network up?` },
      ...QUESTIONS.map((name) => skipped(name, "the exchange does not answer")),
    ];
  const address = addressOf(privateKey);
  let account: string | null = null;
  findings.push(
    await asked("key", async () => {
      const judged = roleFinding(await info.userRole(address), address, strict);
      ({ account } = judged);
      return judged.finding;
    }),
  );
  if (strict && account !== null)
    findings.push(...(await keyFindings(options, patient, { address, account })));
  findings.push(...(await accountFindings(options, patient, account)));
  return findings;
}

/** Whether the keys are what the user means them to be, and for how long. */
async function keyFindings(
  { live }: DoctorOptions,
  { info, nowMs }: Patient,
  { address, account }: { readonly address: string; readonly account: string },
): Promise<readonly Finding[]> {
  if (live === undefined || address === account) return [];
  const findings: Finding[] = [
    await asked("approval", () =>
      approvalFinding(info, { name: "approval", address }, account, nowMs()),
    ),
  ];
  if (live.account !== null) findings.push(accountFinding(account, live.account));
  const { watchdog } = live;
  if (watchdog !== undefined)
    findings.push(
      await asked("watchdog key", () => watchdogFinding(info, { watchdog, bot: address, account })),
    );
  return findings;
}

async function accountFindings(
  options: DoctorOptions,
  patient: Patient,
  account: string | null,
): Promise<readonly Finding[]> {
  const { info } = patient;
  // The market can be looked at without an account: fees are then those of nobody.
  const nobody = `0x${"0".repeat(40)}`;
  let spec: MarketSpec | null = null;
  const market: Finding[] = [];
  const failed = await asked("market", async () => {
    const judged = await marketFinding(patient, options.symbol, account ?? nobody);
    ({ spec } = judged);
    market.push(...judged.findings);
    return ok("market", "");
  });
  if (failed.status !== "ok") market.push(failed);
  const known = spec as MarketSpec | null;
  if (account === null)
    return [
      ...market,
      ...["account mode", "collateral", "action budget"].map((name) =>
        skipped(name, "whose account this is, is not known"),
      ),
    ];
  const findings = [
    await asked("account mode", async () => modeFinding(await info.userAbstraction(account))),
    ...market,
    await asked("action budget", () => budgetFinding(patient, account)),
  ];
  if (known === null) return [...findings, skipped("collateral", "the market is not known")];
  return [
    ...findings,
    await asked("collateral", () => collateralFinding(patient, known, account)),
    await asked("left over", () => leftoverFinding(patient, known, account)),
    await workersFinding(options, known),
  ];
}

/** A question that gets no answer, or one that is not understood, is a finding too. */
async function asked(name: string, question: () => Promise<Finding>): Promise<Finding> {
  try {
    return await question();
  } catch (error) {
    const known = [TransportError, InfoError, WireError].some((type) => error instanceof type);
    if (!known) throw error;
    return problem(
      name,
      `it could not be asked: ${messageOf(error)}`,
      "try again; if it stays, the exchange's interface has changed or the address is wrong",
    );
  }
}

/** Brings one order worker up, as the bot will, and says what signs there. Nothing is sent. */
async function workersFinding(options: DoctorOptions, spec: MarketSpec): Promise<Finding> {
  const name = "order workers";
  const { url, privateKey, clock } = options;
  const pool = new WorkerPool({
    workers: 1,
    clock,
    start: {
      kind: "start",
      url,
      timeoutMs: ANSWER_TIMEOUT_MS,
      privateKey: Buffer.from(privateKey).toString("hex"),
      source: "a",
      vault: null,
      spec,
    },
  });
  try {
    const backend = await pool.ready();
    if (backend === "native+wasm") return ok(name, `they sign with ${backend}`);
    return warning(
      name,
      `they sign with ${backend}, the portable parts, several times slower`,
      "reinstall on a supported platform: bun install --frozen-lockfile",
    );
  } catch (error) {
    return problem(
      name,
      `a worker did not come up: ${messageOf(error)}`,
      "reinstall: bun install --frozen-lockfile",
    );
  } finally {
    await pool.close();
  }
}
