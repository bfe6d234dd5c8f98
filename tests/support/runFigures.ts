import { defaultParams } from "../../lib/core/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import type { MarkoutCell } from "../../lib/messages/state.ts";
import type { Params } from "../../lib/messages/params.ts";
import type { ScenarioName } from "../../lib/venue/feeds/scenarios.ts";
import { QuoteMeter } from "./quoteMeter.ts";
import type { PlacementTally } from "./quoteMeter.ts";
import type { Variant } from "./variants.ts";

const DAY_MS = 86_400_000;

/** One market to run in: a seed of the simulated one, or a recording. */
export type Setting =
  | {
      readonly kind: "simulated";
      readonly scenario: ScenarioName;
      readonly seed: number;
      readonly days: number;
    }
  | {
      readonly kind: "tape";
      readonly path: string;
      readonly sha256: string;
      readonly coin: string;
      readonly fromMs: number;
      readonly durationMs: number;
    };

/** Figures of one run. Dollars are of the collateral token. */
export type RunFigures = {
  readonly pnlPerMillion: number;
  readonly pnlUsd: number;
  /** Spread earned and markout after ten seconds less fees, per dollar traded: what the mid's drift does not blur. */
  readonly edgeBps: number;
  /** The same in dollars: what a run without trades has none of. */
  readonly edgeUsd: number;
  readonly markout10sBps: number;
  readonly fills: number;
  readonly notionalUsd: number;
  readonly inventorySpreadUsd: number;
  readonly actions: number;
  readonly throttled: number;
  readonly reduceOnlyShare: number;
  readonly haltedShare: number;
  /** Largest fall of the account's equity from an earlier peak, per cent of the peak. */
  readonly drawdownPercent: number;
  readonly smartFillShare: number;
  /** Lots filled per million lot-seconds that the five best levels rested. */
  readonly fillRateFive: number;
  /** Fills in lots per million lot-seconds at rest, by placement. */
  readonly fillRate: { readonly [placement: string]: number };
  readonly markouts: { readonly [kindAndSeconds: string]: Sum };
};

export type Sum = { readonly fills: number; readonly bps: number };

/** What the handlers are told in a variant. */
export function paramsOf(variant: Variant): Params {
  return { ...defaultParams, ...variant.params };
}

/** Runs a variant in a setting, in this process and in virtual time, and measures it from outside. */
export async function runFigures(variant: Variant, setting: Setting): Promise<RunFigures> {
  const meter = new QuoteMeter();
  const summary = await simulate({
    ...marketOf(setting),
    params: paramsOf(variant),
    onProgress: () => {},
    onWarning: () => {},
    onAudit: (audit) => meter.onAudit(audit),
  });
  const { pnl, fills, actions, orders } = summary;
  const traded = Math.max(1, fills.notionalUsd);
  const edgeUsd = pnl.spread + pnl.adverse - pnl.fees;
  const smart =
    (meter.placements.get("gap")?.fills ?? 0) + (meter.placements.get("queue")?.fills ?? 0);
  return {
    pnlPerMillion: (1e6 * pnl.total) / traded,
    pnlUsd: pnl.total,
    edgeBps: (1e4 * edgeUsd) / traded,
    edgeUsd,
    markout10sBps: (1e4 * pnl.adverse) / traded,
    fills: fills.count,
    notionalUsd: fills.notionalUsd,
    inventorySpreadUsd: meter.inventorySpreadUsd(),
    actions: actions.used + (variant.cancelAndReplace === true ? orders.modified : 0),
    throttled: meter.throttled,
    reduceOnlyShare: meter.modeShare("reduceOnly"),
    haltedShare: meter.modeShare("halted"),
    drawdownPercent: 100 * meter.drawdown,
    smartFillShare: smart / Math.max(1, fills.count),
    fillRateFive: rateOf(meter.placements.get("five best")),
    markouts: markoutSums(meter.quality.cells),
    fillRate: Object.fromEntries(
      [...meter.placements].map(([placement, tally]) => [placement, rateOf(tally)]),
    ),
  };
}

function marketOf(setting: Setting) {
  if (setting.kind === "tape") {
    const { coin: symbol, path, fromMs, durationMs } = setting;
    return { symbol, seed: 1, durationMs, tape: { path, fromMs } };
  }
  const { seed, scenario, days } = setting;
  return { symbol: "US500", seed, scenario, durationMs: days * DAY_MS };
}

function rateOf(tally: PlacementTally | undefined): number {
  if (tally === undefined || tally.lotSeconds === 0) return 0;
  return (1e6 * tally.filledLots) / tally.lotSeconds;
}

function markoutSums(cells: readonly MarkoutCell[]): { readonly [key: string]: Sum } {
  const sums: { [key: string]: Sum } = {};
  for (const { kind, seconds, fills, bps } of cells) {
    const key = `${kind} ${seconds}`;
    const known = sums[key] ?? { fills: 0, bps: 0 };
    sums[key] = { fills: known.fills + fills, bps: known.bps + bps };
  }
  return sums;
}
