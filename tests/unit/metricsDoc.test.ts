import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { everyMetric, labelsOf, metricsTable } from "../support/metricsTable.ts";
import { ALERT_KINDS } from "../../lib/runtime/alerts/alert.ts";
import { renderMetrics } from "../../lib/runtime/metrics.ts";

const DOC = join(import.meta.dir, "../../docs/OPERATIONS.md");
const DASHBOARD = join(import.meta.dir, "../../docs/grafana/amm-500.json");
const BEGIN = "<!-- metrics: made from lib/runtime/allMetrics.ts -->\n";
const END = "\n<!-- end of metrics -->";

const metrics = everyMetric();
const byName = new Map(metrics.map((metric) => [metric.name, metric]));

describe("the metrics", () => {
  test("follow the conventions of Prometheus: base units, and _total for what only grows", () => {
    expect(byName.size).toBe(metrics.length);
    for (const { name, type, help, samples } of metrics) {
      expect({ name, total: name.endsWith("_total") }).toEqual({ name, total: type === "counter" });
      expect(name).not.toMatch(
        /_(ms|millis\w*|micros?\w*|minutes|hours|days|percent|bps|kb|mb)(_|$)/,
      );
      expect(name).toMatch(/^amm500_[a-z][a-z0-9_]*[a-z0-9]$/);
      // Names of the text format itself.
      expect(name).not.toMatch(/_(count|sum|bucket)$/);
      expect(help).toEndWith(".");
      expect(samples.length).toBeGreaterThan(0);
      const labels = samples.flatMap((sample) => Object.keys(sample.labels ?? {}));
      for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
      // No series twice, and never one for each order or text.
      const series = samples.map((sample) =>
        JSON.stringify([sample.labels ?? {}, sample.suffix ?? ""]),
      );
      expect(new Set(series).size).toBe(series.length);
      expect(series.length).toBeLessThan(50);
    }
    expect(renderMetrics(metrics)).toMatch(/^# HELP amm500_build_info /);
  });

  test("are documented", async () => {
    const text = await Bun.file(DOC).text();
    const [head, rest] = text.split(BEGIN);
    const [, tail] = rest?.split(END) ?? [];
    expect({ head: head !== text, tail: tail !== undefined }).toEqual({ head: true, tail: true });
    const wanted = `${head}${BEGIN}${metricsTable(metrics)}${END}${tail}`;
    if (process.env["AMM500_WRITE_DOCS"] === "1") await Bun.write(DOC, wanted);
    // When this fails: AMM500_WRITE_DOCS=1 bun test tests/unit/metricsDoc.test.ts
    expect(await Bun.file(DOC).text()).toBe(wanted);
  });

  test("and so is every kind of alert", async () => {
    const text = await Bun.file(DOC).text();
    for (const kind of ALERT_KINDS) expect(text).toContain(`\n| \`${kind}\` | `);
  });
});

type Dashboard = {
  readonly panels: readonly {
    readonly title: string;
    readonly type: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
};

/** Everything that is asked of the metrics: queries of panels, annotations and variables. */
function queriesOf(text: string): readonly string[] {
  const asked: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if ((key === "expr" || key === "definition") && typeof value === "string") asked.push(value);
    return value;
  });
  return asked;
}

describe("the dashboard for Grafana", () => {
  test("asks for metrics that exist, by labels that they have", async () => {
    const queries = queriesOf(await Bun.file(DASHBOARD).text());
    expect(queries.length).toBeGreaterThan(40);
    for (const query of queries) {
      const used = [...query.matchAll(/(amm500_\w+?)(?:_sum|_count)?(?:\{([^}]*)\}|\b(?!_))/g)];
      expect({ query, used: used.length > 0 }).toEqual({ query, used: true });
      for (const [, name = "", filter = ""] of used) {
        const metric = byName.get(name);
        expect({ query, name, exists: metric !== undefined }).toEqual({
          query,
          name,
          exists: true,
        });
        const labels = [...filter.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(
          (match) => match[1] ?? "",
        );
        const known = [...(metric === undefined ? [] : labelsOf(metric)), "instance", "job"];
        for (const label of labels)
          expect({ query, known }).toEqual({ query, known: expect.arrayContaining([label]) });
        // A rate is of something that only grows.
        if (new RegExp(`rate\\(${name}\\b`).test(query)) expect(metric?.type).toBe("counter");
      }
    }
  });

  test("names its lines by labels that they have, and shows every metric but a few", async () => {
    const text = await Bun.file(DASHBOARD).text();
    const { panels } = JSON.parse(text) as Dashboard;
    for (const { targets = [] } of panels)
      for (const { expr, legendFormat } of targets)
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          const names = [...expr.matchAll(/amm500_\w+/g)].map(([name]) => name);
          const known = names.flatMap((name) => labelsOf(byName.get(name) ?? { ...NONE, name }));
          expect({ expr, known }).toEqual({ expr, known: expect.arrayContaining([label]) });
        }
    const shown = new Set(text.match(/amm500_[a-z0-9_]+/g));
    const unseen = metrics.map(({ name }) => name).filter((name) => !shown.has(name));
    expect(unseen.length).toBeLessThan(metrics.length / 3);
  });
});

const NONE = { help: "", type: "gauge", samples: [] } as const;
