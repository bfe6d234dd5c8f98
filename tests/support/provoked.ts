import { expect } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import { TransportError } from "../../lib/hyperliquid/transport.ts";
import type { Transport } from "../../lib/hyperliquid/transport.ts";
import type { Audit } from "../../lib/messages/audit.ts";
import type { Params } from "../../lib/messages/params.ts";
import type { RiskMode } from "../../lib/messages/state.ts";
import type { Bot } from "../../lib/runtime/bot.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import type { Clock } from "../../lib/units/time.ts";
import type { ScenarioName } from "../../lib/venue/feeds/scenarios.ts";
import { EAGER } from "./eager.ts";

export const MINUTE_MS = 60_000;
const SILENT = { onProgress: () => {}, onWarning: () => {} };

/** What a simulated stretch showed of the risk machine. */
export type Seen = {
  readonly changes: readonly {
    readonly atMs: number;
    readonly mode: RiskMode;
    readonly reason: string;
  }[];
  /** Spans in which quotes were pulled or blocked, with the cause. */
  readonly fired: ReadonlySet<string>;
  readonly released: ReadonlySet<string>;
  readonly placed: readonly { readonly atMs: number; readonly reduceOnly: boolean }[];
  readonly positionLots: number;
  readonly openOrders: number;
  readonly startMs: number;
  readonly alarms: readonly string[];
};

export type Plan = {
  readonly minutes: number;
  readonly seed?: number;
  readonly scenario?: ScenarioName;
  readonly params?: Partial<Params>;
  readonly between?: (transport: Transport, clock: Clock, positionLots: () => number) => Transport;
  readonly onStarted?: (bot: Bot, clock: Clock) => void;
};

export async function run(plan: Plan): Promise<Seen> {
  const changes: { atMs: number; mode: RiskMode; reason: string }[] = [];
  const fired = new Set<string>();
  const released = new Set<string>();
  const placed: { atMs: number; reduceOnly: boolean }[] = [];
  const alarms: string[] = [];
  let startMs = 0;
  let heldLots = 0;
  const onAudit = ({ event, before, after, approved }: Audit): void => {
    startMs ||= event.atMs;
    heldLots = after.ledger.positionLots;
    if (event.kind === "runStopping") return;
    if (before.risk.mode !== after.risk.mode)
      changes.push({ atMs: event.atMs, mode: after.risk.mode, reason: after.risk.reason });
    const [was, is] = [before.risk.triggers ?? {}, after.risk.triggers ?? {}];
    for (const name of Object.keys(is)) if (was[name] === undefined) fired.add(name);
    for (const name of Object.keys(was)) if (is[name] === undefined) released.add(name);
    const { alarm } = after.risk;
    if (alarm !== null && alarm !== undefined && alarm !== before.risk.alarm) alarms.push(alarm);
    for (const command of approved)
      if (command.kind === "place" || command.kind === "modify")
        placed.push({ atMs: event.atMs, reduceOnly: command.reduceOnly });
  };
  const { minutes, seed = 3, params, between, ...rest } = plan;
  const faults: NonNullable<Plan["between"]> = between ?? ((transport) => transport);
  const summary = await simulate({
    symbol: "US500",
    seed,
    durationMs: minutes * MINUTE_MS,
    params: { ...defaultParams, ...EAGER, ...params },
    ...SILENT,
    ...rest,
    between: (transport, clock) => faults(transport, clock, () => heldLots),
    onAudit,
  });
  const { lots, venueLots } = summary.position;
  expect(venueLots).toBe(lots);
  expect(summary.pnl.residualMicroUsd).toBe(0);
  return {
    changes,
    fired,
    released,
    placed,
    positionLots: lots,
    openOrders: summary.openOrdersAtEnd,
    startMs,
    alarms,
  };
}

/** What a stretch shows depends on what the market draws: these are tried in turn until one provokes the trigger. */
const SEEDS = [3, 4, 5, 6, 7, 8, 9, 10];

export async function provoked(plan: Plan, shows: (seen: Seen) => boolean): Promise<Seen> {
  for (const seed of SEEDS) {
    const seen = await run({ ...plan, seed });
    if (shows(seen)) return seen;
  }
  throw new Error(`none of the seeds ${SEEDS.join(" ")} provokes it`);
}

/** Orders that would add to the position, made after a time. */
export const addingAfter = ({ placed }: Seen, atMs: number): number =>
  placed.filter((order) => order.atMs > atMs && !order.reduceOnly).length;
export const changeTo = ({ changes }: Seen, mode: RiskMode) =>
  changes.find((change) => change.mode === mode);

/** The exchange does not answer questions of a kind from the second minute to the third. */
export function deaf(type: string): NonNullable<Plan["between"]> {
  return (transport, clock) => {
    const startMs = clock.nowMs();
    return {
      info: (body) => {
        const sinceMs = clock.nowMs() - startMs;
        const silent = sinceMs > MINUTE_MS && sinceMs < 2 * MINUTE_MS;
        return silent && body.includes(`"${type}"`)
          ? Promise.reject(new TransportError("no answer"))
          : transport.info(body);
      },
      exchange: (body) => transport.exchange(body),
      openSocket: (handlers) => transport.openSocket(handlers),
    };
  };
}

type Summary = { readonly [name: string]: string };

export const marginInUse =
  (share: number) =>
  (summary: Summary): Summary => ({
    ...summary,
    totalMarginUsed: (share * Number(summary["accountValue"])).toFixed(6),
  });

/**
 * The exchange reports another margin summary than it has for a minute, from the first moment after two minutes at which
 * something is held.
 */
export function reporting(change: (summary: Summary) => Summary): NonNullable<Plan["between"]> {
  return (transport, clock, positionLots) => {
    const notBeforeMs = clock.nowMs() + 2 * MINUTE_MS;
    let fromMs = Infinity;
    return {
      info: async (body) => {
        const answer = await transport.info(body);
        const nowMs = clock.nowMs();
        if (fromMs === Infinity && nowMs > notBeforeMs && Math.abs(positionLots()) >= 20)
          fromMs = nowMs;
        if (nowMs < fromMs || nowMs > fromMs + MINUTE_MS || !body.includes('"clearinghouseState"'))
          return answer;
        const state = JSON.parse(answer.text) as { marginSummary: Summary };
        const text = JSON.stringify({ ...state, marginSummary: change(state.marginSummary) });
        return { ...answer, text };
      },
      exchange: (body) => transport.exchange(body),
      openSocket: (handlers) => transport.openSocket(handlers),
    };
  };
}

type Frame = { readonly channel: string; readonly data: { readonly bbo?: readonly unknown[] } };

/** The market's frames pass through a change from the second minute on, for twenty seconds; null drops one. */
export function frames(change: (frame: Frame) => Frame | null): NonNullable<Plan["between"]> {
  return (transport, clock) => {
    const startMs = clock.nowMs();
    return {
      info: (body) => transport.info(body),
      exchange: (body) => transport.exchange(body),
      openSocket: (handlers) =>
        transport.openSocket({
          ...handlers,
          onMessage: (text) => {
            const sinceMs = clock.nowMs() - startMs;
            const frame = JSON.parse(text) as Frame;
            const isMarket = /^(bbo|l2Book|trades)$/.test(frame.channel);
            if (!isMarket || sinceMs < 2 * MINUTE_MS || sinceMs > 2 * MINUTE_MS + 20_000)
              return handlers.onMessage(text);
            const changed = change(frame);
            if (changed !== null) handlers.onMessage(JSON.stringify(changed));
          },
        }),
    };
  };
}

/** Orders made in a span of minutes. */
export const placedIn = ({ placed, startMs }: Seen, from: number, to: number): number =>
  placed.filter(({ atMs }) => atMs > startMs + from * MINUTE_MS && atMs < startMs + to * MINUTE_MS)
    .length;

/** Limits that do not come first while the account's equity is said to be next to nothing. */
export const POOR: Partial<Params> = {
  maxDrawdown: 2,
  reduceOnlyDrawdown: 2,
  reduceOnlySkew: 1e6,
  reduceOnlyMargin: 1e6,
  marginCap: 1e7,
};
export const equityOver = (divisor: number) =>
  reporting((summary) => ({
    ...summary,
    accountValue: (Number(summary["accountValue"]) / divisor).toFixed(6),
  }));
