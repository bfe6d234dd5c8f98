import {
  countText,
  dateTimeText,
  millisText,
  moneyText,
  moneyWords,
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
    ["fills", fillsLine(fills, summary)],
    ...causeLines(fills.byCause),
    ["position", positionLine(summary)],
    ["pnl", profitLine(summary)],
    ["", closingLine(summary)],
    ...folderLines(summary),
    [
      "actions",
      `${countText(actions.used)} used, ${actions.left === null ? "what is left was not read" : `${countText(actions.left)} left`}`,
    ],
    [
      "latency",
      `event to wire ${millisText(latencyMs.eventToWire.p50)} (p99 ${millisText(latencyMs.eventToWire.p99)}), round trip ${millisText(latencyMs.roundTrip.p50)} (p99 ${millisText(latencyMs.roundTrip.p99)})`,
    ],
    ...volSummaryLines(summary.volatility),
    ["left over", openOrdersLine(summary)],
    ...summary.errors.map((error): [string, string] => ["error", error]),
  ];
  const stamp = stampText({ ...summary, speed: 1 });
  const differs = !Number.isNaN(position.venueLots) && position.lots !== position.venueLots;
  const agree = differs ? "\nThe books do not agree: see above." : "";
  const words = moneyWords(summary.mode);
  const money = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  return `${summary.market}  ${stamp}. ${money}\n\n${pairLines(pairs)}${agree}`;
}

function fillsLine(
  { count, maker, taker, notionalUsd }: Omit<RunSummary["fills"], "byCause">,
  { collateral }: RunSummary,
): string {
  return `${countText(count)} (${countText(maker)} maker, ${countText(taker)} taker), ${moneyText(micro(notionalUsd))} ${collateral} traded`;
}

/** Orders and fills are of this run, the profit is of all runs. */
function folderLines(summary: RunSummary): [string, string][] {
  const { folder } = summary;
  if (folder === null) return [];
  return [
    ["", `of all runs in this folder, since ${dateTimeText(folder.sinceMs)} UTC:`],
    ["", `fills ${fillsLine(folder.fills, summary)}`],
  ];
}

function openOrdersLine({ openOrdersAtEnd }: RunSummary): string {
  if (Number.isNaN(openOrdersAtEnd)) return "OPEN ORDERS NOT KNOWN: the exchange did not answer";
  return openOrdersAtEnd === 0 ? "no open orders" : `${countText(openOrdersAtEnd)} OPEN ORDERS`;
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
  if (Number.isNaN(position.venueLots)) return `${own} contracts, the exchange was not read`;
  if (position.lots === position.venueLots) return `${own} contracts, as the exchange has it`;
  return `${own} contracts, but ${positionText(position.venueLots, szDecimals)} ON THE EXCHANGE`;
}

function profitLine({ pnl, collateral }: RunSummary): string {
  if (Number.isNaN(pnl.total)) return "not known: the account was not read";
  const money = (tokens: number): string => signedMoneyText(micro(tokens));
  return `${money(pnl.total)} ${collateral} = spread ${money(pnl.spread)}, adverse ${money(pnl.adverse)}, inventory ${money(pnl.inventory)}, funding ${money(pnl.funding)}, fees ${money(-pnl.fees)}`;
}

function closingLine({ pnl }: RunSummary): string {
  if (Number.isNaN(pnl.accountChange)) return "nothing to compare it with";
  const change = `account changed by ${signedMoneyText(micro(pnl.accountChange))}`;
  return pnl.residualMicroUsd === 0
    ? `${change}: the parts add up to it exactly`
    : `${change}: ${countText(pnl.residualMicroUsd)} micro-USD UNEXPLAINED`;
}
