import type { RunReport } from "../training/report.ts";

const WIDTH = 960;
const HEIGHT = 260;
const MARGIN = { left: 56, right: 12, top: 12, bottom: 28 };
const COLOURS: Readonly<Record<string, string>> = {
  realised: "#9aa4b2",
  lstm: "#d1495b",
  har: "#00798c",
  garch: "#8d6a9f",
  ewma: "#edae49",
  champion: "#30638e",
};
/** Drawn in the plots; the table has all. */
const DRAWN: readonly string[] = ["ewma", "har", "champion", "lstm"];

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

type Axis = { readonly low: number; readonly high: number };

function axisOf(values: readonly number[]): Axis {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return high > low ? { low, high } : { low: low - 1, high: high + 1 };
}

function place(axis: Axis, from: number, to: number): (value: number) => number {
  return (value) => from + ((value - axis.low) / (axis.high - axis.low)) * (to - from);
}

function svg(label: string, body: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(label)}">${body.join("")}</svg>`;
}

function ticks(axis: Axis, y: (value: number) => number, format: (v: number) => string): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = axis.low + share * (axis.high - axis.low);
    const at = y(value).toFixed(1);
    return (
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}" class="grid"/>` +
      `<text x="${MARGIN.left - 6}" y="${at}" class="tick" text-anchor="end" dy="4">${format(value)}</text>`
    );
  });
}

function line(points: readonly (readonly [number, number])[], colour: string): string {
  const text = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return `<polyline points="${text}" fill="none" stroke="${colour}" stroke-width="1.4"/>`;
}

/** Forecasts over what came, both as volatility per square root of a second, on a log scale. */
function overTime(report: RunReport): string {
  const { endMs, realised, forecasts } = report.sample;
  const log = (variance: number): number =>
    Math.log10(1e4 * Math.sqrt(variance / (report.horizonMs / 1000)));
  const names = DRAWN.filter((name) => forecasts[name] !== undefined);
  const all = [realised, ...names.map((name) => forecasts[name] ?? [])].flat().map(log);
  const axis = axisOf(all);
  const x = place(axisOf(endMs), MARGIN.left, WIDTH - MARGIN.right);
  const y = place(axis, HEIGHT - MARGIN.bottom, MARGIN.top);
  const dots = realised.map(
    (value, i) =>
      `<circle cx="${x(endMs[i] ?? 0).toFixed(1)}" cy="${y(log(value)).toFixed(1)}" r="1.6" fill="${COLOURS["realised"]}"/>`,
  );
  const lines = names.map((name) =>
    line(
      (forecasts[name] ?? []).map((value, i) => [x(endMs[i] ?? 0), y(log(value))] as const),
      COLOURS[name] ?? "#000",
    ),
  );
  const first = new Date(endMs[0] ?? 0).toISOString().slice(0, 16);
  const last = new Date(endMs.at(-1) ?? 0).toISOString().slice(0, 16);
  const foot = `<text x="${MARGIN.left}" y="${HEIGHT - 8}" class="tick">${first} UTC</text><text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" class="tick" text-anchor="end">${last} UTC</text>`;
  const format = (value: number): string => (10 ** value).toFixed(2);
  return svg("forecast and realised volatility", [
    ...ticks(axis, y, format),
    ...dots,
    ...lines,
    foot,
  ]);
}

/** QLIKE of each forecaster as bars. */
function bars(report: RunReport): string {
  const entries = report.entries;
  const axis = { low: 0, high: Math.max(...entries.map((entry) => entry.qlike)) };
  const y = place(axis, HEIGHT - MARGIN.bottom, MARGIN.top);
  const step = (WIDTH - MARGIN.left - MARGIN.right) / entries.length;
  const drawn = entries.map((entry, i) => {
    const x = MARGIN.left + i * step + step * 0.2;
    const top = y(entry.qlike);
    const height = HEIGHT - MARGIN.bottom - top;
    const middle = x + step * 0.3;
    return (
      `<rect x="${x.toFixed(1)}" y="${top.toFixed(1)}" width="${(step * 0.6).toFixed(1)}" height="${height.toFixed(1)}" fill="${COLOURS[entry.name] ?? "#9aa4b2"}"/>` +
      `<text x="${middle.toFixed(1)}" y="${HEIGHT - 10}" class="tick" text-anchor="middle">${escape(entry.name)} ${entry.qlike.toFixed(4)}</text>`
    );
  });
  return svg("QLIKE of each forecaster", [...ticks(axis, y, (v) => v.toFixed(2)), ...drawn]);
}

function table(report: RunReport): string {
  const rows = report.entries.map((entry) => {
    const sessions = entry.bySession.map((s) => `${s.session} ${s.qlike.toFixed(4)}`).join(", ");
    const covered = entry.calibration === null ? "" : entry.calibration.covered.toFixed(3);
    const mz = entry.mincerZarnowitz;
    const cells = [
      escape(entry.name),
      String(entry.n),
      entry.qlike.toFixed(4),
      entry.mseLog.toFixed(4),
      entry.r2.toFixed(3),
      entry.r2Log.toFixed(3),
      `${mz.intercept.toFixed(2)} / ${mz.slope.toFixed(2)} / ${mz.r2.toFixed(2)}`,
      `${entry.dmVsHar.stat.toFixed(2)} (${entry.dmVsHar.p.toFixed(3)})`,
      covered,
      sessions,
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const head = [
    "forecaster",
    "n",
    "QLIKE",
    "MSE log",
    "R²",
    "R² log",
    "Mincer-Zarnowitz intercept / slope / R²",
    "DM vs HAR (p)",
    "inside 80 % interval",
    "QLIKE by session",
  ];
  return `<table><tr>${head.map((text) => `<th>${text}</th>`).join("")}</tr>${rows.join("")}</table>`;
}

const STYLE =
  "body{font:15px/1.5 system-ui,sans-serif;margin:24px auto;max-width:1040px;padding:0 16px;color:#1d2733}" +
  "table{border-collapse:collapse;font-size:13px}td,th{padding:3px 8px;text-align:right;border-bottom:1px solid #e3e7ec}" +
  "td:first-child,th:first-child{text-align:left}.grid{stroke:#e3e7ec}.tick{font-size:11px;fill:#5b6876}svg{width:100%;height:auto}";

/** One training as a page that needs nothing else: scores, the verdict, forecast against realised. */
export function trainingPage(report: RunReport): string {
  const minutes = report.horizonMs / 60_000;
  const legend = DRAWN.filter((name) => report.sample.forecasts[name] !== undefined)
    .map((name) => `<span style="color:${COLOURS[name]}">━ ${name}</span>`)
    .join(" ");
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Volatility: ${escape(report.series)}</title><style>${STYLE}</style>`,
    `<h1>Variance of the next ${minutes} minutes: ${escape(report.series)}</h1>`,
    `<p>${report.samples.train} samples to learn from, ${report.samples.validation} to choose by, ${report.samples.test} never seen before the scores below. In use: <b>${report.verdict.promoted}</b>. ${escape(report.verdict.why)}.</p>`,
    table(report),
    `<h2>QLIKE, out of sample</h2>`,
    bars(report),
    `<h2>Forecast against realised, the last ${report.sample.endMs.length} samples</h2>`,
    `<p>Basis points per square root of a second, log scale. <span style="color:${COLOURS["realised"]}">● realised</span> ${legend}</p>`,
    overTime(report),
    "</html>\n",
  ].join("\n");
}
