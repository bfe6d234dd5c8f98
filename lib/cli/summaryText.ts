import {
  countText,
  millisText,
  moneyText,
  positionText,
  signedMoneyText,
  spanText,
  stampText,
} from "../dashboard/format.ts";
import type { RunSummary } from "../runtime/summary.ts";
import { pairLines } from "./table.ts";
import { volSummaryLines } from "./volText.ts";

const micro = (tokens: number): number => tokens * 1e6;

/** The end of a run for people. Says first what it was, so that no number passes for real money. */
export function renderSummary(summary: RunSummary): string {
  const { orders, fills, position, actions, latencyMs } = summary;
  const rejected = Object.entries(orders.rejected).toSorted((a, b) => b[1] - a[1]);
  const refusals = rejected.reduce((sum, [, times]) => sum + times, 0);
  const pairs: [string, string][] = [
    ["ran for", spanText(summary.durationMs)],
    [
      "orders",
      `${countText(orders.placed)} placed, ${countText(orders.modified)} moved, ${countText(orders.cancelled)} cancelled, ${countText(refusals)} rejected`,
    ],
    ...rejected.map(([reason, times]): [string, string] => ["", `${countText(times)} × ${reason}`]),
    [
      "fills",
      `${countText(fills.count)} (${countText(fills.maker)} maker, ${countText(fills.taker)} taker), ${moneyText(micro(fills.notionalUsd))} ${summary.collateral} traded`,
    ],
    ...causeLines(fills.byCause),
    ["position", positionLine(summary)],
    ["pnl", profitLine(summary)],
    ["", closingLine(summary)],
    [
      "actions",
      `${countText(actions.used)} used, ${actions.left === null ? "what is left was not read" : `${countText(actions.left)} left`}`,
    ],
    [
      "latency",
      `event to wire ${millisText(latencyMs.eventToWire.p50)} (p99 ${millisText(latencyMs.eventToWire.p99)}), round trip ${millisText(latencyMs.roundTrip.p50)} (p99 ${millisText(latencyMs.roundTrip.p99)})`,
    ],
    ...volSummaryLines(summary.volatility),
    [
      "left over",
      summary.openOrdersAtEnd === 0
        ? "no open orders"
        : `${countText(summary.openOrdersAtEnd)} OPEN ORDERS`,
    ],
    ...summary.errors.map((error): [string, string] => ["error", error]),
  ];
  const stamp = stampText({ ...summary, speed: 1 });
  const agree = position.lots === position.venueLots ? "" : "\nThe books do not agree: see above.";
  const money = summary.mode === "live" ? "Real money." : "No real money.";
  return `${summary.market}  ${stamp}. ${money}\n\n${pairLines(pairs)}${agree}`;
}

function causeLines(causes: RunSummary["fills"]["byCause"]): [string, string][] {
  if (causes === null) return [];
  const { queue, through, taker } = causes;
  return [
    [
      "",
      `${countText(queue)} when the queue came to us, ${countText(through)} when the price traded through, ${countText(taker)} taken by us`,
    ],
  ];
}

function positionLine({ position, szDecimals }: RunSummary): string {
  const own = positionText(position.lots, szDecimals);
  if (position.lots === position.venueLots) return `${own} contracts, as the exchange has it`;
  return `${own} contracts, but ${positionText(position.venueLots, szDecimals)} ON THE EXCHANGE`;
}

function profitLine({ pnl, collateral }: RunSummary): string {
  const money = (tokens: number): string => signedMoneyText(micro(tokens));
  return `${money(pnl.total)} ${collateral} = spread ${money(pnl.spread)}, adverse ${money(pnl.adverse)}, inventory ${money(pnl.inventory)}, funding ${money(pnl.funding)}, fees ${money(-pnl.fees)}`;
}

function closingLine({ pnl }: RunSummary): string {
  const change = `account changed by ${signedMoneyText(micro(pnl.accountChange))}`;
  return pnl.residualMicroUsd === 0
    ? `${change}: the parts add up to it exactly`
    : `${change}: ${countText(pnl.residualMicroUsd)} micro-USD UNEXPLAINED`;
}
