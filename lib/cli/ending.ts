import type { LocalExchange } from "../runtime/localExchange.ts";
import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

const LOOK_EVERY_WALL_MS = 500;

/**
 * Resolves with the reason to end: the duration is over, the tape has no more, or somebody interrupted. A second
 * interrupt changes nothing: the orders are being cancelled.
 */
export async function untilEnd(
  clock: Clock,
  local: LocalExchange,
  market: string,
  durationMs: number | null,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const onSignal = (name: string): void => resolve(`interrupted by ${name}`);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
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
  try {
    return await promise;
  } finally {
    stopTimer();
    clearInterval(looking);
  }
}
