import type { Alert } from "./alert.ts";

/** Keys remembered; the oldest is forgotten first. */
const KEYS_MAX = 500;

type Seen = {
  readonly sentMs: number;
  /** The newest one held back since, and how many. */
  readonly held: Alert | null;
  readonly count: number;
};

/**
 * Keeps repetition away from people: after an alert was let through, those with the same key are held back for the
 * cooldown. When it is over the newest of them follows, saying how many there were, so that the last word is heard.
 */
export class AlertGate {
  readonly #cooldownMs: number;
  readonly #seen = new Map<string, Seen>();

  constructor(cooldownMs: number) {
    this.#cooldownMs = cooldownMs;
  }

  /** @returns the alert when it may go now; null when it is held back. */
  offer(alert: Alert, nowMs: number): Alert | null {
    const seen = this.#seen.get(alert.key);
    if (seen === undefined || nowMs - seen.sentMs >= this.#cooldownMs) {
      this.#let(alert, nowMs);
      return withCount(alert, seen?.count ?? 0, seen?.sentMs ?? nowMs);
    }
    this.#seen.set(alert.key, { ...seen, held: alert, count: seen.count + 1 });
    return null;
  }

  /** Those whose cooldown is over, in the order in which they happened. */
  due(nowMs: number): readonly Alert[] {
    const ready: Alert[] = [];
    for (const [key, { sentMs, held, count }] of this.#seen) {
      if (nowMs - sentMs < this.#cooldownMs) continue;
      if (held === null) this.#seen.delete(key);
      else {
        this.#let(held, nowMs);
        ready.push(withCount(held, count - 1, sentMs));
      }
    }
    return ready.toSorted((a, b) => a.atMs - b.atMs);
  }

  /** When `due` next has something; null when nothing is held back. */
  nextDueMs(): number | null {
    let next: number | null = null;
    for (const { sentMs, held } of this.#seen.values())
      if (held !== null)
        next = Math.min(next ?? Number.POSITIVE_INFINITY, sentMs + this.#cooldownMs);
    return next;
  }

  #let(alert: Alert, nowMs: number): void {
    this.#seen.delete(alert.key);
    this.#seen.set(alert.key, { sentMs: nowMs, held: null, count: 0 });
    for (const key of this.#seen.keys()) {
      if (this.#seen.size <= KEYS_MAX) break;
      this.#seen.delete(key);
    }
  }
}

function withCount(alert: Alert, others: number, sinceMs: number): Alert {
  if (others <= 0) return alert;
  const since = new Date(sinceMs).toISOString().slice(11, 19);
  return { ...alert, text: `${alert.text} (and ${others} more like it since ${since} UTC)` };
}
