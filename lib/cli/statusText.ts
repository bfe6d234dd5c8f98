import {
  bpsText,
  countText,
  dateTimeText,
  doingText,
  millisText,
  moneyText,
  positionText,
  priceText,
  signedMoneyText,
  sizeText,
  stampText,
} from "../dashboard/format.ts";
import type { StatusReport } from "../runtime/status.ts";
import { counted } from "../units/counted.ts";
import { pairLines, textTable } from "./table.ts";
import { volStatusLines } from "./volText.ts";

const PLACING_WORDS = {
  free: "",
  paced: ", one order goes in eleven seconds",
  none: ", no order goes: what the venue still takes is kept for cancels",
} as const;

/** How many are left and for how long, by the pace of the last hours. */
function actionsText({ actionsLeft, actionForecast }: StatusReport): string {
  if (actionForecast === null) return countText(actionsLeft);
  const { mode, placing, spentPerHour, earnedPerHour, runwayHours } = actionForecast;
  const pace = `${spentPerHour.toFixed(0)} spent and ${earnedPerHour.toFixed(0)} earned per hour`;
  const lasts = runwayHours === null ? "lasts for ever" : `${runwayHours.toFixed(1)} h left`;
  const slowed = mode === "free" ? "" : `, quoting is ${mode}`;
  const left = (actionsLeft ?? 0) < 1 ? "none" : countText(actionsLeft);
  return `${left}${PLACING_WORDS[placing]}, ${pace}, ${lasts}${slowed}`;
}

/** First line of every answer: what it is, and that it is no real money. */
function statusHeading(status: StatusReport): string {
  const market = status.spec?.market ?? "no market yet";
  if (status.run === null)
    return `${market}  no bot answers, last known state at ${dateTimeText(status.atMs)} UTC`;
  return `${market}  ${stampText(status.run)}  at ${dateTimeText(status.atMs)} UTC`;
}

/** The state of the bot as lines for people. */
export function statusText(status: StatusReport): string {
  const sz = status.spec?.szDecimals ?? 0;
  const token = status.spec?.collateralName ?? "";
  const pnl = status.pnlMicroUsd;
  const { fills, touch, risk, account } = status;
  const bids = status.orders.filter((order) => order.side === "bid");
  const asks = status.orders.filter((order) => order.side === "ask");
  const pairs: [string, string][] = [
    ["phase", doingText(status.phase, status.risk.mode)],
    ["feeds", `market ${status.feeds.market}, account ${status.feeds.account}`],
    ["touch", `${priceText(touch.bidPxTicks, sz)} / ${priceText(touch.askPxTicks, sz)}`],
    [
      "quotes",
      `${counted(bids.length, "bid")} from ${priceText(bids[0]?.pxTicks ?? null, sz)}, ${counted(asks.length, "ask")} from ${priceText(asks[0]?.pxTicks ?? null, sz)}`,
    ],
    ["position", `${positionText(status.positionLots, sz)} contracts`],
    [
      "equity",
      account === null
        ? "not read"
        : `${moneyText(account.equityMicroUsd)} ${token}, ${moneyText(account.marginUsedMicroUsd)} held as margin, ${moneyText(account.withdrawableMicroUsd)} withdrawable`,
    ],
    [
      "pnl",
      `${signedMoneyText(pnl.total)} ${token} = spread ${signedMoneyText(pnl.spread)}, adverse ${signedMoneyText(pnl.adverse)}, inventory ${signedMoneyText(pnl.inventory)}, funding ${signedMoneyText(pnl.funding)}, fees ${signedMoneyText(-pnl.fees)}`,
    ],
    [
      "fills",
      `${countText(fills.count)} (${countText(fills.maker)} maker, ${countText(fills.taker)} taker), ${moneyText(status.tradedMicroUsd.maker + status.tradedMicroUsd.taker)} traded`,
    ],
    ["risk", `${risk.mode}: ${risk.reason}${sinceText(risk.sinceMs)}`],
    ["actions left", actionsText(status)],
  ];
  pairs.push(...volStatusLines(status.volatility));
  if (status.reconcileFailure !== null) pairs.push(["not reconciled", status.reconcileFailure]);
  if (status.latencyMs !== null) {
    const { eventToWire, roundTrip } = status.latencyMs;
    pairs.push([
      "latency",
      `event to wire ${millisText(eventToWire.p50)} (p99 ${millisText(eventToWire.p99)}), round trip ${millisText(roundTrip.p50)} (p99 ${millisText(roundTrip.p99)})`,
    ]);
  }
  return `${statusHeading(status)}\n\n${pairLines(pairs)}`;
}

/** The working orders as a table for people. */
export function ordersText(status: StatusReport): string {
  const sz = status.spec?.szDecimals ?? 0;
  if (status.orders.length === 0) return `${statusHeading(status)}\n\nno orders`;
  const asks = status.orders.filter((order) => order.side === "ask").toReversed();
  const bids = status.orders.filter((order) => order.side === "bid");
  const rows = [...asks, ...bids].map((order) => [
    order.side,
    priceText(order.pxTicks, sz),
    sizeText(order.leavesLots, sz),
    sizeText(order.origLots, sz),
    sizeText(order.queueAheadLots, sz),
    bpsText(order.edgeBps),
    order.phase,
    order.reduceOnly ? "yes" : "",
    dateTimeText(order.placedMs).slice(11),
    order.oid === null ? "–" : String(order.oid),
    order.cloid,
  ]);
  const head = [
    "side",
    "price",
    "size",
    "of",
    "ahead",
    "edge bp",
    "phase",
    "reduce-only",
    "placed",
    "oid",
    "cloid",
  ];
  const table = textTable(head, rows, [
    "left",
    "right",
    "right",
    "right",
    "right",
    "right",
    "left",
    "left",
  ]);
  return `${statusHeading(status)}\n\n${table}`;
}

/** A mode that never changed has no beginning. */
function sinceText(sinceMs: number): string {
  return sinceMs === 0 ? "" : ` (since ${dateTimeText(sinceMs)} UTC)`;
}
