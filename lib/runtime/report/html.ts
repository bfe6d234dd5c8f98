import {
  bpsText,
  countText,
  dateTimeText,
  fixed,
  MODE_WORDS,
  moneyText,
  moneyWords,
  percentText,
  signedMoneyText,
  spanText,
} from "../../dashboard/format.ts";
import { markoutGroups } from "../../dashboard/markouts.ts";
import { MARKOUT_SECONDS } from "../../messages/state.ts";
import { forecastText } from "../forecastScore.ts";
import { historyText, trainingText } from "../../dashboard/volText.ts";
import type { Verdict } from "./gates.ts";
import { MARKOUT_HORIZONS_MS } from "./markouts.ts";
import { MODES } from "./modes.ts";
import { barPlot, escapeHtml, linePlot } from "./plots.ts";
import type { Bar } from "./plots.ts";
import { drawdownPoints, equityPoints, splitSeries } from "./reportSeries.ts";
import type { Report } from "./report.ts";
import type { ReportData } from "./reportData.ts";
import { REPORT_STYLE } from "./reportStyle.ts";
import type { Interval } from "./statistics.ts";

/** One file without a script or a foreign address: it can be mailed, archived and read in ten years. */
export function reportHtml(report: Report, data: ReportData): string {
  const title = `${report.stamp?.market ?? "Report"} · ${dateTimeText(report.toMs)} UTC`;
  const sections = [
    header(report),
    tiles(report),
    section("Equity", equityPlot(report, data)),
    section("Profit by its parts", splitPlot(report, data)),
    section("Days", daysPlot(report) + daysTable(report)),
    section("What the mid did after our fills", markoutPlot(report) + markoutTable(report)),
    section("The same by cause, since the start", causeTable(report)),
    section("Placement", placementTable(report)),
    section("Risk modes", modeBar(report)),
    section("Gates before live money", gateTable(report)),
    section(
      "To know",
      `<ul>${report.caveats.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul>`,
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function header({ stamp, fromMs, toMs, coverage, volatility, forecast }: Report): string {
  const window = `${dateTimeText(fromMs)} to ${dateTimeText(toMs)} UTC · ${spanText(toMs - fromMs)} · ${percentText(coverage.uptime, 2)} covered`;
  if (stamp === null) return `<header><h1>Report</h1><p>${escapeHtml(window)}</p></header>`;
  const seed = stamp.seed === null ? "" : `, seed ${stamp.seed}`;
  const facts = [
    `<b>${MODE_WORDS[stamp.mode]} · ${moneyWords(stamp.mode)}</b>`,
    escapeHtml(window),
    escapeHtml(`Feed: ${stamp.feed}${seed}`),
    escapeHtml(`Fill model: ${stamp.fillModel}`),
    escapeHtml(
      `Fees: maker ${bpsText(stamp.makerFeeBps)} bp, taker ${bpsText(stamp.takerFeeBps)} bp. Leverage ${stamp.leverage}. Speed ${stamp.speed}.`,
    ),
    escapeHtml(
      `Volatility: history ${historyText(volatility?.lastFetch ?? null)}; training ${trainingText(volatility?.training ?? null)}.`,
    ),
    escapeHtml(`Forecast: ${forecastText(forecast)}.`),
  ];
  return `<header><h1>${escapeHtml(stamp.market)}</h1>${facts.map((fact) => `<p>${fact}</p>`).join("")}</header>`;
}

function tiles(report: Report): string {
  const { trades, pnl, drawdown, sharpe, actions, coverage } = report;
  const items: readonly (readonly [string, string, string])[] = [
    [
      "Net profit",
      signedMoneyText(pnl?.net ?? null),
      pnl === null
        ? "the books were never comparable"
        : pnl.residual === 0
          ? "closes exactly with the account"
          : `${countText(pnl.residual)} micro-USD unexplained`,
    ],
    ["Return", percentText(report.returned, 3), `of ${moneyText(report.equity.startMicroUsd)}`],
    ["Drawdown", percentText(drawdown?.fraction ?? null, 3), moneyText(drawdown?.microUsd ?? null)],
    [
      "Sharpe",
      sharpe === null ? "–" : sharpe.mean.toFixed(2),
      sharpe === null
        ? `${report.independentDays} complete days are too few`
        : `${rangeText(sharpe, (value) => value.toFixed(1))}, ${sharpe.count} days`,
    ],
    [
      "Trades",
      countText(trades.count),
      `${trades.perDay === null ? "–" : countText(trades.perDay)} a day, ${percentText(trades.makerRatio)} maker`,
    ],
    [
      "Quoting",
      percentText(coverage.bothSides),
      `both sides; one at least ${percentText(coverage.anySide)}`,
    ],
    [
      "Actions",
      countText(actions.total),
      actions.perFill === null ? "no fills" : `${actions.perFill.toFixed(1)} per fill`,
    ],
  ];
  const boxes = items.map(
    ([name, value, about]) =>
      `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(about)}</small></dd></div>`,
  );
  return `<dl class="tiles">${boxes.join("")}</dl>`;
}

const timeText = (atMs: number): string => dateTimeText(atMs).slice(5, 16);

function equityPlot({ stamp }: Report, { readings }: ReportData): string {
  const token = stamp?.collateral ?? "";
  return (
    linePlot({
      label: `Account value in ${token}, as the exchange reported it`,
      series: [{ name: "equity", colour: "total", points: equityPoints(readings) }],
      xText: timeText,
      yText: moneyText,
      yUnit: 1e6,
    }) +
    linePlot({
      label: "Fall below the peak so far",
      series: [{ name: "drawdown", colour: "adverse", points: drawdownPoints(readings) }],
      xText: timeText,
      yText: percentText,
      yUnit: 0.01,
    })
  );
}

function splitPlot({ pnl }: Report, { readings }: ReportData): string {
  const plot = linePlot({
    label: "Profit since the start of the window, by part",
    series: splitSeries(readings),
    xText: timeText,
    yText: moneyText,
    yUnit: 1e6,
  });
  if (pnl === null) return plot;
  const rows: readonly (readonly [string, number])[] = [
    ["Spread", pnl.spread],
    ["Adverse selection", pnl.adverse],
    ["Inventory", pnl.inventory],
    ["Funding", pnl.funding],
    ["Fees", -pnl.fees],
    ["Net", pnl.net],
    ["Change of the account", pnl.accountChange],
    ["Residual", pnl.residual],
  ];
  return (
    plot +
    table(
      ["Part", "Amount"],
      rows.map(([name, value]) => [name, signedMoneyText(value, 6)]),
    )
  );
}

function daysPlot({ days }: Report): string {
  const bars = days.map((day): Bar => {
    const value = day.pnl?.net ?? 0;
    return {
      label: timeText(day.fromMs).slice(0, 5),
      value,
      colour: value < 0 ? "adverse" : "spread",
    };
  });
  return barPlot({ label: "Net profit of each 24 hours", bars, yText: moneyText, yUnit: 1e6 });
}

function daysTable({ days }: Report): string {
  const head = ["24 h from", "Trades", "Net", "Return", "Drawdown", "Reduce-only", "Up"];
  const rows = days.map((day) => [
    `${dateTimeText(day.fromMs).slice(0, 16)}${day.complete ? "" : " (incomplete)"}`,
    countText(day.trades),
    signedMoneyText(day.pnl?.net ?? null, 4),
    percentText(day.returned, 3),
    percentText(day.drawdown, 3),
    percentText(day.reduceOnlyShare, 2),
    percentText(day.uptime),
  ]);
  return table(head, rows);
}

function markoutPlot({ markouts }: Report): string {
  const bars = markouts.flatMap((row) =>
    row.afterBps.slice(0, 2).flatMap((interval, i): readonly Bar[] => {
      if (interval === null) return [];
      const { mean, low, high } = interval;
      const label = `${row.side} ${row.placement} ${spanText(MARKOUT_HORIZONS_MS[i] ?? 0)}`;
      return [{ label, value: mean, low, high, colour: row.side === "bid" ? "bid" : "ask" }];
    }),
  );
  const label = "Move of the mid our way after a fill, in bp, with 95 % intervals";
  return barPlot({ label, bars, yText: fixed, yUnit: 1 });
}

function markoutTable({ markouts }: Report): string {
  const head = [
    "Side",
    "Placement",
    "Fills",
    "At the fill, bp",
    ...MARKOUT_HORIZONS_MS.map((horizonMs) => `After ${spanText(horizonMs)}`),
  ];
  const rows = markouts.map((row) => [
    row.side,
    row.placement,
    countText(row.fills),
    ...[row.atFillBps, ...row.afterBps].map((interval) =>
      interval === null ? "–" : `${bpsText(interval.mean)}\n${rangeText(interval, bpsText)}`.trim(),
    ),
  ]);
  return table(head, rows, 2);
}

function causeTable({ exactMarkouts }: Report): string {
  const seconds = MARKOUT_SECONDS.map((count) => `After ${count} s, bp`);
  const rows = markoutGroups(exactMarkouts).map(({ side, kind, cause, fills, means }) => [
    side,
    kind,
    cause,
    countText(fills),
    ...means.map((mean) => (mean === null ? "–" : bpsText(mean))),
  ]);
  return table(["Side", "Placement", "Cause", "Fills", ...seconds], rows, 3);
}

function placementTable({ placements }: Report): string {
  const head = ["Placement", "Sent", "Rested", "Refused", "Fills", "Fill rate", "Notional"];
  const rows = placements.map((row) => [
    row.placement,
    countText(row.sent),
    countText(row.rested),
    countText(row.rejected),
    countText(row.fills),
    percentText(row.fillRate, 2),
    moneyText(row.notionalMicroUsd, 2),
  ]);
  return table(head, rows);
}

function modeBar({ modeMs, coverage }: Report): string {
  const share = (spanMs: number): number =>
    coverage.coveredMs === 0 ? 0 : spanMs / coverage.coveredMs;
  const parts = MODES.filter((mode) => modeMs[mode] > 0);
  const bar = parts.map(
    (mode) =>
      `<i class="${mode}" style="width:${(100 * share(modeMs[mode])).toFixed(3)}%" title="${mode}"></i>`,
  );
  const rows = MODES.map((mode) => [
    mode,
    spanText(modeMs[mode]),
    percentText(share(modeMs[mode]), 2),
  ]);
  return `<div class="modes" aria-hidden="true">${bar.join("")}</div>${table(["Mode", "Time", "Share"], rows)}`;
}

const VERDICT_CLASS: Readonly<Record<Verdict, string>> = {
  pass: "pass",
  fail: "fail",
  "not enough data": "open",
};

function gateTable({ gates }: Report): string {
  const rows = gates.map(
    (gate) =>
      `<tr><td>${escapeHtml(gate.name)}</td><td>${escapeHtml(gate.target)}</td><td>${escapeHtml(gate.value)}</td><td class="${VERDICT_CLASS[gate.verdict]}">${gate.verdict}</td><td class="text">${escapeHtml(gate.detail)}</td></tr>`,
  );
  const head =
    '<tr><th>Gate</th><th>Target</th><th>Measured</th><th>Verdict</th><th class="text">Why</th></tr>';
  return `<div class="wide"><table><thead>${head}</thead><tbody>${rows.join("")}</tbody></table></div>`;
}

/**
 * A further line of a cell is small print.
 * @param words columns from the left that hold words; the others hold figures
 */
function table(head: readonly string[], rows: readonly (readonly string[])[], words = 1): string {
  const cells = (values: readonly string[], tag: "th" | "td"): string =>
    values
      .map((value, i) => {
        const [first = "", ...below] = value.split("\n").map(escapeHtml);
        const text = [first, ...below.map((line) => `<small>${line}</small>`)].join("");
        return `<${tag}${i < words ? "" : ' class="figure"'}>${text}</${tag}>`;
      })
      .join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("");
  return `<div class="wide"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function rangeText({ low, high }: Interval, show: (value: number) => string): string {
  return low === null || high === null ? "" : `(${show(low)} to ${show(high)})`;
}
