import type { Params } from "../messages/params.ts";
import type { RiskSlice, TriggerLevel, TriggerState } from "../messages/state.ts";
import type { Ms } from "../units/numbers.ts";

/** A level that a gauge reaches above `enter` and keeps down to `exit`, both in units of its limit. */
export type Step = { readonly level: TriggerLevel; readonly enter: number; readonly exit: number };

/** One measured quantity against its limit. */
export type Gauge = {
  readonly name: string;
  /** Value over limit, or limit over value where less is worse: above 1 the limit is exceeded. */
  readonly load: number;
  /** Mildest first. */
  readonly steps: readonly Step[];
  /** What people read: the value and the limit in words. Asked for only when the trigger rises. */
  readonly text: () => string;
};

type Triggers = NonNullable<RiskSlice["triggers"]>;

const SEVERITY: { readonly [L in TriggerLevel]: number } = {
  pulled: 0,
  widened: 1,
  reduceOnly: 2,
  flatten: 3,
};

export function severityOf(level: TriggerLevel): number {
  return SEVERITY[level];
}

/**
 * Each trigger for itself: it rises at once, keeps its level while the value is above what holds it, and falls only
 * after the value has been below for the dwell time without a break. A trigger whose gauge has no reading keeps its
 * level: what is unknown is not safe. The same reference comes back when nothing changed.
 */
export function updateTriggers(
  triggers: Triggers,
  gauges: readonly Gauge[],
  nowMs: Ms,
  params: Params,
): Triggers {
  let next = triggers;
  for (const gauge of gauges) {
    const held = triggers[gauge.name];
    const state = nextState(gauge, held, nowMs, params);
    if (state === held) continue;
    const { [gauge.name]: _, ...others } = next;
    next = state === undefined ? others : { ...others, [gauge.name]: state };
  }
  return next;
}

function nextState(
  gauge: Gauge,
  held: TriggerState | undefined,
  nowMs: Ms,
  params: Params,
): TriggerState | undefined {
  const level = supportedLevel(gauge, held);
  const rises = level !== null && (held === undefined || SEVERITY[level] > SEVERITY[held.level]);
  if (rises) return { level, text: gauge.text(), sinceMs: nowMs, calmMs: null };
  if (held === undefined) return undefined;
  if (level === held.level) return held.calmMs === null ? held : { ...held, calmMs: null };
  if (held.calmMs === null) return { ...held, calmMs: nowMs };
  const dwellMs = held.level === "pulled" ? params.pullDwellMs : params.riskDwellMs;
  if (nowMs - held.calmMs < dwellMs) return held;
  return level === null ? undefined : { level, text: gauge.text(), sinceMs: nowMs, calmMs: null };
}

/** The most severe level that the gauge enters, or holds after it was entered. */
function supportedLevel(gauge: Gauge, held: TriggerState | undefined): TriggerLevel | null {
  let supported: TriggerLevel | null = null;
  for (const { level, enter, exit } of gauge.steps) {
    const inside = held !== undefined && SEVERITY[level] <= SEVERITY[held.level];
    if (inside ? gauge.load > exit : gauge.load > enter) supported = level;
  }
  return supported;
}
