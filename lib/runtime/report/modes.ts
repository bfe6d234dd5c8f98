import type { RiskMode } from "../../messages/state.ts";
import type { DecisionRow } from "../../store/readModel.ts";
import type { Stretch } from "./coverage.ts";

export const MODES = ["normal", "widened", "reduceOnly", "flatten", "halted"] as const;
/** Milliseconds by risk mode. */
export type ModeTimes = { readonly [M in RiskMode]: number };

/** Time spent in each risk mode, of the time that the bot was there. Changes are exact; readings only say when it was. */
export function modeTimes(
  stretches: readonly Stretch[],
  changes: readonly DecisionRow[],
): ModeTimes {
  const times = { normal: 0, widened: 0, reduceOnly: 0, flatten: 0, halted: 0 };
  let next = 0;
  for (const { fromMs, toMs, reading } of stretches) {
    let mode = reading.mode ?? "normal";
    let sinceMs = fromMs;
    while ((changes[next]?.atMs ?? Number.POSITIVE_INFINITY) <= fromMs) next++;
    for (let i = next; i < changes.length; i++) {
      const change = changes[i];
      if (change === undefined || change.atMs >= toMs) break;
      times[mode] += change.atMs - sinceMs;
      sinceMs = change.atMs;
      mode = asMode(change.reason);
    }
    times[mode] += toMs - sinceMs;
  }
  return times;
}

function asMode(text: string): RiskMode {
  return MODES.find((mode) => mode === text) ?? "normal";
}
