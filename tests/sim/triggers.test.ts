import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { RiskMode } from "../../lib/messages/state.ts";
import type { Bot } from "../../lib/runtime/bot.ts";
import { microUsd, ms } from "../../lib/units/numbers.ts";
import type { Clock } from "../../lib/units/time.ts";
import {
  MINUTE_MS,
  POOR,
  addingAfter,
  changeTo,
  deaf,
  equityOver,
  frames,
  marginInUse,
  placedIn,
  provoked,
  reporting,
  run,
} from "../support/provoked.ts";
import type { Seen } from "../support/provoked.ts";
import { CARELESS } from "../support/eager.ts";

setDefaultTimeout(30_000);

describe("a simulated stretch that provokes it", () => {
  test("band: a position beyond its side's share is only reduced, until it is within", async () => {
    const seen = await run({
      minutes: 7,
      scenario: "trend",
      params: POOR,
      between: equityOver(200),
    });
    const reduced = changeTo(seen, "reduceOnly");
    expect(reduced?.reason).toMatch(/^band: .* of equity x leverage (long|short)/);
    expect(seen.released).toContain("band");
    const next = seen.changes.find(({ atMs }) => atMs > (reduced?.atMs ?? 0));
    expect(addingAfter(seen, next?.atMs ?? Infinity)).toBeGreaterThan(0);
  });

  test("liquidation: near its price the position shrinks, and quotes come back", async () => {
    const wide = { positionLimitFraction: 1e6, longBandFraction: 1e6, shortBandFraction: 1e6 };
    const seen = await run({
      minutes: 7,
      scenario: "trend",
      params: { ...POOR, ...wide },
      between: equityOver(1_300),
    });
    expect(seen.changes.some(({ reason }) => reason.startsWith("liquidation: "))).toBe(true);
    expect(seen.released).toContain("liquidation");
    expect(addingAfter(seen, seen.startMs + 5 * MINUTE_MS)).toBeGreaterThan(0);
  });

  test("crossed book: quotes are pulled while bid and ask are the wrong way round", async () => {
    const crossed = frames((frame) =>
      frame.data.bbo === undefined
        ? null
        : { ...frame, data: { ...frame.data, bbo: frame.data.bbo.toReversed() } },
    );
    const seen = await run({ minutes: 4, between: crossed });
    expect(seen.fired).toContain("crossed book");
    expect(seen.released).toContain("crossed book");
    expect(placedIn(seen, 2 + 20 / 60, 4)).toBeGreaterThan(0);
  });

  test("stale book: every order goes while nothing is heard of the market, and quotes return", async () => {
    const silent = frames(() => null);
    const seen = await run({ minutes: 4, between: silent });
    expect(placedIn(seen, 2 + 6 / 60, 2 + 19 / 60)).toBe(0);
    expect(placedIn(seen, 2 + 19.9 / 60, 4)).toBeGreaterThan(0);
  });

  test("skew: reduce-only begins, the position shrinks, quotes come back", async () => {
    // The same position is too large for a twentieth of the equity.
    const seen = await run({
      minutes: 7,
      scenario: "trend",
      params: { maxDrawdown: 1, reduceOnlyDrawdown: 1 },
      between: reporting((summary) => ({
        ...summary,
        accountValue: (Number(summary["accountValue"]) / 20).toFixed(6),
      })),
    });
    const reduced = changeTo(seen, "reduceOnly");
    expect(reduced?.reason).toStartWith("skew:");
    expect(seen.released).toContain("skew");
    const next = seen.changes.find((change) => change.atMs > (reduced?.atMs ?? 0));
    const during = seen.placed.filter(
      ({ atMs }) => atMs > (reduced?.atMs ?? 0) && atMs < (next?.atMs ?? Infinity),
    );
    expect(during.every(({ reduceOnly }) => reduceOnly)).toBe(true);
    expect(addingAfter(seen, next?.atMs ?? Infinity)).toBeGreaterThan(0);
  });

  test("margin: reduce-only", async () => {
    const between = reporting(marginInUse(0.85));
    const seen = await run({ minutes: 7, scenario: "trend", between });
    expect(changeTo(seen, "reduceOnly")?.reason).toStartWith("margin: 85.00 %");
    expect(seen.released).toContain("margin");
  });

  test("margin beyond the cap: the position is closed slice by slice until it is below", async () => {
    const slices: number[] = [];
    const seen = await run({
      minutes: 7,
      scenario: "trend",
      params: { reduceOnlySkew: 0.5, flattenPassiveMs: ms(0) },
      between: reporting(marginInUse(0.95)),
      onStarted: (bot) =>
        bot.onAudit(({ approved }) => {
          for (const command of approved)
            if (command.kind === "place" && command.tif === "Ioc") slices.push(command.sizeLots);
        }),
    });
    const flatten = changeTo(seen, "flatten");
    expect(flatten?.reason).toBe("margin: 95.00 % of equity is in use, cap 90.00 %");
    const next = seen.changes.find(({ atMs }) => atMs > (flatten?.atMs ?? 0));
    expect(next?.mode).not.toBe("halted");
    expect(slices.length).toBeGreaterThan(0);
    expect(seen.released).toContain("margin");
    expect(addingAfter(seen, next?.atMs ?? Infinity)).toBeGreaterThan(0);
  });

  test("losses: a streak leaves one side, and is forgiven once flat", async () => {
    const params = { reduceOnlyLosses: 0, lossCooldownMs: ms(MINUTE_MS), reduceOnlySkew: 0.5 };
    const isLosses = ({ mode, reason }: Seen["changes"][number]): boolean =>
      mode === "reduceOnly" && reason.startsWith("losses:");
    const seen = await provoked(
      { minutes: 20, params },
      ({ changes, released }) => changes.some(isLosses) && released.has("losses"),
    );
    expect(seen.changes.find(isLosses)).toBeDefined();
  });

  test("day's drawdown: only the reducing side until a new day", async () => {
    const params = { reduceOnlyDrawdown: 0.00002, maxDrawdown: 0.5 };
    const seen = await provoked(
      { minutes: 12, scenario: "informed", params },
      (stretch) => changeTo(stretch, "reduceOnly") !== undefined,
    );
    const reduced = changeTo(seen, "reduceOnly");
    expect(reduced?.reason).toStartWith("drawdown:");
    expect(seen.placed.length).toBeGreaterThan(0);
  });

  test("total drawdown in a crash: flat first, then halted, and nothing is placed until an operator resumes", async () => {
    const params = { maxDrawdown: 0.0001, reduceOnlyDrawdown: 0.0001, reduceOnlySkew: 0.5 };
    const before: { mode: RiskMode; positionLots: number }[] = [];
    const onStarted = (bot: Bot, clock: Clock): void => {
      clock.at(ms(clock.nowMs() + 15 * MINUTE_MS), () => {
        before.push({ mode: bot.state.risk.mode, positionLots: bot.state.ledger.positionLots });
        const id = bot.nextId("operator");
        void bot.tell({ kind: "operator", id, order: { op: "resume" }, reason: "test" });
      });
    };
    const seen = await provoked(
      { minutes: 17, scenario: "crash", params, onStarted },
      (stretch) => {
        const haltedAtMs = changeTo(stretch, "halted")?.atMs;
        return haltedAtMs !== undefined && addingAfter(stretch, haltedAtMs) > 0;
      },
    );
    expect(before.at(-1)).toEqual({ mode: "halted", positionLots: 0 });
    const flatten = changeTo(seen, "flatten");
    const halted = changeTo(seen, "halted");
    expect(flatten?.reason).toStartWith("total drawdown:");
    expect(halted?.atMs).toBeGreaterThan(flatten?.atMs ?? Infinity);
    const haltedMs = halted?.atMs ?? 0;
    const resumedMs = seen.changes.find(({ atMs }) => atMs > haltedMs)?.atMs ?? 0;
    expect(resumedMs - seen.startMs).toBeGreaterThan(14 * MINUTE_MS);
    expect(seen.placed.filter(({ atMs }) => atMs > haltedMs && atMs < resumedMs)).toEqual([]);
    expect(addingAfter(seen, resumedMs)).toBeGreaterThan(0);
  });

  test("takers: after flattening much of the volume, quotes are wider and nothing takes", async () => {
    const say = (bot: Bot, clock: Clock, atMs: number, op: "flatten" | "resume"): void => {
      clock.at(ms(clock.nowMs() + atMs), () => {
        const id = bot.nextId("operator");
        void bot.tell({ kind: "operator", id, order: { op }, reason: "test" });
      });
    };
    const onStarted = (bot: Bot, clock: Clock): void => {
      for (let i = 1; i <= 3; i++) {
        say(bot, clock, i * 3 * MINUTE_MS, "flatten");
        say(bot, clock, (i * 3 + 1) * MINUTE_MS, "resume");
      }
    };
    // A ratio of few fills says nothing, so quotes stand at the touch whatever that costs.
    const params = { ...CARELESS, takerRatioCap: 0.005, flattenPassiveMs: ms(0) };
    const seen = await provoked(
      { minutes: 12, scenario: "trend", params, onStarted },
      ({ fired }) => fired.has("takers"),
    );
    expect(
      seen.changes.some(({ mode, reason }) => mode === "widened" && reason.startsWith("takers:")),
    ).toBe(true);
  });

  test("thin book: quotes are pulled while others show little, and return", async () => {
    const seen = await run({ minutes: 4, params: { thinBookMicroUsd: microUsd(60_000_000_000) } });
    expect(seen.fired).toContain("thin book");
    expect(seen.released).toContain("thin book");
    expect(seen.placed.length).toBeGreaterThan(0);
  });

  test("oracle: quotes are pulled while it stands still and the market moves", async () => {
    const params = { oracleStaleMs: ms(2_000), oracleDriftBps: 0.2 };
    const seen = await run({ minutes: 4, params });
    expect(seen.fired).toContain("stale oracle");
    expect(seen.released).toContain("stale oracle");
  });

  test("event loop: a late program pulls its quotes for a while", async () => {
    const lagAtMs = 3 * MINUTE_MS;
    const seen = await run({
      minutes: 5,
      onStarted: (bot, clock) => {
        clock.at(ms(clock.nowMs() + lagAtMs), () =>
          bot.sequencer.post({ kind: "timer", timer: "requote", id: "late", lagMs: 1_500 }),
        );
      },
    });
    expect(seen.fired).toContain("lag");
    expect(seen.released).toContain("lag");
  });

  test("unread margin: quotes are pulled, and return with the reading", async () => {
    const seen = await run({
      minutes: 4,
      params: { marginStaleMs: ms(20_000) },
      between: deaf("clearinghouseState"),
    });
    const since = (minutes: number) => seen.startMs + minutes * MINUTE_MS;
    const adding = seen.placed.filter(({ reduceOnly }) => !reduceOnly).map(({ atMs }) => atMs);
    expect(adding.filter((atMs) => atMs > since(1.5) && atMs < since(1.95))).toEqual([]);
    expect(adding.some((atMs) => atMs > since(2.1))).toBe(true);
  });

  test("failed reconciliation: every order goes, and quotes return when the venue agrees", async () => {
    const seen = await run({ minutes: 4, between: deaf("frontendOpenOrders") });
    const since = (minutes: number) => seen.startMs + minutes * MINUTE_MS;
    const placed = seen.placed.map(({ atMs }) => atMs);
    expect(placed.filter((atMs) => atMs > since(1.6) && atMs < since(1.95))).toEqual([]);
    expect(placed.some((atMs) => atMs > since(2.6))).toBe(true);
  });

  test("an operator's flatten ends flat and halted, and stays so", async () => {
    const seen = await run({
      minutes: 6,
      scenario: "trend",
      onStarted: (bot, clock) => {
        clock.at(ms(clock.nowMs() + 4 * MINUTE_MS), () => {
          const id = bot.nextId("operator");
          void bot.tell({ kind: "operator", id, order: { op: "flatten" }, reason: "test" });
        });
      },
    });
    expect(seen.positionLots).toBe(0);
    expect(seen.openOrders).toBe(0);
    const halted = changeTo(seen, "halted");
    expect((halted?.atMs ?? Infinity) - seen.startMs).toBeLessThan(4.5 * MINUTE_MS);
    expect(seen.placed.filter(({ atMs }) => atMs > (halted?.atMs ?? 0))).toEqual([]);
  });
});
