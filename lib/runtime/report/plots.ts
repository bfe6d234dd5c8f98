/** Inline SVG of a report: no script, no library, drawn once. Colours are the page's style variables. */

const WIDTH = 960;
const HEIGHT = 240;
const LEFT = 72;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;
/** Of the text: between lines, and the width that a letter takes at most. */
const LINE = 14;
const LETTER = 7;
/** More points than pixels cost bytes and show nothing. */
const POINTS_MAX = 900;

export type Point = readonly [x: number, y: number];

export type LineSeries = {
  readonly name: string;
  /** A style variable without its dashes. */
  readonly colour: string;
  readonly points: readonly Point[];
};

type Axis = { readonly low: number; readonly high: number };

type Scaled = {
  readonly label: string;
  /** With so many decimals of the unit. */
  readonly yText: (y: number, decimals: number) => string;
  /** Of y in what is shown: a million for micro-USD, a hundredth for percent. */
  readonly yUnit: number;
};

export type LinePlot = Scaled & {
  readonly series: readonly LineSeries[];
  readonly xText: (x: number) => string;
};

export type BarPlot = Scaled & { readonly bars: readonly Bar[] };

export type Bar = {
  readonly label: string;
  readonly value: number;
  /** Drawn as a whisker when known. */
  readonly low?: number | null;
  readonly high?: number | null;
  readonly colour: string;
};

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Lines over time, with a legend when there are several. */
export function linePlot({ label, series, xText, yText, yUnit }: LinePlot): string {
  const all = series.flatMap(({ points }) => points);
  if (all.length < 2) return `<p class="none">${escapeHtml(label)}: nothing to draw yet</p>`;
  const x = axisOf(all.map(([value]) => value));
  const y = axisOf(all.map(([, value]) => value));
  const px = scale(x, LEFT, WIDTH - RIGHT);
  const py = scale(y, HEIGHT - BOTTOM, TOP);
  const lines = series.map(({ colour, points }) => {
    const path = thinned(points).map(([a, b]) => `${px(a).toFixed(1)},${py(b).toFixed(1)}`);
    return `<polyline points="${path.join(" ")}" fill="none" stroke="var(--${colour})" stroke-width="1.5"/>`;
  });
  const zero = y.low < 0 && y.high > 0 ? [level(py(0), "zero")] : [];
  const ticks = ticksOf(y, yUnit);
  const names = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = x.low + share * (x.high - x.low);
    const anchor = share === 0 ? "start" : share === 1 ? "end" : "middle";
    return `<text x="${px(at).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${escapeHtml(xText(at))}</text>`;
  });
  const legend = series.length < 2 ? "" : legendOf(series);
  return svg(label, HEIGHT, [...grid(ticks, py, yText), ...zero, ...names, ...lines]) + legend;
}

/** Bars from zero with whiskers. */
export function barPlot({ label, bars, yText, yUnit }: BarPlot): string {
  if (bars.length === 0) return `<p class="none">${escapeHtml(label)}: nothing to draw yet</p>`;
  const y = axisOf([
    0,
    ...bars.flatMap((bar) => [bar.value, bar.low ?? bar.value, bar.high ?? bar.value]),
  ]);
  const py = scale(y, HEIGHT - BOTTOM, TOP);
  const ticks = ticksOf(y, yUnit);
  const slot = (WIDTH - LEFT - RIGHT) / bars.length;
  const width = Math.min(60, slot * 0.6);
  const names = bars.map((bar) => linesOf(bar.label, slot));
  const extra = (Math.max(...names.map((lines) => lines.length)) - 1) * LINE;
  const drawn = bars.map((bar, i) => {
    const middle = LEFT + slot * (i + 0.5);
    const top = Math.min(py(0), py(bar.value));
    const height = Math.max(1, Math.abs(py(bar.value) - py(0)));
    const rect = `<rect x="${(middle - width / 2).toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="var(--${bar.colour})"><title>${escapeHtml(`${bar.label}: ${yText(bar.value, ticks.decimals + 2)}`)}</title></rect>`;
    const texts = (names[i] ?? []).map(
      (line, n) =>
        `<text x="${middle.toFixed(1)}" y="${HEIGHT - 8 + n * LINE}" text-anchor="middle">${escapeHtml(line)}</text>`,
    );
    return `${rect}${whisker(bar, middle, py)}${texts.join("")}`;
  });
  return svg(label, HEIGHT + extra, [...grid(ticks, py, yText), level(py(0), "zero"), ...drawn]);
}

/** A label in as many lines as its words need, where its place is narrower than the text. */
function linesOf(label: string, slot: number): readonly string[] {
  return label.length * LETTER <= slot ? [label] : label.split(" ");
}

function whisker({ low, high }: Bar, middle: number, py: (y: number) => number): string {
  if (low === null || high === null || low === undefined || high === undefined) return "";
  const x = middle.toFixed(1);
  return `<line class="whisker" x1="${x}" x2="${x}" y1="${py(low).toFixed(1)}" y2="${py(high).toFixed(1)}"/>`;
}

function axisOf(values: readonly number[]): Axis {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low ? { low, high } : { low: low - 1, high: high + 1 };
}

function scale({ low, high }: Axis, from: number, to: number): (value: number) => number {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

type Ticks = { readonly values: readonly number[]; readonly decimals: number };

const TICKS_ABOUT = 4;

/** Round values, zero among them, a step of 1, 2 or 5 times a power of ten apart; decimals enough to tell them apart. */
function ticksOf({ low, high }: Axis, unit: number): Ticks {
  const rough = (high - low) / unit / TICKS_ABOUT;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const values: number[] = [];
  for (let n = Math.ceil(low / unit / step); n * step * unit <= high; n++)
    values.push(n * step * unit);
  return { values, decimals: Math.max(0, -Math.floor(Math.log10(step * (1 + 1e-9)))) };
}

function grid(ticks: Ticks, py: (y: number) => number, yText: Scaled["yText"]): string[] {
  return ticks.values.map((value) => {
    return `${level(py(value), "grid")}<text x="${LEFT - 6}" y="${(py(value) + 4).toFixed(1)}" text-anchor="end">${escapeHtml(yText(value, ticks.decimals))}</text>`;
  });
}

function level(at: number, kind: string): string {
  return `<line class="${kind}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/>`;
}

function svg(label: string, height: number, body: readonly string[]): string {
  const title = escapeHtml(label);
  return `<p class="plot">${title}</p><div class="wide"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">${body.join("")}</svg></div>`;
}

function legendOf(series: readonly LineSeries[]): string {
  const items = series.map(
    ({ name, colour }) =>
      `<span><i style="background:var(--${colour})"></i>${escapeHtml(name)}</span>`,
  );
  return `<p class="legend">${items.join("")}</p>`;
}

/** Keeps the lowest and the highest of each portion, so that no peak is lost. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= POINTS_MAX) return points;
  const portion = Math.ceil(points.length / (POINTS_MAX / 2));
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += portion) {
    const part = points.slice(from, from + portion);
    const ordered = part.toSorted((a, b) => a[1] - b[1]);
    const ends = [ordered[0], ordered.at(-1)].filter((point) => point !== undefined);
    kept.push(...ends.toSorted((a, b) => a[0] - b[0]));
  }
  return kept;
}
