const LOOK_EVERY_MS = 50;

/**
 * Looks until `probe` finds something.
 * @param what for the error: what was waited for
 * @param withinMs of wall time; generous, for nothing is measured with it
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null> | T | null,
  withinMs = 60_000,
  everyMs = LOOK_EVERY_MS,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== null) return found;
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await Bun.sleep(everyMs);
  }
}
