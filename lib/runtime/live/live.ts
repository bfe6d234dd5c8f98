import { realClock } from "../clock.ts";
import { openMarket } from "../openMarket.ts";
import type { Settings } from "../settings.ts";
import type { RunSummary } from "../summary.ts";
import { ANSWER_TIMEOUT_MS, connectSession, tradeSession } from "../tradeSession.ts";
import type { Connected, Session } from "../tradeSession.ts";
import { watchdogEnv } from "../watchdog/child.ts";
import type { GuardPlan } from "../watchdog/guard.ts";
import { lastWatchdogDone } from "../watchdog/watchdogFile.ts";
import { flyCanary } from "./canary.ts";
import type { CanaryReport } from "./canary.ts";
import { evidenceIn, evidenceOfFolder, phaseHistory, recordPhase } from "./evidence.ts";
import { openLiveStore } from "./liveFolder.ts";
import type { LiveFolder } from "./liveFolder.ts";
import type { Network } from "./networks.ts";
import { judgePhase, phaseRefusal } from "./phases.ts";
import { HttpTransport } from "../../hyperliquid/httpTransport.ts";
import { patientTransport } from "../../hyperliquid/patientTransport.ts";
import type { MarketSpec } from "../../messages/market.ts";
import type { Params } from "../../messages/params.ts";
import type { Store } from "../../store/store.ts";

export type LiveOptions = Pick<Session, "port" | "onWarning" | "onUp" | "ending"> & {
  readonly folder: LiveFolder;
  readonly network: Network;
  /** Where it really goes: the network's own address, or an exchange that is to be taken for it. */
  readonly url: string;
  /** Of an API wallet. */
  readonly privateKey: Uint8Array;
  /** Key of the watchdog's API wallet; null: without a watchdog. */
  readonly watchdogKey: Uint8Array | null;
  /** Lower case. */
  readonly account: string;
  readonly symbol: string;
  readonly params: Params;
  readonly settings: Settings;
  /** Folder of the paper run that opens the first step. */
  readonly evidenceDir: string;
  /** Why a step is opened without its evidence; null: it is not. */
  readonly override: string | null;
  /** Told what was done before the first quote. */
  readonly tell: (text: string) => void;
};

/**
 * The same bot as paper, with real orders. The doctor has looked and the operator has confirmed before this is called.
 * @throws PhaseError, CanaryError, OpenError, LeverageRefused, WatchdogError and what runPaper throws
 */
export async function runLive(options: LiveOptions): Promise<RunSummary> {
  const { network, folder, url, port, onWarning, onUp, ending } = options;
  const connected = await connect(options);
  const { submitter, store } = connected;
  try {
    const { dir: dataDir, writeRunFile } = folder;
    const last = await lastWatchdogDone(dataDir, LAST_WATCHDOG_WITHIN_MS);
    if (last !== null)
      onWarning(
        `the watchdog of the last life, process ${last}, still cancels: it is not waited for`,
      );
    options.tell(canaryText(await flyCanary(connected)));
    const guard = guardOf(options);
    const hooks = { port, onWarning, onUp, ending, guard, causesOf: notTold };
    const place = { dataDir, writeRunFile, feed: undefined, epochMs: 0, speed: 1 };
    const feedText =
      url === network.url ? undefined : `exchange at ${url}, taken for ${network.word}`;
    return await tradeSession(
      {
        mode: network.mode,
        ownExchange: false,
        ...(feedText === undefined ? {} : { feedText }),
        ...place,
        ...hooks,
      },
      connected,
    );
  } finally {
    await submitter.close();
    store.close();
  }
}

/** It looks until nothing can arrive any more, an order's expiry after the death; where it takes longer, it fails. */
const LAST_WATCHDOG_WITHIN_MS = 15_000;

/** Market, database and phase, then leverage and workers: nothing is sent before the step is open. */
async function connect(options: LiveOptions): Promise<Connected> {
  const { folder, network, url, account, privateKey, settings, onWarning } = options;
  const clock = realClock();
  const transport = new HttpTransport({ url, timeoutMs: ANSWER_TIMEOUT_MS });
  const patient = patientTransport({ transport, clock, onWait: onWarning });
  const { capitalMicroUsd } = options.params;
  const params = { ...options.params, capitalCapMicroUsd: capitalMicroUsd };
  const spec = await openMarket(patient, options.symbol, account, params);
  const store = openLiveStore(folder.dir, `${url} ${account} ${spec.market}`);
  try {
    if (network.mode === "live") openPhase(options, spec, store);
  } catch (error) {
    store.close();
    throw error;
  }
  const signer = { privateKey, source: network.source, vault: null };
  const ground = { url, clock, transport, patient, signer, account, spec, store, params, settings };
  return connectSession(ground);
}

/** The step that the capital needs is open, or opened now and recorded. @throws PhaseError */
function openPhase(
  { params, evidenceDir, override, tell }: LiveOptions,
  { market }: MarketSpec,
  store: Store,
): void {
  const { capitalMicroUsd } = params;
  const history = phaseHistory(store.read);
  const paper = evidenceOfFolder(evidenceDir);
  const live = evidenceIn(store.read);
  const answer = judgePhase({ capitalMicroUsd, market, paper, live, history });
  if (answer.openedBefore) return;
  const met = answer.missing.length === 0;
  if (!met && override === null) throw phaseRefusal(capitalMicroUsd, answer);
  recordPhase(store, {
    atMs: Date.now(),
    step: answer.phase?.step ?? BEYOND,
    capitalMicroUsd,
    basis: met ? "evidence" : "override",
    reason: met ? null : override,
    evidence: answer.evidence,
  });
  tell(
    met
      ? `step ${answer.phase?.step} is opened by its evidence, which is recorded`
      : `opened by override, which is recorded: ${override}. Missing was: ${answer.missing.join("; ")}`,
  );
}

/** What an override opens beyond the last step. */
const BEYOND = 4;

function canaryText({ px, size, placedMs, goneMs }: CanaryReport): string {
  return `first order: ${size} at ${px}, seen in openOrders and by orderStatus, cancelled and gone after ${goneMs - placedMs} ms`;
}

function guardOf({ watchdogKey, settings }: LiveOptions): GuardPlan | null {
  if (watchdogKey === null) return null;
  const key = Buffer.from(watchdogKey).toString("hex");
  return {
    prepare: () => Promise.resolve(),
    required: true,
    env: { ...watchdogEnv(settings), WATCHDOG_PRIVATE_KEY: key },
  };
}

const notTold = (): Promise<null> => Promise.resolve(null);
