import { DashboardFeed } from "../../lib/dashboard/model.ts";
import type { RunInfo } from "../../lib/dashboard/types.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import type { Approved, Command, Refusal } from "../../lib/messages/commands.ts";
import type { Event } from "../../lib/messages/events.ts";
import type { Level, MarketView } from "../../lib/messages/market.ts";
import type { OwnFill, QuoteReason, WorkingOrder } from "../../lib/messages/orders.ts";
import type { BotState, RiskMode } from "../../lib/messages/state.ts";
import type { Side } from "../../lib/units/grid.ts";
import { sideSign, snapPassive } from "../../lib/units/grid.ts";
import { microUsd, ms, positionLots, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { emptyState, RUN, SPEC, START_MS, volView } from "./fixtureState.ts";

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes audits of the real types that look like a run: a market that wanders, a ladder around it, fills, refusals. */
export class FakeRun {
  readonly feed: DashboardFeed;
  state: BotState = emptyState();
  nowMs = START_MS;
  private readonly random: () => number;
  private mid = 769_930;
  private stepSeq = 0;
  private tid = 1;

  constructor(seed: number, run: RunInfo = RUN) {
    this.random = seeded(seed);
    this.feed = new DashboardFeed(run);
  }

  private levels(side: Side): Level[] {
    const step = 10;
    const own = new Map<number, number>();
    for (const order of Object.values(this.state.orders.working))
      if (order.phase === "resting") own.set(order.pxTicks, order.leavesLots);
    const touch = snapPassive(this.mid - sideSign(side) * 15, side, SPEC.szDecimals);
    return Array.from({ length: 20 }, (_, i) => {
      const px = pxTicks(touch - sideSign(side) * i * step);
      const others = Math.round(400 + this.random() * 5200 * (1 + i / 8));
      return { pxTicks: px, sizeLots: sizeLots(others + (own.get(px) ?? 0)) };
    });
  }

  view(): MarketView {
    return {
      bookVenueMs: ms(this.nowMs - 40),
      bookRecvMs: ms(this.nowMs),
      bids: this.levels("bid"),
      asks: this.levels("ask"),
      sigmaBpsPerSqrtSec: 0.42,
      flowImbalance: 0.18,
      oraclePxTicks: pxTicks(Math.round(this.mid)),
      markPxTicks: pxTicks(Math.round(this.mid) + 5),
    };
  }

  private why(level: number): QuoteReason {
    return {
      level,
      fairTicks: this.mid + 3.5,
      halfSpreadBps: 1.5 + level * 0.6,
      feeBps: 0.3,
      adverseBps: 0.29,
      volatilityBps: 0.61,
      inventoryShiftBps: -0.12,
      edgeBps: 0.91 + level * 0.6,
      placement: "ladder",
    };
  }

  private ladder(): Record<string, WorkingOrder> {
    const working: Record<string, WorkingOrder> = {};
    let seq = this.state.run.orderSeq;
    for (const side of ["bid", "ask"] as const)
      for (let level = 0; level < 15; level++) {
        const cloid = `0xa500${String(++seq).padStart(28, "0")}`;
        const px = snapPassive(
          this.mid - sideSign(side) * (95 + level * 40 + this.random() * 20),
          side,
          SPEC.szDecimals,
        );
        const size = sizeLots(40 + Math.round(30 * this.random()));
        working[cloid] = {
          cloid,
          oid: 7_000_000 + seq,
          side,
          pxTicks: px,
          origLots: size,
          leavesLots: size,
          reduceOnly: false,
          tif: "Alo",
          phase: this.random() < 0.05 ? "opening" : "resting",
          placedMs: ms(this.nowMs),
          expiresMs: ms(this.nowMs + 10_000),
          replaces: null,
          queueAheadLots: level > 9 ? null : sizeLots(Math.round(this.random() * 3000)),
          reason: this.why(level),
        };
      }
    this.state = { ...this.state, run: { ...this.state.run, orderSeq: seq } };
    return working;
  }

  audit(
    event: Event,
    after: BotState,
    approved: readonly Command[] = [],
    refused: readonly Refusal[] = [],
  ): void {
    const audit: Audit = {
      stepSeq: ++this.stepSeq,
      event,
      before: this.state,
      after,
      approved: approved as readonly Approved[],
      refused,
      committed: after !== this.state,
    };
    this.state = after;
    this.feed.onAudit(audit);
  }

  private base(): { id: string; atMs: Event["atMs"]; view: MarketView } {
    return { id: `e${this.stepSeq}`, atMs: ms(this.nowMs), view: this.view() };
  }

  start(): void {
    const base = this.base();
    this.audit({ ...base, kind: "runStarted", runId: START_MS, spec: SPEC }, this.state);
    this.readMargin();
    this.requote();
  }

  requote(): void {
    const event: Event = { ...this.base(), kind: "book" };
    const before = Object.values(this.state.orders.working);
    const working = this.ladder();
    const after: BotState = {
      ...this.state,
      orders: {
        ...this.state.orders,
        working,
        lastQuoteMs: ms(this.nowMs),
        holdPlacesUntilMs: ms(0),
      },
      account: {
        ...this.state.account,
        usedSinceRead: this.state.account.usedSinceRead + 30,
      },
    };
    const commands: Command[] = Object.values(working).map((order, index) => {
      const { cloid, side, reduceOnly, tif, expiresMs, reason } = order;
      const quote = { cloid, side, reduceOnly, tif, expiresMs, reason };
      const sized = { ...quote, pxTicks: order.pxTicks, sizeLots: order.origLots };
      const replaces = before[index];
      return replaces === undefined
        ? { kind: "place", ...sized }
        : { kind: "modify", replaces: replaces.cloid, ...sized };
    });
    this.audit(event, after, commands);
  }

  book(): void {
    this.audit({ ...this.base(), kind: "book" }, this.state);
  }

  refuse(times: number): void {
    const order = Object.values(this.state.orders.working)[0];
    if (order === undefined) return;
    const command = {
      kind: "place",
      cloid: order.cloid,
      side: order.side,
      pxTicks: order.pxTicks,
      sizeLots: order.origLots,
      tif: "Alo",
      reduceOnly: false,
      expiresMs: order.expiresMs,
      reason: order.reason,
    } as const;
    const refused: Refusal = { command, reason: "noEdge", detail: "edge 0.12 bp, least 0.20 bp" };
    for (let i = 0; i < times; i++)
      this.audit({ ...this.base(), kind: "book" }, this.state, [], [refused]);
  }

  fill(side: Side, taker = false): void {
    const orders = Object.values(this.state.orders.working).filter((o) => o.side === side);
    const order = orders[0];
    if (order === undefined) return;
    const { ledger } = this.state;
    const fill: OwnFill = {
      tid: this.tid++,
      oid: order.oid ?? 0,
      cloid: order.cloid,
      venueMs: ms(this.nowMs),
      side,
      pxTicks: order.pxTicks,
      sizeLots: order.leavesLots,
      taker,
      feeMicroUsd: microUsd(Math.round(order.pxTicks * order.leavesLots * 0.00003)),
      startPositionLots: ledger.positionLots,
    };
    const notional = order.pxTicks * order.leavesLots;
    const earned = Math.round(Math.abs(this.mid - order.pxTicks) * order.leavesLots);
    const after: BotState = {
      ...this.state,
      ledger: {
        ...ledger,
        positionLots: positionLots(ledger.positionLots + sideSign(side) * fill.sizeLots),
        feesMicroUsd: microUsd(ledger.feesMicroUsd + fill.feeMicroUsd),
        pnl: {
          spread: ledger.pnl.spread + 2 * earned,
          adverse: ledger.pnl.adverse - Math.round(earned * (0.4 + this.random())),
          inventory: ledger.pnl.inventory + Math.round((this.random() - 0.52) * earned * 2),
        },
        fills: {
          count: ledger.fills.count + 1,
          maker: ledger.fills.maker + (taker ? 0 : 1),
          taker: ledger.fills.taker + (taker ? 1 : 0),
        },
        notionalMicroUsd: {
          maker: microUsd(ledger.notionalMicroUsd.maker + (taker ? 0 : notional)),
          taker: microUsd(ledger.notionalMicroUsd.taker + (taker ? notional : 0)),
        },
      },
    };
    this.audit({ ...this.base(), kind: "fill", fill }, after);
  }

  readMargin(): void {
    const { ledger } = this.state;
    const { pnl } = ledger;
    const gain = (pnl.spread + pnl.adverse + pnl.inventory) / 2 - ledger.feesMicroUsd;
    const value = Math.abs(ledger.positionLots) * Math.round(this.mid);
    const equity = microUsd(Math.round(1000e6 + gain));
    const reading = {
      venueMs: ms(this.nowMs),
      equityMicroUsd: equity,
      marginUsedMicroUsd: microUsd(Math.round(value / 10)),
      withdrawableMicroUsd: microUsd(Math.round(equity - value / 10)),
      positionLots: ledger.positionLots,
      positionValueMicroUsd: microUsd(value),
    };
    const peak = microUsd(Math.max(this.state.risk.equityPeakDayMicroUsd, equity));
    this.audit(
      { ...this.base(), kind: "margin", reading, failure: null, budget: null },
      {
        ...this.state,
        account: { ...this.state.account, reading, readMs: ms(this.nowMs) },
        risk: { ...this.state.risk, equityPeakDayMicroUsd: peak, equityPeakRunMicroUsd: peak },
      },
    );
  }

  risk(mode: RiskMode, reason: string): void {
    const risk = { ...this.state.risk, mode, reason, sinceMs: ms(this.nowMs) };
    this.audit(
      { ...this.base(), kind: "timer", timer: "marginTick" },
      { ...this.state, risk: { ...risk, haltReason: mode === "halted" ? reason : null } },
    );
  }

  feedState(state: "live" | "stale" | "lost", detail: string): void {
    this.audit(
      { ...this.base(), kind: "feedState", feed: "market", state, detail },
      {
        ...this.state,
        run: { ...this.state.run, feeds: { ...this.state.run.feeds, market: state } },
      },
    );
  }

  /** One quarter of a second of ordinary life. */
  tick(): void {
    this.nowMs += 250;
    this.mid += (this.random() - 0.5) * 24;
    const dice = this.random();
    if (dice < 0.06) this.requote();
    else if (dice < 0.075) this.fill(this.state.ledger.positionLots > 0 ? "ask" : "bid");
    else if (dice < 0.085)
      this.fill(this.state.ledger.positionLots > 0 ? "bid" : "ask", this.random() < 0.15);
    else if (dice < 0.1) this.readMargin();
    else this.book();
    if (this.random() < 0.1) this.stats();
  }

  stats(): void {
    const used = this.state.account.usedSinceRead;
    this.feed.onRuntime({
      latencyMs: {
        eventToWire: { p50: 0.42 + this.random() * 0.1, p99: 1.9 + this.random() },
        roundTrip: { p50: 212 + this.random() * 9, p99: 318 + this.random() * 30 },
      },
      workers: { total: 10, busy: this.random() < 0.3 ? 1 : 0, queued: 0 },
      actions: { used, left: 10_170 - used },
      vol: volView(this.nowMs, 0.4 + 0.2 * this.random()),
    });
  }
}

/** A run of some minutes with everything in it that the page can show. */
export function playedRun(seed: number, minutes: number): FakeRun {
  const run = new FakeRun(seed);
  run.start();
  run.stats();
  const ticks = minutes * 240;
  for (let i = 0; i < ticks; i++) {
    run.tick();
    if (i === Math.floor(ticks * 0.3)) run.risk("widened", "volatility 2.1 × its day's median");
    if (i === Math.floor(ticks * 0.4)) run.risk("normal", "volatility back to 1.2 × its median");
    if (i === Math.floor(ticks * 0.6)) run.refuse(40);
    if (i === Math.floor(ticks * 0.8)) run.risk("reduceOnly", "skew 0.0152 over 0.0150");
    if (i === Math.floor(ticks * 0.85)) run.risk("normal", "skew 0.0121 under 0.0135");
  }
  return run;
}
