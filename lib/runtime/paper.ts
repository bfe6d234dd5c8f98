import { scaledClock } from "./clock.ts";
import type { PaperExchange } from "./exchangeOf.ts";
import { fundOnce, openMarket } from "./openMarket.ts";
import { openStoreFor } from "./paperFolder.ts";
import type { PaperFolder } from "./paperFolder.ts";
import type { Settings } from "./settings.ts";
import type { RunSummary } from "./summary.ts";
import { ANSWER_TIMEOUT_MS, connectSession, tradeSession } from "./tradeSession.ts";
import type { Connected, Session } from "./tradeSession.ts";
import { watchdogEnv } from "./watchdog/child.ts";
import type { GuardPlan } from "./watchdog/guard.ts";
import { approveWatchdog } from "./watchdog/paperKey.ts";
import { HttpTransport } from "../hyperliquid/httpTransport.ts";
import { patientTransport } from "../hyperliquid/patientTransport.ts";
import { addressOf, initSigning } from "../hyperliquid/signing/signature.ts";
import type { Params } from "../messages/params.ts";

export type PaperOptions = Pick<Session, "port" | "onWarning" | "onUp" | "ending"> & {
  readonly folder: PaperFolder;
  readonly exchange: PaperExchange;
  readonly symbol: string;
  readonly params: Params;
  readonly settings: Settings;
};

/**
 * The same bot as live, over the same wire, against a local exchange.
 * @throws OpenError, LeverageRefused, PortError, DatabaseError, and what broke on the way
 */
export async function runPaper(options: PaperOptions): Promise<RunSummary> {
  const { folder, exchange, port, onWarning, onUp, ending } = options;
  await initSigning();
  const connected = await connect(options);
  const { account, spec, submitter, store } = connected;
  try {
    const feed = (await exchange.local.feeds())[spec.market];
    const { dir: dataDir, writeRunFile } = folder;
    const { speed, epochMs, local, isOwn: ownExchange } = exchange;
    const causesOf: Session["causesOf"] = (keys) => local.fillCauses(account, keys);
    const guard = guardOf(options, connected);
    const hooks = { port, onWarning, onUp, ending, causesOf, guard };
    const place = { dataDir, writeRunFile, feed, epochMs, speed, ownExchange };
    return await tradeSession({ mode: "paper", ...place, ...hooks }, connected);
  } finally {
    await submitter.close();
    store.close();
  }
}

/** Finds the market, funds the account, opens the database and brings the order workers up. */
async function connect(options: PaperOptions): Promise<Connected> {
  const { folder, exchange, params, settings, onWarning } = options;
  const { url } = exchange;
  const clock = scaledClock(exchange.epochMs, exchange.speed);
  const transport = new HttpTransport({ url, timeoutMs: ANSWER_TIMEOUT_MS });
  const { privateKey } = folder;
  const account = addressOf(privateKey);
  const patient = patientTransport({ transport, clock, onWait: onWarning });
  const spec = await openMarket(patient, options.symbol, account, params);
  await fundOnce(exchange.local, patient, spec, account, params.capitalMicroUsd);
  const place = `${exchange.epochMs} ${account} ${spec.market}`;
  const { store, setAside } = openStoreFor(folder.dir, place);
  if (setAside !== null)
    onWarning(`the account in this data folder lived on another exchange; kept as ${setAside}`);
  const signer = { privateKey, source: "a", vault: null } as const;
  const ground = { url, clock, transport, patient, signer, account, spec, store, params, settings };
  return connectSession(ground);
}

/** The watchdog of a paper account has an API wallet of its own, approved with the account's key. */
function guardOf(
  { folder, exchange, settings }: PaperOptions,
  connected: Connected,
): GuardPlan | null {
  if (!settings.WATCHDOG) return null;
  const { patient, nonces } = connected;
  const prepare = (): Promise<void> =>
    approveWatchdog(folder.dir, patient, folder.privateKey, () => nonces.next());
  // An exchange of our own ends with us; on another one orders would stay.
  return { prepare, required: !exchange.isOwn, env: watchdogEnv(settings) };
}
