import { decisionText } from "../dashboard/describe.ts";
import {
  bpsText,
  countText,
  millisText,
  moneyText,
  percentText,
  positionText,
  priceText,
  signedMoneyText,
  sizeText,
  spanText,
  stampText,
  timeText,
} from "../dashboard/format.ts";
import type { DashboardFeed } from "../dashboard/model.ts";
import type { LiveView, RunInfo } from "../dashboard/types.ts";
import type { StopTimer } from "../units/time.ts";
import type { Io } from "./command.ts";
import { pairLines } from "./table.ts";

const REPAINT_EVERY_MS = 500;
const LINE_EVERY_MS = 10_000;
const COLUMNS_DEFAULT = 100;
const ROWS_DEFAULT = 40;

export type TerminalView = {
  /** Shows the state as it is now, once; a line only when its time has come. */
  readonly repaint: () => void;
  /** Something to read that stays: above the block, which would otherwise be painted over it. */
  readonly say: (text: string) => void;
  /** Shows the last state and ends. Safe to call twice. */
  readonly stop: () => void;
};

type Ticker = (run: () => void) => StopTimer;

const wallTicker: Ticker = (run) => {
  const timer = setInterval(run, REPAINT_EVERY_MS);
  return () => clearInterval(timer);
};

/**
 * Follows a run on standard error: a block that is painted over on a terminal, else one line per ten seconds of venue
 * time. Standard output stays free for the result.
 */
export function terminalView(
  io: Io,
  feed: DashboardFeed,
  ticker: Ticker = wallTicker,
): TerminalView {
  const block = io.isTerminal && io.env["TERM"] !== "dumb";
  let painted = 0;
  let nextLineMs = Number.NEGATIVE_INFINITY;
  let stopped = false;

  const overBlock = (): string => (painted === 0 ? "" : `\u001b[${painted}A\u001b[0J`);
  const paintBlock = (): void => {
    const columns = process.stderr.columns ?? COLUMNS_DEFAULT;
    // A terminal of fewer lines scrolls, and what has scrolled away cannot be painted over.
    const rows = Math.max(1, (process.stderr.rows ?? ROWS_DEFAULT) - 1);
    const lines = blockLines(feed)
      .slice(0, rows)
      .map((line) => clipped(line, columns - 1));
    io.err(overBlock() + lines.join("\n"));
    painted = lines.length;
  };
  const writeLine = (last: boolean): void => {
    const live = feed.live();
    if (live === null || (!last && live.clock.nowMs < nextLineMs)) return;
    nextLineMs = live.clock.nowMs + LINE_EVERY_MS;
    io.err(shortLine(feed.run, live));
  };
  const repaint = (): void => (block ? paintBlock() : writeLine(false));
  const stopTicking = ticker(repaint);
  return {
    repaint,
    say: (text) => {
      if (!block || stopped) return io.err(text);
      io.err(overBlock() + text);
      painted = 0;
      paintBlock();
    },
    stop: () => {
      if (stopped) return;
      stopped = true;
      stopTicking();
      if (block) paintBlock();
      else writeLine(true);
    },
  };
}

function clipped(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** One line, complete in itself: what a log file gets. */
function shortLine(run: RunInfo, live: LiveView): string {
  const sz = run.spec.szDecimals;
  const bid = live.market?.bids[0]?.pxTicks ?? null;
  const ask = live.market?.asks[0]?.pxTicks ?? null;
  const bids = live.orders.filter((order) => order.side === "bid").length;
  return [
    timeText(live.clock.nowMs),
    run.mode,
    run.spec.market,
    `${priceText(bid, sz)}/${priceText(ask, sz)}`,
    `quotes ${bids}/${live.orders.length - bids}`,
    `position ${positionText(live.ledger.positionLots, sz)}`,
    `pnl ${signedMoneyText(live.ledger.pnl.total)}`,
    `fills ${live.ledger.fills.count}`,
    live.risk.mode,
    ...(live.run.feeds.market === "live" ? [] : [`market feed ${live.run.feeds.market}`]),
  ].join("  ");
}

function blockLines(feed: DashboardFeed): string[] {
  const { run } = feed;
  const live = feed.live();
  const heading = `${run.spec.market} · ${stampText(run)}`;
  if (live === null) return [heading, "waiting for the market"];
  const up = spanText(live.clock.nowMs - run.startedMs);
  const rows: [string, string][] = [
    ["feed", feedText(live)],
    ["touch", touchText(run, live)],
    ["quotes", quotesText(run, live)],
    ["position", inventoryText(run, live)],
    ["equity", equityText(run, live)],
    ["pnl", profitText(live)],
    ["fills", fillsText(live)],
    ["risk", `${live.risk.mode}: ${live.risk.reason}`],
    ["budget", budgetText(live)],
    ["latency", latencyText(live)],
    ["last", lastText(feed)],
  ];
  const time = `${timeText(live.clock.nowMs)} UTC, up ${up}`;
  return [`${heading}   ${time}`, ...pairLines(rows).split("\n")];
}

function feedText({ run }: LiveView): string {
  const failure = run.reconcileFailure === null ? "" : `, not reconciled: ${run.reconcileFailure}`;
  return `market ${run.feeds.market}, account ${run.feeds.account}, ${run.phase}${failure}`;
}

function touchText(run: RunInfo, { market }: LiveView): string {
  const sz = run.spec.szDecimals;
  const bid = market?.bids[0]?.pxTicks ?? null;
  const ask = market?.asks[0]?.pxTicks ?? null;
  const spread =
    bid === null || ask === null ? "" : `, spread ${bpsText(((ask - bid) / (ask + bid)) * 2e4)} bp`;
  return `${priceText(bid, sz)} / ${priceText(ask, sz)}${spread}, mark ${priceText(market?.markPxTicks ?? null, sz)}`;
}

function quotesText(run: RunInfo, { orders }: LiveView): string {
  const one = (side: "bid" | "ask"): string => {
    const own = orders.filter((order) => order.side === side);
    const [best] = own;
    if (best === undefined) return `no ${side}s`;
    const edge = best.why === null ? "" : ` (edge ${bpsText(best.why.edgeBps)} bp)`;
    return `${own.length} ${side}s from ${priceText(best.pxTicks, run.spec.szDecimals)}${edge}`;
  };
  return `${one("bid")}, ${one("ask")}`;
}

function inventoryText(run: RunInfo, { ledger }: LiveView): string {
  const sz = run.spec.szDecimals;
  const limit =
    ledger.limitLots === null || ledger.limitLots === 0
      ? ""
      : `, ${percentText(Math.abs(ledger.positionLots) / ledger.limitLots, 0)} of ±${sizeText(ledger.limitLots, sz)}`;
  return `${positionText(ledger.positionLots, sz)} contracts${limit}`;
}

function equityText(run: RunInfo, { account }: LiveView): string {
  if (account.reading === null) return account.failure ?? "not read yet";
  const money = `${moneyText(account.reading.equityMicroUsd)} ${run.spec.collateralName} (${run.mode})`;
  return `${money}, margin ${percentText(account.marginUse)}, drawdown ${percentText(account.drawdownDay, 2)} today, ${percentText(account.drawdownRun, 2)} in all`;
}

function profitText({ ledger }: LiveView): string {
  const { pnl } = ledger;
  const parts = [
    `spread ${signedMoneyText(pnl.spread)}`,
    `adverse ${signedMoneyText(pnl.adverse)}`,
    `inventory ${signedMoneyText(pnl.inventory)}`,
    `funding ${signedMoneyText(pnl.funding)}`,
    `fees ${signedMoneyText(-pnl.fees)}`,
  ];
  return `${signedMoneyText(pnl.total)} = ${parts.join(", ")}`;
}

function fillsText({ ledger }: LiveView): string {
  const { count, maker, taker } = ledger.fills;
  const traded = ledger.notionalMicroUsd.maker + ledger.notionalMicroUsd.taker;
  return `${countText(count)} (${countText(maker)} maker, ${countText(taker)} taker), ${moneyText(traded)} traded`;
}

function budgetText({ budget }: LiveView): string {
  if (budget === null) return "not read yet";
  const runway =
    budget.runwayHours === null
      ? ""
      : `, ${spanText(budget.runwayHours * 3_600_000)} at this churn`;
  return `${countText(budget.left)} of ${countText(budget.cap)} actions left${runway}`;
}

function latencyText({ runtime }: LiveView): string {
  if (runtime === null) return "not measured yet";
  const { eventToWire, roundTrip } = runtime.latencyMs;
  return `event to wire ${millisText(eventToWire.p50)} (p99 ${millisText(eventToWire.p99)}), round trip ${millisText(roundTrip.p50)} (p99 ${millisText(roundTrip.p99)})`;
}

function lastText(feed: DashboardFeed): string {
  const decision = feed.latestDecision();
  if (decision === null) return "nothing decided yet";
  return `${timeText(decision.atMs)} ${decisionText(decision, feed.run.spec.szDecimals)}`;
}

/** Shows a session from when it is up until `stop`: says where its page is, then draws or, with `json`, prints lines. */
export function sessionView(io: Io, json: boolean) {
  let view: TerminalView | null = null;
  return {
    onUp: ({ feed, pageUrl }: { readonly feed: DashboardFeed; readonly pageUrl: string }): void => {
      io.err(`${feed.run.spec.market} · ${feed.run.feed}`);
      io.err(`page ${pageUrl}`);
      view = terminalView(json ? { ...io, isTerminal: false } : io, feed);
    },
    say: (text: string): void => (view === null ? io.err(text) : view.say(text)),
    stop: (): void => view?.stop(),
  };
}
