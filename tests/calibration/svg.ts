/** One line, step or set of dots; points with an error get a bar of one standard error either way. */
export type Series = {
  readonly label: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly error?: number }[];
  readonly draw: "line" | "dots";
};

type Band = { readonly label: string; readonly fromY: number; readonly toY: number };

export type Chart = {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly bands?: readonly Band[];
  readonly logX?: boolean;
  /** Text of a tick on the x axis, and where the ticks are. */
  readonly xTicks: readonly { readonly x: number; readonly text: string }[];
  readonly yRange?: readonly [number, number];
};

const WIDTH = 720;
const HEIGHT = 380;
const LEFT = 64;
const RIGHT = 20;
const TOP = 44;
const BOTTOM = 92;

/** A drawing with axes and a legend, without scripts, readable on light and dark pages. */
export function svgOf(chart: Chart): string {
  const xs = [
    ...chart.series.flatMap(({ points }) => points.map(({ x }) => x)),
    ...chart.xTicks.map(({ x }) => x),
  ];
  const ys = chart.series.flatMap(({ points }) =>
    points.flatMap(({ y, error = 0 }) => [y - error, y + error]),
  );
  for (const band of chart.bands ?? []) ys.push(band.fromY, band.toY);
  const scale = chart.logX === true ? Math.log : (value: number): number => value;
  const [x0, x1] = [scale(Math.min(...xs)), scale(Math.max(...xs))];
  const [y0, y1] = chart.yRange ?? padded(Math.min(0, ...ys), Math.max(0, ...ys));
  const toX = (x: number): number => LEFT + ((scale(x) - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number): number =>
    HEIGHT - BOTTOM - ((y - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 24, chart.title, 'font-size="15" fill="#111"'),
    ...(chart.bands ?? []).map((band) => bandOf(band, toY)),
    ...yAxis(y0, y1, toY),
    ...chart.xTicks.map(({ x, text: label }) =>
      text(toX(x), HEIGHT - BOTTOM + 18, label, 'text-anchor="middle" fill="#444"'),
    ),
    text(
      (LEFT + WIDTH - RIGHT) / 2,
      HEIGHT - BOTTOM + 38,
      chart.xLabel,
      'text-anchor="middle" fill="#444"',
    ),
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" fill="#444">${escaped(chart.yLabel)}</text>`,
    ...chart.series.flatMap((series) => drawn(series, toX, toY)),
    ...legend(chart),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function drawn(
  series: Series,
  toX: (x: number) => number,
  toY: (y: number) => number,
): readonly string[] {
  const at = (value: number): string => value.toFixed(1);
  const places = series.points.map(({ x, y }) => `${at(toX(x))},${at(toY(y))}`);
  const bars = series.points.flatMap(({ x, y, error }) =>
    error === undefined
      ? []
      : [
          `<line x1="${at(toX(x))}" x2="${at(toX(x))}" y1="${at(toY(y - error))}" y2="${at(toY(y + error))}" stroke="${series.color}"/>`,
        ],
  );
  const dots = series.points.map(
    ({ x, y }) => `<circle cx="${at(toX(x))}" cy="${at(toY(y))}" r="3" fill="${series.color}"/>`,
  );
  const line = `<polyline points="${places.join(" ")}" fill="none" stroke="${series.color}" stroke-width="1.6"/>`;
  return series.draw === "line" ? [line, ...bars] : [...bars, ...dots];
}

function bandOf(band: Band, toY: (y: number) => number): string {
  const top = toY(band.toY);
  const height = Math.max(1, toY(band.fromY) - top);
  return `<rect x="${LEFT}" y="${top.toFixed(1)}" width="${WIDTH - LEFT - RIGHT}" height="${height.toFixed(1)}" fill="#2a9d8f" opacity="0.18"/>`;
}

function yAxis(y0: number, y1: number, toY: (y: number) => number): readonly string[] {
  const rough = (y1 - y0) / 6;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10);
  const out: string[] = [];
  for (let k = Math.ceil(y0 / step); k * step <= y1 + 1e-9; k++) {
    const y = toY(k * step);
    const digits = Math.max(0, -Math.floor(Math.log10(step)));
    out.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="${k === 0 ? "#888" : "#e4e4e4"}"/>`,
      text(LEFT - 8, y + 4, (k * step).toFixed(digits), 'text-anchor="end" fill="#444"'),
    );
  }
  return out;
}

function legend(chart: Chart): readonly string[] {
  const entries = [
    ...chart.series.map(({ label, color }) => ({ label, color, opacity: 1 })),
    ...(chart.bands ?? []).map(({ label }) => ({ label, color: "#2a9d8f", opacity: 0.3 })),
  ];
  return entries.flatMap(({ label, color, opacity }, i) => {
    const x = LEFT + (i % 4) * 162;
    const y = HEIGHT - 34 + Math.floor(i / 4) * 18;
    return [
      `<rect x="${x}" y="${y - 9}" width="14" height="10" fill="${color}" opacity="${opacity}"/>`,
      text(x + 20, y, label, 'fill="#222"'),
    ];
  });
}

function padded(low: number, high: number): [number, number] {
  const room = (high - low) * 0.06 || 1;
  return [low < 0 ? low - room : low, high + room];
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
