import {
  bpsText,
  countText,
  dateTimeText,
  moneyText,
  MODE_WORDS,
  moneyWords,
  percentText,
  signedMoneyText,
  spanText,
} from "../dashboard/format.ts";
import { markoutGroups } from "../dashboard/markouts.ts";
import { MARKOUT_SECONDS } from "../messages/state.ts";
import { MARKOUT_HORIZONS_MS } from "../runtime/report/markouts.ts";
import { MODES } from "../runtime/report/modes.ts";
import { forecastText } from "../runtime/forecastScore.ts";
import { historyText, trainingText } from "../dashboard/volText.ts";
import type { Report } from "../runtime/report/report.ts";
import type { Interval } from "../runtime/report/statistics.ts";
import { pairLines, textTable } from "./table.ts";

/** First what the numbers are, then the numbers. */
export function reportText(report: Report): string {
  const parts = [
    stampLines(report),
    summaryLines(report),
    daysTable(report),
    markoutsTable(report),
    causesTable(report),
    placementsTable(report),
    gatesTable(report),
    report.caveats.map((caveat) => `note: ${caveat}`).join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function stampLines({ stamp, fromMs, toMs, coverage, volatility, forecast }: Report): string {
  const span = `${dateTimeText(fromMs)} to ${dateTimeText(toMs)} UTC (${spanText(toMs - fromMs)}), ${percentText(coverage.uptime, 2)} covered`;
  if (stamp === null) return `unknown run\n${span}`;
  const seed = stamp.seed === null ? "" : `, seed ${stamp.seed}`;
  const speed = stamp.speed === 1 ? "" : `, ${stamp.speed}× speed`;
  return [
    `${stamp.market}  ${MODE_WORDS[stamp.mode]}, ${moneyWords(stamp.mode)}${seed}${speed}`,
    `feed        ${stamp.feed}`,
    `fill model  ${stamp.fillModel}`,
    `fees        maker ${bpsText(stamp.makerFeeBps)} bp, taker ${bpsText(stamp.takerFeeBps)} bp; leverage ${stamp.leverage}`,
    `history     ${historyText(volatility?.lastFetch ?? null)}`,
    `training    ${trainingText(volatility?.training ?? null)}`,
    `forecast    ${forecastText(forecast)}`,
    `window      ${span}`,
  ].join("\n");
}

function summaryLines(report: Report): string {
  const { trades, pnl, coverage, drawdown, actions, modeMs } = report;
  const token = report.stamp?.collateral ?? "";
  const pairs: [string, string][] = [
    [
      "trades",
      `${countText(trades.count)} (${countText(trades.maker)} maker, ${countText(trades.taker)} taker), ${trades.perDay === null ? "–" : countText(trades.perDay)} a day, ${moneyText(trades.notionalMicroUsd)} ${token} traded`,
    ],
    [
      "maker ratio",
      `${percentText(trades.makerRatio, 2)} of trades, ${percentText(trades.makerNotionalRatio, 2)} of notional`,
    ],
    ...pnlPairs(report, token),
    [
      "return",
      `${percentText(report.returned, 3)} of ${moneyText(report.equity.startMicroUsd)} ${token}`,
    ],
    [
      "drawdown",
      drawdown === null
        ? "–"
        : `${percentText(drawdown.fraction, 3)} (${moneyText(drawdown.microUsd)}), from ${dateTimeText(drawdown.peakMs)} to ${dateTimeText(drawdown.troughMs)}`,
    ],
    ["Sharpe", sharpeLine(report)],
    [
      "Sortino",
      report.sortino === null
        ? "– (needs two complete days, one of them losing)"
        : report.sortino.toFixed(2),
    ],
    [
      "quoting",
      `both sides ${percentText(coverage.bothSides)}, at least one ${percentText(coverage.anySide)}, up ${percentText(coverage.uptime, 2)}`,
    ],
    [
      "risk modes",
      MODES.map((mode) => `${mode} ${shareText(modeMs[mode], coverage.coveredMs)}`).join(", "),
    ],
    [
      "actions",
      `${countText(actions.total)}, ${actions.perFill === null ? "–" : actions.perFill.toFixed(1)} per fill`,
    ],
  ];
  if (pnl === null) pairs.push(["profit", "the books were never comparable with the account"]);
  return pairLines(pairs);
}

function pnlPairs({ pnl }: Report, token: string): [string, string][] {
  if (pnl === null) return [];
  const money = signedMoneyText;
  return [
    [
      "gross",
      `${money(pnl.gross)} ${token} = spread ${money(pnl.spread)}, adverse ${money(pnl.adverse)}, inventory ${money(pnl.inventory)}`,
    ],
    [
      "net",
      `${money(pnl.net)} ${token} = gross ${money(pnl.gross)}, funding ${money(pnl.funding)}, fees ${money(-pnl.fees)}`,
    ],
    [
      "account",
      `changed by ${money(pnl.accountChange)}; residual ${pnl.residual === 0 ? "0: the parts add up exactly" : `${countText(pnl.residual)} micro-USD UNEXPLAINED (or money paid in or out)`}`,
    ],
  ];
}

function sharpeLine({ sharpe, independentDays }: Report): string {
  if (sharpe === null)
    return `– (${independentDays} complete days; two with different returns are needed)`;
  return `${intervalText(sharpe, (value) => value.toFixed(2))} annualised, ${independentDays} independent days`;
}

/** "1.20 (0.40 to 2.00)". */
function intervalText(interval: Interval | null, show: (value: number) => string): string {
  if (interval === null) return "–";
  const { mean, low, high } = interval;
  if (low === null || high === null) return show(mean);
  return `${show(mean)} (${show(low)} to ${show(high)})`;
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? "–" : percentText(part / whole, 2);
}

function daysTable({ days }: Report): string {
  if (days.length === 0) return "";
  const head = ["24 h from", "trades", "net", "return", "drawdown", "reduce-only", "up", ""];
  const rows = days.map((day) => [
    dateTimeText(day.fromMs).slice(0, 16),
    countText(day.trades),
    signedMoneyText(day.pnl?.net ?? null, 4),
    percentText(day.returned, 3),
    percentText(day.drawdown, 3),
    percentText(day.reduceOnlyShare, 2),
    percentText(day.uptime, 1),
    day.complete ? "" : "incomplete",
  ]);
  return textTable(head, rows, [
    "left",
    "right",
    "right",
    "right",
    "right",
    "right",
    "right",
    "left",
  ]);
}

function markoutsTable({ markouts }: Report): string {
  if (markouts.length === 0) return "";
  const horizons = MARKOUT_HORIZONS_MS.map((horizonMs) => `after ${spanText(horizonMs)}`);
  const head = ["markouts, bp", "placement", "fills", "at the fill", ...horizons];
  const rows = markouts.map((row) => [
    row.side,
    row.placement,
    countText(row.fills),
    intervalText(row.atFillBps, bpsText),
    ...row.afterBps.map((interval) => intervalText(interval, bpsText)),
  ]);
  return textTable(head, rows, ["left", "left"]);
}

/** Whether takers ended at our price ("queue") or went on beyond it ("through"), as public trades tell. */
function causesTable({ exactMarkouts }: Report): string {
  if (exactMarkouts.length === 0) return "";
  const groups = markoutGroups(exactMarkouts);
  const head = [
    "since the start, bp",
    "placement",
    "cause",
    "fills",
    ...MARKOUT_SECONDS.map((seconds) => `after ${seconds} s`),
  ];
  const rows = groups.map(({ side, kind, cause, fills, means }) => [
    side,
    kind,
    cause,
    countText(fills),
    ...means.map((mean) => (mean === null ? "–" : bpsText(mean))),
  ]);
  return textTable(head, rows, ["left", "left", "left"]);
}

function placementsTable({ placements }: Report): string {
  if (placements.length === 0) return "";
  const head = ["placement", "sent", "rested", "refused", "fills", "fill rate", "share of fills"];
  const all = placements.reduce((sum, { fills }) => sum + fills, 0);
  const rows = placements.map((row) => [
    row.placement,
    countText(row.sent),
    countText(row.rested),
    countText(row.rejected),
    countText(row.fills),
    percentText(row.fillRate, 2),
    shareText(row.fills, all),
  ]);
  return textTable(head, rows, ["left"]);
}

const MARKS = { pass: "PASS", fail: "FAIL", "not enough data": "NOT ENOUGH DATA" } as const;

function gatesTable({ gates }: Report): string {
  const head = ["gate", "target", "measured", "verdict", ""];
  const rows = gates.map((gate) => [
    gate.name,
    gate.target,
    gate.value,
    MARKS[gate.verdict],
    gate.detail,
  ]);
  return textTable(head, rows, ["left", "left", "right", "left", "left"]);
}
