import type { StepTimes } from "../sequencer.ts";
import type { Logger } from "./logger.ts";

/** A step that takes longer, its wait included, has no room left in the budget from event to wire. */
const BUDGET_MS = 3;
/** One line for so long: a slow machine must not fill the log. */
const TELL_EVERY_MS = 10_000;

/** Steps over budget, gathered: how many since the last line, and the slowest with its parts. */
export function slowSteps(log: Logger, monotonicMs: () => number): (times: StepTimes) => void {
  let count = 0;
  let worst: StepTimes | null = null;
  let toldMs = Number.NEGATIVE_INFINITY;
  return (times) => {
    if (totalMs(times) <= BUDGET_MS) return;
    count++;
    if (worst === null || totalMs(times) > totalMs(worst)) worst = times;
    const nowMs = monotonicMs();
    if (nowMs - toldMs < TELL_EVERY_MS) return;
    const { queuedMs, handlerMs, riskMs, commitMs } = worst;
    log.write("info", "slowSteps", {
      count,
      budgetMs: BUDGET_MS,
      queuedMs,
      handlerMs,
      riskMs,
      commitMs,
    });
    count = 0;
    worst = null;
    toldMs = nowMs;
  };
}

function totalMs({ queuedMs, handlerMs, riskMs, commitMs }: StepTimes): number {
  return queuedMs + handlerMs + riskMs + commitMs;
}
