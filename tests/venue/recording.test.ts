import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COIN, MirrorWorld, quietFeed } from "../support/mirrorWorld.ts";
import { RowKind } from "../../lib/core/tape/tape.ts";
import type { TapeBlock } from "../../lib/core/tape/tape.ts";
import { Recording } from "../../lib/marketdata/live/recording.ts";
import type { RecordingSummary } from "../../lib/marketdata/live/recording.ts";
import type { Rotation } from "../../lib/marketdata/live/tapeRecorder.ts";
import { openTape } from "../../lib/marketdata/tape/tapeReader.ts";
import { replayedFeed } from "../../lib/venue/feeds/replayed.ts";
import { simulatedFeed } from "../../lib/venue/feeds/simulated.ts";
import type { MarketFeed } from "../../lib/venue/rules/types.ts";

const folder = mkdtempSync(join(tmpdir(), "amm500-recording-"));
afterAll(() => rmSync(folder, { recursive: true }));

let running: MirrorWorld | null = null;
afterEach(() => running?.end());

function begin(feed: MarketFeed): MirrorWorld {
  running = MirrorWorld.begin(feed);
  return running;
}

const busy = (seed: number): MarketFeed =>
  simulatedFeed({ coin: COIN, szDecimals: 3, seed, startPxTicks: 693_000 });

type Told = { readonly recording: Recording; readonly news: string[] };

function record(world: MirrorWorld, name: string, rotation: Rotation): Told {
  const news: string[] = [];
  const recording = new Recording({
    listen: (deps) => world.client.market({ ...deps, random: () => 0 }),
    clock: world.clock,
    coin: COIN,
    szDecimals: 3,
    source: "recorded from a test",
    folder: mkdtempSync(join(folder, name)),
    rotation,
    onNews: (text) => news.push(text),
    onFailure: (error) => {
      throw error;
    },
  });
  recording.start();
  return { recording, news };
}

/** Rows of all tapes in order, but for the oracle that each tape begins with. */
function rowsOf({ tapes }: RecordingSummary): string[] {
  return tapes.flatMap(({ path }) =>
    [...openTape(path).blocks()].flatMap(textsOf).filter((row, at) => at > 0 || !isOracle(row)),
  );
}

const isOracle = (row: string): boolean => row.startsWith(`${RowKind.oracle} `);

function textsOf(block: TapeBlock): string[] {
  return Array.from({ length: block.rows }, (_, row) => {
    const from = block.levelFrom[row] ?? 0;
    const end = block.levelFrom[row + 1] ?? from;
    return [
      block.kind[row],
      block.timeMs[row],
      block.side[row],
      block.px[row],
      block.lots[row],
      block.bidCount[row],
      ...block.levelPx.slice(from, end),
      ...block.levelLots.slice(from, end),
    ].join(" ");
  });
}

function prints(rows: readonly string[]): string[] {
  return rows
    .map((row) => row.split(" "))
    .filter(([kind]) => kind === String(RowKind.print))
    .map(([, , side, px, lots]) => `${side === "0" ? "bid" : "ask"} ${px} ${lots}`);
}

describe("a recording", () => {
  test("holds every trade in order, and loses no row between one tape and the next", () => {
    const world = begin(busy(11));
    const whole = record(world, "whole", null);
    const cut = record(world, "cut", { everyMs: 5_000 });
    const small = record(world, "small", { bytes: 4_000 });
    world.pass(60_000);
    const [one, many, sized] = [whole, cut, small].map((each) => each.recording.stop());
    if (one === undefined || many === undefined || sized === undefined) throw new Error("three");
    expect(one.tapes).toHaveLength(1);
    expect(many.tapes.length).toBeGreaterThan(8);
    expect(sized.tapes.length).toBeGreaterThan(1);
    expect(rowsOf(many)).toEqual(rowsOf(one));
    expect(rowsOf(sized)).toEqual(rowsOf(one));
    expect(one).toMatchObject({ gaps: [], latePrints: 0 });
    const told = prints(rowsOf(one));
    const traded = world.upstream.venue
      .lastTrades(COIN, 500)
      .map(({ side, pxTicks, sizeLots }) => `${side} ${pxTicks} ${sizeLots}`)
      .toReversed();
    expect(told.length).toBeGreaterThan(10);
    expect(traded.join("|")).toContain(told.join("|"));
    const { header } = one.tapes[0] ?? {};
    expect(header).toMatchObject({ coin: COIN, szDecimals: 3, source: "recorded from a test" });
    expect(header?.rowsByKind.oracle).toBeGreaterThan(10);
    for (const { path } of [...one.tapes, ...many.tapes])
      expect(openTape(path).header.rowsByKind.depth).toBeGreaterThan(0);
  });

  test("goes on after a cut, and says when the book was not known, and why", () => {
    const world = begin(quietFeed());
    const { recording, news } = record(world, "gap", null);
    world.pass(5_000);
    world.kill();
    world.pass(20_000);
    world.restart(quietFeed().take(5_000, "ask", 690_000, 300));
    world.pass(30_000);
    const summary = recording.stop();
    expect(news[0]).toBe("the first book has come");
    expect(news[1]).toBe("gap: the connection was lost: cut by the test");
    expect(news[2]).toMatch(/^books come again after \d+\.\d s$/);
    expect(summary.gaps).toHaveLength(1);
    const [{ path, header } = { path: "", header: null }] = summary.tapes;
    const [gap] = header?.gaps ?? [];
    expect(gap?.reason).toBe("the connection was lost: cut by the test");
    expect((gap?.toMs ?? 0) - (gap?.fromMs ?? 0)).toBeGreaterThan(20_000);
    expect(openTape(path).header).toEqual(header as never);
    expect(prints(rowsOf(summary)).length).toBeGreaterThan(0);
  });

  test("that loses the exchange for good ends with what it has", () => {
    const world = begin(quietFeed());
    const { recording } = record(world, "lost", null);
    world.pass(5_000);
    world.kill();
    world.pass(60_000);
    const { tapes, gaps } = recording.stop();
    expect(gaps).toMatchObject([{ toMs: null }]);
    expect(tapes[0]?.header.gaps).toEqual([]);
    expect(openTape(tapes[0]?.path ?? "").header.rowsByKind.depth).toBeGreaterThan(5);
  });

  test("of an exchange that is never heard is no tape", () => {
    const world = begin(quietFeed());
    world.kill();
    const { recording } = record(world, "silent", null);
    world.pass(60_000);
    expect(recording.stop()).toMatchObject({ rows: 0, tapes: [] });
    expect(readdirSync(folder).some((name) => name.startsWith("silent"))).toBe(true);
  });

  test("replays with the same fills as the mirror of the same market has", () => {
    const script = () =>
      quietFeed()
        .rest(9_000, "bid", 690_000, 500)
        .take(15_000, "ask", 690_000, 1_020)
        .take(20_000, "ask", 689_990, 3_000);
    const live = begin(script());
    const { recording } = record(live, "same", null);
    // Trades are told to both alike; the mirror of a replay of the recording stands for the replay.
    live.pass(4_000);
    live.place("bid", "690", "0.05");
    live.pass(25_000);
    const { tapes } = recording.stop();
    const fills = (world: MirrorWorld) =>
      world.fills().map(({ pxTicks, sizeLots, cause }) => `${sizeLots} ${pxTicks} ${cause}`);
    const mirrored = fills(live);
    expect(mirrored).toEqual(["20 690000 queue", "30 690000 queue"]);
    live.end();
    const again = begin(replayedFeed(openTape(tapes[0]?.path ?? "")));
    again.pass(1_000);
    again.place("bid", "690", "0.05");
    again.pass(25_000);
    expect(fills(again)).toEqual(mirrored);
  });
});
