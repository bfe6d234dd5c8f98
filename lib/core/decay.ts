/** What is left of a weight that halves in `halfLifeMs`: 1 at its own time, and before it. */
export function keptShare(fromMs: number, nowMs: number, halfLifeMs: number): number {
  return nowMs <= fromMs ? 1 : 2 ** ((fromMs - nowMs) / halfLifeMs);
}
