import { Bot } from "./bot.ts";
import { virtualClock } from "./clock.ts";
import type { VirtualClock } from "./clock.ts";
import { DirectSubmitter } from "./directSubmitter.ts";
import { EventLogHash } from "./eventLogHash.ts";
import { forecastKeeper } from "./forecastScore.ts";
import { GatewayTransport } from "./gatewayTransport.ts";
import { LocalExchange } from "./localExchange.ts";
import type { LocalPaths } from "./localExchange.ts";
import { NonceCounter } from "./nonce.ts";
import { fundOnce, openMarket } from "./openMarket.ts";
import { keepRunInfo, runInfoOf } from "./runInfo.ts";
import { summarise } from "./runSummary.ts";
import type { RunSummary } from "./summary.ts";
import type { VolOptions } from "./volFeed.ts";
import { setLeverage } from "../hyperliquid/leverage.ts";
import { addressOf, initSigning } from "../hyperliquid/signing/signature.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import { Random } from "../core/random.ts";
import type { Audit } from "../messages/audit.ts";
import type { Params } from "../messages/params.ts";
import { openUnreadStore } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "../units/time.ts";
import type { ScenarioName } from "../venue/feeds/scenarios.ts";
import { composeGateway } from "../venue/server/compose.ts";
import { FaultLayer } from "../venue/server/faults/faultLayer.ts";
import { NO_FAULTS } from "../venue/server/faults/plan.ts";
import type { FaultPlan } from "../venue/server/faults/plan.ts";
import type { Gateway } from "../venue/server/gateway.ts";

/** Wednesday, the US open. */
const EPOCH_MS = Date.UTC(2026, 0, 14, 14, 30);
/** One way, each: a client in the same region. */
const WIRE_MS = 15;
/** Virtual time between two words on the progress. */
const PROGRESS_MS = 10 * 60_000;
/** Virtual time between two full collections of garbage. */
const COLLECT_MS = 2 * 3_600_000;

export type SimulateOptions = {
  readonly symbol: string;
  readonly seed: number;
  readonly durationMs: number;
  readonly params: Params;
  /** What goes wrong on the wire and in the market once the bot has begun; nothing when left out. */
  readonly faults?: FaultPlan;
  /** Where everything is stored; a store without a file when left out. */
  readonly store?: Store;
  readonly onProgress: (doneMs: number, ofMs: number) => void;
  readonly onWarning: (text: string) => void;
  /** Sees every step, for measurements. */
  readonly onAudit?: (audit: Audit) => void;
  /** Horizon of the volatility forecast and what it rests on. No model: its answers come in the wall's time. */
  readonly vol?: Omit<VolOptions, "models">;
  /** How the simulated market behaves; the whole week when left out. */
  readonly scenario?: ScenarioName;
  /** A recording instead of the simulated market: its coin is traded, at its own time. */
  readonly tape?: { readonly path: string; readonly fromMs: number };
  /** Stands between the bot and the exchange, once the account is ready: for faults. */
  readonly between?: (transport: Transport, clock: Clock) => Transport;
  /** Called when the bot has started: for an operator's words at given times. */
  readonly onStarted?: (bot: Bot, clock: Clock) => void;
};

/** A summary, and a hash over every event and every command in order: the same for the same seed. */
export type SimulateSummary = RunSummary & { readonly eventLogHash: string };

/** Exchange and bot in this process over the same JSON texts, in virtual time. @throws OpenError, and what broke. */
export async function simulate(options: SimulateOptions): Promise<SimulateSummary> {
  await initSigning();
  const { seed, params, durationMs } = options;
  const market = await resolveMarket(options);
  const { clock, transport: direct, faults, local } = worldOf(options, market);
  let transport: Transport = direct;
  const privateKey = new Bun.CryptoHasher("sha256").update(`simulated account ${seed}`).digest();
  const account = addressOf(privateKey);
  const signer = { privateKey, source: "a", vault: null } as const;
  const spec = await inTime(clock, openMarket(transport, market, account, params));
  await inTime(clock, fundOnce(local, transport, spec, account, params.capitalMicroUsd));
  const nonces = new NonceCounter(clock, 0);
  const nextNonce = (): number => nonces.next();
  const { leverage } = params;
  await inTime(clock, setLeverage({ transport, signer, account, spec, leverage, nextNonce }));
  transport = options.between?.(direct, clock) ?? direct;
  if (options.faults !== undefined) faults.plan(options.faults);
  const store = options.store ?? openUnreadStore();
  const reconnects = new Random(seed, "reconnects");
  let fatal: Error | null = null;
  const bot = new Bot({
    transport,
    clock,
    random: () => reconnects.uniform(),
    account,
    spec,
    params,
    store,
    submitter: new DirectSubmitter({ transport, spec, signer, clock }),
    nonces,
    onFatal: (error) => {
      fatal ??= error;
    },
    onWarning: options.onWarning,
    calendar: false,
    ...(options.vol === undefined ? {} : { vol: { ...options.vol, models: null } }),
    defer: (run) => void clock.at(clock.nowMs(), run),
  });
  const log = new EventLogHash();
  bot.onAudit((audit) => log.add(audit));
  bot.onAudit(forecastKeeper(() => bot.vol.view(), store));
  if (options.onAudit !== undefined) bot.onAudit(options.onAudit);
  const startedMs = clock.nowMs();
  const feed = (await local.feeds())[spec.market];
  const run = runInfoOf({ mode: "simulate", feed, spec, startedMs, speed: 1, params });
  keepRunInfo(store, run, params);
  await inTime(clock, bot.start());
  options.onStarted?.(bot, clock);
  runFor(clock, durationMs, options.onProgress, () => {
    if (fatal !== null) throw fatal;
  });
  const endedMs = clock.nowMs();
  const report = await inTime(clock, bot.stop("end of the simulation"));
  if (fatal !== null) throw fatal;
  const causes = await local.fillCauses(account, bot.tally.fillKeys);
  direct.close();
  return { ...summarise(bot, run, report, causes, endedMs, []), eventLogHash: log.digest() };
}

type World = {
  readonly clock: VirtualClock;
  readonly transport: GatewayTransport;
  readonly faults: FaultLayer;
  readonly local: LocalExchange;
};

/** @param market coin that gets a market; all that are listed when undefined */
function worldOf(
  { seed, scenario, tape }: Pick<SimulateOptions, "seed" | "scenario" | "tape">,
  market?: string,
): World {
  const epochMs = tape?.fromMs ?? EPOCH_MS;
  const clock = virtualClock(epochMs);
  const coin = market === undefined ? {} : { market };
  const behaviour = scenario === undefined ? {} : { scenario };
  const gateway = composeGateway({
    feed:
      tape === undefined
        ? { kind: "sim", seed, ...coin, ...behaviour }
        : { kind: "tape", path: tape.path, ...coin },
    limits: true,
    clock: { epochMs, speed: 1 },
  });
  const faults = new FaultLayer(gateway, NO_FAULTS);
  const transport = new GatewayTransport(faults, clock, WIRE_MS);
  return { clock, transport, faults, local: new LocalExchange(gatewayPaths(gateway)) };
}

/** Only the market that is traded is simulated, so its name is found out first, on an exchange of its own. */
async function resolveMarket({ symbol, seed, params }: SimulateOptions): Promise<string> {
  const { clock, transport } = worldOf({ seed });
  const nobody = `0x${"0".repeat(40)}`;
  const { market } = await inTime(clock, openMarket(transport, symbol, nobody, params));
  transport.close();
  return market;
}

function runFor(
  clock: VirtualClock,
  durationMs: number,
  onProgress: SimulateOptions["onProgress"],
  check: () => void,
): void {
  const startMs = clock.nowMs();
  const endMs = startMs + durationMs;
  let collectedMs = startMs;
  while (clock.nowMs() < endMs) {
    clock.runUntil(Math.min(endMs, clock.nowMs() + PROGRESS_MS));
    check();
    if (clock.nowMs() - collectedMs >= COLLECT_MS) {
      collectedMs = clock.nowMs();
      // Time never stands still for the runtime's own collector, which waits for idle moments.
      Bun.gc(true);
    }
    onProgress(clock.nowMs() - startMs, durationMs);
  }
}

/** Lets virtual time run until the work is done. @throws Error when nothing is left that could finish it. */
async function inTime<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  const watch = { done: false };
  const settle = (): void => {
    watch.done = true;
  };
  work.then(settle, settle);
  clock.runUntil(clock.nowMs());
  while (!watch.done) {
    const nextMs = clock.nextMs();
    if (!Number.isFinite(nextMs))
      throw new Error("virtual time has nothing left to run, and the work is not done");
    clock.runUntil(nextMs);
  }
  return work;
}

function gatewayPaths(gateway: Gateway): LocalPaths {
  const ask = (method: string, pathAndQuery: string, body: string): Promise<string> => {
    const [path = "", query = ""] = pathAndQuery.split("?");
    const answer = gateway.local({ method, path, query: new URLSearchParams(query), body });
    return answer.status === 200
      ? Promise.resolve(answer.body)
      : Promise.reject(new Error(`/local/${path} answered ${answer.status}: ${answer.body}`));
  };
  return { get: (path) => ask("GET", path, ""), post: (path, body) => ask("POST", path, body) };
}
