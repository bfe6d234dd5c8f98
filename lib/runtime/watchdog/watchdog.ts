import type { AccountFile } from "../accountFile.ts";
import { NonceCounter } from "../nonce.ts";
import { SYSTEM_PROCESSES } from "../processTable.ts";
import { DeadMan } from "./deadMan.ts";
import { readBeat } from "./heartbeat.ts";
import type { Beat } from "./heartbeat.ts";
import { Pulse } from "./pulse.ts";
import type { Verdict } from "./pulse.ts";
import { sweep } from "./sweep.ts";
import type { SweepDeps } from "./sweep.ts";
import { InfoClient } from "../../hyperliquid/infoClient.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { Clock } from "../../units/time.ts";
import { counted } from "../../units/counted.ts";

export type WatchdogOptions = {
  readonly dataDir: string;
  readonly place: AccountFile;
  /** The bot that is watched. */
  readonly bot: Pick<Beat, "pid" | "started">;
  readonly privateKey: Uint8Array;
  readonly transport: Transport;
  /** The exchange's time. */
  readonly clock: Clock;
  readonly frozenAfterMs: number;
  readonly tell: (text: string) => void;
  /** The bot's heart stands still, and what is done about it: people should know. */
  readonly onActed: (text: string) => void;
};

export type WatchdogEnd = {
  readonly end: "ended" | "dead" | "replaced";
  /** Orders that this process cancelled. */
  readonly cancelled: number;
};

const LOOK_EVERY_MS = 100;
const LOCAL_GONE_MS = 120_000;

/**
 * Watches a bot until it has ended. When its heart stands still, because its process is gone or does not get on, every
 * order of ours on its market is cancelled; a bot that comes to life again is watched on.
 */
export async function watch(options: WatchdogOptions): Promise<WatchdogEnd> {
  const { bot, clock, frozenAfterMs, tell, onActed, place } = options;
  const pulse = new Pulse({ ...bot, frozenAfterMs });
  const deps = sweepDeps(options, () => leavesOrders(look(options, pulse), place));
  const nowMs = (): number => clock.nowMs();
  const deadMan = new DeadMan({ ...deps, account: place.account, nowMs });
  let cancelled = 0;
  let sweptWhileFrozen = false;
  for (;;) {
    const verdict = look(options, pulse);
    switch (verdict) {
      case "ended":
      case "replaced":
        if (verdict === "ended") await deadMan.clear();
        return { end: verdict, cancelled };
      case "alive":
        if (sweptWhileFrozen) tell(`the bot, process ${bot.pid}, lives again`);
        sweptWhileFrozen = false;
        void deadMan.tick();
        break;
      case "dead":
      case "frozen": {
        if (verdict === "frozen" && sweptWhileFrozen) break;
        const why = sayWhy(verdict, options, pulse);
        tell(why);
        if (verdict === "dead" && place.ownExchange) {
          onActed(`${why}, and its exchange with it`);
          return { end: "dead", cancelled };
        }
        // Told now, too: an exchange that cannot be reached makes the rest take long.
        onActed(`${why}; its orders are being cancelled`);
        const swept = await sweep(deps);
        cancelled += swept.cancelled;
        const done = swept.done
          ? `${counted(swept.cancelled, "order")} cancelled; the exchange lists none of ours`
          : "the bot is back before all was cancelled";
        tell(done);
        onActed(done);
        sweptWhileFrozen = swept.done && verdict === "frozen";
        if (!swept.done || verdict === "frozen") break;
        await deadMan.clear();
        return { end: "dead", cancelled };
      }
    }
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

function look({ dataDir, bot }: WatchdogOptions, pulse: Pulse): Verdict {
  const { isAlive, startOf } = SYSTEM_PROCESSES;
  const alive = isAlive(bot.pid) && (bot.started === null || startOf(bot.pid) === bot.started);
  return pulse.look(performance.now(), readBeat(dataDir), alive);
}

/** An exchange that ended with its bot has no orders any more. */
function leavesOrders(verdict: Verdict, { ownExchange }: AccountFile): boolean {
  return verdict === "frozen" || (verdict === "dead" && !ownExchange);
}

function sayWhy(
  verdict: "dead" | "frozen",
  { bot: { pid }, dataDir }: WatchdogOptions,
  pulse: Pulse,
): string {
  if (verdict === "frozen")
    return `the bot, process ${pid}, has been silent for ${(pulse.silentMs / 1000).toFixed(1)} s`;
  return readBeat(dataDir)?.phase === "stopped"
    ? `the bot, process ${pid}, has ended as it was told to and could not see whether an order of it is left`
    : `the bot, process ${pid}, is gone without a word`;
}

function sweepDeps(options: WatchdogOptions, isNeeded: () => boolean): SweepDeps {
  const { place, privateKey, transport, clock, tell } = options;
  const nonces = new NonceCounter(clock, 0);
  return {
    place,
    transport,
    info: new InfoClient(transport),
    signer: { privateKey, source: place.source, vault: null },
    nextNonce: () => nonces.next(),
    monotonicMs: () => performance.now(),
    pause: (delayMs) => Bun.sleep(delayMs),
    isNeeded,
    goneAfterMs: place.mode === "paper" ? LOCAL_GONE_MS : null,
    tell,
  };
}
