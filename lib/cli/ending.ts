import type { LocalFeed } from "../runtime/localExchange.ts";
import { ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

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
 * Resolves with the reason to end: the duration is over, or the tape has no more; whichever comes first.
 * @param feed of the market; undefined when the exchange has none, which never ends
 * @param over aborted when the run has ended for another reason: nothing is waited for any longer
 */
export async function untilEnd(
  clock: Clock,
  feed: LocalFeed | undefined,
  durationMs: number | null,
  over: AbortSignal,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const stops: StopTimer[] = [];
  if (durationMs !== null)
    stops.push(clock.at(ms(clock.nowMs() + durationMs), () => resolve("the duration is over")));
  const tapeMs = feed?.info.durationMs ?? null;
  if (feed !== undefined && tapeMs !== null)
    stops.push(clock.at(ms(feed.startMs + tapeMs), () => resolve("the tape is over")));
  const letGo = (): void => {
    for (const stop of stops) stop();
  };
  over.addEventListener("abort", letGo);
  return promise.finally(letGo);
}
