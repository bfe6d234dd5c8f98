import type { LocalExchange } from "../runtime/localExchange.ts";
import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

const LOOK_EVERY_WALL_MS = 500;

/**
 * Resolves with the reason when somebody interrupts, from now on: a start that is interrupted is finished first, so
 * that what an earlier life has left on the exchange is cancelled too. A second interrupt changes nothing.
 * @param onSignal called with the first signal's name
 */
export function interruption(onSignal: (signal: string) => void): Promise<string> {
  return new Promise((resolve) => {
    let interrupted = false;
    const stop = (signal: string): void => {
      if (interrupted) return;
      interrupted = true;
      onSignal(signal);
      resolve(`interrupted by ${signal}`);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}

/**
 * Resolves with the reason to end: the duration is over, or the tape has no more.
 * @param over aborted when the run has ended for another reason: nothing is waited for any longer
 */
export async function untilEnd(
  clock: Clock,
  local: LocalExchange,
  market: string,
  durationMs: number | null,
  over: AbortSignal,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let stopTimer: StopTimer = () => {};
  if (durationMs !== null)
    stopTimer = clock.at(ms(clock.nowMs() + durationMs), () => resolve("the duration is over"));
  const looking = setInterval(() => {
    void local
      .feeds()
      .then((feeds) => (feeds[market]?.ended === true ? resolve("the tape is over") : undefined))
      // An exchange that does not answer is the bot's matter: its feeds are lost, its quotes pulled.
      .catch(() => {});
  }, LOOK_EVERY_WALL_MS);
  const letGo = (): void => {
    stopTimer();
    clearInterval(looking);
  };
  over.addEventListener("abort", letGo);
  return promise.finally(letGo);
}
