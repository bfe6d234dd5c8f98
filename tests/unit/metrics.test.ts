import { describe, expect, test } from "bun:test";
import { blankState, restingOrders } from "../support/botFixtures.ts";
import { StepMeter, sequencerMetrics, stateMetrics } from "../../lib/runtime/botMetrics.ts";
import { renderMetrics } from "../../lib/runtime/metrics.ts";
import type { Metric } from "../../lib/runtime/metrics.ts";
import { microUsd } from "../../lib/units/numbers.ts";

describe("the metrics' text", () => {
  test("has help, type and samples, and leaves out what is not known", () => {
    const metrics: Metric[] = [
      {
        name: "amm500_a_total",
        help: "A.",
        type: "counter",
        samples: [
          { labels: { side: "bid", text: 'a"b\\c\nd' }, value: 3 },
          { labels: { side: "ask" }, value: null },
        ],
      },
      { name: "amm500_b", help: "B.", type: "gauge", samples: [{ value: null }] },
      { name: "amm500_c", help: "C.", type: "gauge", samples: [{ value: Infinity }] },
    ];
    expect(renderMetrics(metrics)).toBe(
      [
        "# HELP amm500_a_total A.",
        "# TYPE amm500_a_total counter",
        'amm500_a_total{side="bid",text="a\\"b\\\\c\\nd"} 3',
        "# HELP amm500_c C.",
        "# TYPE amm500_c gauge",
        "amm500_c +Inf",
        "",
      ].join("\n"),
    );
  });

  test("refuses a name outside the family", () => {
    const metric: Metric = { name: "equity", help: "", type: "gauge", samples: [{ value: 1 }] };
    expect(() => renderMetrics([metric])).toThrow("starts with amm500_, got equity");
  });
});

describe("the bot's metrics", () => {
  test("say in people's units what the state says", () => {
    const blank = blankState();
    const text = renderMetrics(
      stateMetrics({
        ...blank,
        orders: restingOrders(5),
        ledger: {
          ...blank.ledger,
          pnl: { spread: 3_000_001, adverse: -2e6, inventory: 0 },
          feesMicroUsd: microUsd(250_000),
        },
      }),
    );
    for (const line of [
      'amm500_working_orders{side="bid"} 3',
      'amm500_working_orders{side="ask"} 2',
      'amm500_pnl_usd{part="spread"} 1.5000005',
      'amm500_pnl_usd{part="adverse"} -1',
      'amm500_pnl_usd{part="fees"} -0.25',
      'amm500_risk_mode{mode="normal"} 1',
      'amm500_risk_mode{mode="halted"} 0',
      'amm500_feed_live{feed="market"} 0',
      "amm500_quoting 0",
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain("amm500_equity_usd");
  });

  test("keep their names", () => {
    const state = blankState();
    const counts = { steps: 1, waiting: 2, duplicates: 3, booksDropped: 4 };
    const all = [...stateMetrics(state), ...sequencerMetrics(counts), new StepMeter().metric()];
    expect(all.map(({ name, type }) => `${name} ${type}`)).toMatchInlineSnapshot(`
      [
        "amm500_equity_usd gauge",
        "amm500_margin_used_usd gauge",
        "amm500_position_contracts gauge",
        "amm500_action_budget gauge",
        "amm500_actions_since_budget_read gauge",
        "amm500_working_orders gauge",
        "amm500_fills_total counter",
        "amm500_traded_usd_total counter",
        "amm500_pnl_usd gauge",
        "amm500_markout_ratio gauge",
        "amm500_loss_streak gauge",
        "amm500_risk_mode gauge",
        "amm500_alarm gauge",
        "amm500_feed_live gauge",
        "amm500_quoting gauge",
        "amm500_steps_total counter",
        "amm500_duplicate_events_total counter",
        "amm500_books_dropped_total counter",
        "amm500_events_waiting gauge",
        "amm500_step_seconds summary",
      ]
    `);
  });

  test("count the parts of a step in seconds", () => {
    const meter = new StepMeter();
    meter.record({ queuedMs: 1, handlerMs: 2, riskMs: 0.5, commitMs: 4, committed: true });
    meter.record({ queuedMs: 1, handlerMs: 2, riskMs: 0.5, commitMs: 0, committed: false });
    const text = renderMetrics([meter.metric()]);
    expect(text).toContain('amm500_step_seconds_sum{part="handler"} 0.004\n');
    expect(text).toContain('amm500_step_seconds_count{part="handler"} 2\n');
    expect(text).toContain('amm500_step_seconds_count{part="commit"} 1\n');
    expect(text).toContain('amm500_step_seconds{part="commit",quantile="0.5"} 0.004\n');
  });
});
