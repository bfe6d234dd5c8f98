import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../../lib/core/random.ts";
import { trainingPage } from "../../../lib/vol/evaluation/page.ts";
import { METADATA_KEY, metadataOf } from "../../../lib/vol/modelMetadata.ts";
import { Graph } from "../../../lib/vol/onnx/graph.ts";
import { VolModel } from "../../../lib/vol/onnx/model.ts";
import { BOOK_FILE, ModelRegistry } from "../../../lib/vol/registry.ts";
import { trainInChild } from "../../../lib/vol/training/child.ts";
import { judge } from "../../../lib/vol/training/gate.ts";
import { retrain } from "../../../lib/vol/training/retrain.ts";
import { runTraining } from "../../../lib/vol/training/run.ts";
import { problemOf } from "../../../lib/vol/training/series.ts";
import {
  candlesFromReturns,
  garchReturns,
  MINUTE,
  squareWaveReturns,
} from "../../support/syntheticCandles.ts";
import type { Candles } from "../../../lib/vol/candles.ts";
import type { CorrectionOptions } from "../../../lib/vol/training/correction.ts";
import type { Series } from "../../../lib/vol/training/series.ts";

setDefaultTimeout(60_000);

const series = (candles: Candles): Series => ({ name: "synthetic", candles, session: "always" });
const wave = series(candlesFromReturns(squareWaveReturns(3600, 1)));
const noise = series(
  candlesFromReturns(garchReturns(1500, 2, { omega: 4e-9, alpha: 0.1, beta: 0.85 })),
);
const correction: CorrectionOptions = {
  trainer: { hidden: 12, epochs: 8, batch: 32, rate: 1e-2, weightDecay: 0.01, sequencesMax: 2048 },
  seeds: [1],
  shuffleTargets: false,
};
const quick: CorrectionOptions = {
  ...correction,
  trainer: { ...correction.trainer, epochs: 2, sequencesMax: 512 },
};
const silent = { report: () => undefined, stop: () => false };
const horizonMs = 5 * MINUTE;

describe("a forecast earns its seat", () => {
  test("memory that HAR cannot see: the network is promoted with R² above 0.9", async () => {
    const { report, model } = await runTraining(
      [wave],
      { horizonMs, folds: 1, correction },
      null,
      silent,
    );
    const [har, lstm] = ["har", "lstm"].map((name) => report.entries.find((e) => e.name === name));
    expect(har?.r2Log ?? 1).toBeLessThan(0.85);
    expect(lstm?.r2Log ?? 0).toBeGreaterThan(0.9);
    expect(lstm?.r2 ?? 0).toBeGreaterThan(0.9);
    expect(lstm?.dmVsHar.p ?? 1).toBeLessThan(0.01);
    expect(report.verdict.promoted).toBe("lstm");
    expect(report.network?.servedDifference ?? 1).toBeLessThan(1e-5);
    expect(metadataOf(model ?? new Uint8Array()).name).toBe("lstm");
  });

  test("shuffled targets: nothing was learned, HAR serves, from a file without networks", async () => {
    const shuffled = { ...quick, shuffleTargets: true };
    const { report, model } = await runTraining(
      [wave],
      { horizonMs, folds: 1, correction: shuffled },
      null,
      silent,
    );
    expect(report.verdict.promoted).toBe("har");
    expect(report.verdict.why).toContain("HAR serves");
    const loaded = await VolModel.load(model ?? new Uint8Array());
    expect(loaded.metadata.sequenceNames).toEqual([]);
    const problem = problemOf(wave, horizonMs);
    const { variance, harVariance } = await loaded.forecast(problem, problem.at.slice(-5));
    expect(variance).toEqual(harVariance);
    await loaded.release();
  });

  test("a champion that learned from part of the test has no standing; the page tells the whole story", async () => {
    const run = (on: Series, champion: Uint8Array | null) =>
      runTraining([on], { horizonMs, folds: 1, correction: quick }, champion, silent);
    const first = await run(wave, null);
    const earlier = series(candlesFromReturns(squareWaveReturns(2400, 1)));
    const fair = await run(wave, first.model);
    expect(fair.report.championRefused).toBeNull();
    expect(fair.report.entries.map((entry) => entry.name)).toContain("champion");
    const again = await run(earlier, first.model);
    expect(again.report.championRefused).toBe("the champion was trained on part of this test");
    expect(again.report.entries.map((entry) => entry.name)).not.toContain("champion");
    const page = trainingPage({ ...again.report, series: "<script>" });
    expect(page).toContain("&lt;script>");
    expect(page.match(/<polyline/g)?.length).toBe(3);
    expect(page).toContain(`In use: <b>${again.report.verdict.promoted}</b>`);
  });

  test("the gate: margin and significance against HAR, and better than the champion", () => {
    const random = new Random(3, "gate");
    const truth = Float64Array.from({ length: 3000 }, () => Math.exp(random.normal()));
    const realised = truth.map((v) => v * Math.exp(0.3 * random.normal()));
    const blurred = (size: number): Float64Array =>
      truth.map((v) => v * Math.exp(size * random.normal()));
    const contest = { realised, har: blurred(0.5), lstm: null, champion: null, horizonBars: 5 };
    const [good, better, bad] = [blurred(0.3), blurred(0.1), blurred(0.8)];
    const cases: readonly [Float64Array | null, Float64Array | null, string][] = [
      [null, null, "har"],
      [good, null, "lstm"],
      [bad, null, "har"],
      [good, better, "champion"],
      [better, good, "lstm"],
      [bad, good, "champion"],
      [bad, bad, "har"],
      [contest.har.map((v) => v * 1.0001), null, "har"],
    ];
    for (const [lstm, champion, promoted] of cases)
      expect(judge({ ...contest, lstm, champion }).promoted as string).toBe(promoted);
  });
});

describe("the registry", () => {
  async function trained(): Promise<Uint8Array> {
    const { model } = await runTraining(
      [noise],
      { horizonMs, folds: 1, correction: null },
      null,
      silent,
    );
    return model ?? new Uint8Array();
  }
  const seat = { symbol: "US500", horizonMs };
  const attempt = { atMs: 1000, promoted: "har", why: "test", dataHash: "x", scores: [] } as const;

  test("publishes, loads, expires, and refuses a damaged file with the reason", async () => {
    const folder = await mkdtemp(join(tmpdir(), "amm500-registry-"));
    const registry = new ModelRegistry(folder);
    expect(await registry.champion(seat)).toBeNull();
    const bytes = await trained();
    const record = await registry.publish(seat, bytes, { ...attempt, scores: [] }, 5000);
    expect(await registry.champion(seat)).toEqual(record);
    expect(await registry.load(record, 4000)).toEqual(Buffer.from(bytes));
    expect(registry.load(record, 3_600_000 + 5000)).rejects.toThrow(/expired 1 h ago/);
    const path = join(folder, record.file);
    const damaged = await readFile(path);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 255;
    await writeFile(path, damaged);
    expect(registry.load(record, 4000)).rejects.toThrow(/is damaged: its SHA-256/);
    expect(
      registry.publish(seat, new Uint8Array([1, 2, 3]), { ...attempt, scores: [] }, 1),
    ).rejects.toThrow();
    expect((await registry.champion(seat))?.file).toBe(record.file);
    await writeFile(join(folder, BOOK_FILE), "no database".repeat(1000));
    expect(registry.champion(seat)).rejects.toThrow(/models\.sqlite is damaged; remove it/);
  });

  test("foreign and damaged models are refused, each with its reason", async () => {
    expect(VolModel.load(new Uint8Array([255, 1, 2]))).rejects.toThrow(/does not decode as ONNX/);
    const foreign = new Graph();
    foreign.output("y", foreign.input("x", [1]), [1]);
    expect(VolModel.load(foreign.bytes())).rejects.toThrow(/no metadata "amm500.vol"/);
    expect(VolModel.load(foreign.bytes({ [METADATA_KEY]: "{}" }))).rejects.toThrow(
      /not understood/,
    );
    const model = await VolModel.load(await trained());
    const other = problemOf(noise, 15 * MINUTE);
    expect(model.forecast(other, other.at.slice(-1))).rejects.toThrow(
      /forecasts 5 bars of 60 s \(always\); asked for 15 bars/,
    );
    await model.release();
  });
});

describe("training in a process of its own", () => {
  async function job(candles: Candles, options: CorrectionOptions | null) {
    const folder = await mkdtemp(join(tmpdir(), "amm500-job-"));
    const rows = Array.from(candles.openMs, (ms, i) =>
      [ms, candles.open[i], candles.high[i], candles.low[i], candles.close[i]].join(","),
    );
    const path = join(folder, "candles.csv");
    await writeFile(path, `ts,open,high,low,close\n${rows.join("\n")}\n`);
    const files = [{ path, name: "candles.csv", zone: "utc" as const }];
    const trainer = { horizonMs, folds: 1, timeMsMax: 60_000, memoryMbMax: 2000 };
    return {
      folder,
      job: { ...trainer, files, correction: options && { ...options, seeds: [...options.seeds] } },
    };
  }
  const seat = { symbol: "US500", horizonMs };
  const quiet = { onProgress: () => undefined, signal: null };

  test("publishes the winner; a training killed in the middle changes nothing", async () => {
    const first = await job(noise.candles, null);
    const registry = new ModelRegistry(join(first.folder, "models"));
    const request = { seat, job: first.job, nowMs: () => 1_000_000, publish: true };
    const outcome = await retrain(registry, request, quiet);
    expect(outcome.report.verdict.promoted).toBe("har");
    const before = await readdir(join(first.folder, "models"));
    expect(before.toSorted()).toEqual([outcome.modelFile ?? "", BOOK_FILE].toSorted());
    const book = await readFile(join(first.folder, "models", BOOK_FILE));

    const second = await job(wave.candles, {
      ...correction,
      trainer: { ...correction.trainer, epochs: 500 },
    });
    const cancel = new AbortController();
    const progress: string[] = [];
    const killed = retrain(
      registry,
      { ...request, job: second.job },
      {
        onProgress: (text) => {
          progress.push(text);
          cancel.abort();
        },
        signal: cancel.signal,
      },
    );
    expect(killed).rejects.toThrow("cancelled");
    await killed.catch(() => null);
    expect(progress[0]).toContain("network 1 of 2 (seed 1, mse), epoch 1");
    expect(await readdir(join(first.folder, "models"))).toEqual(before);
    expect(await readFile(join(first.folder, "models", BOOK_FILE))).toEqual(book);
  });

  test("a model published while another trains: the other did not compete with it and publishes nothing", async () => {
    const { folder, job: base } = await job(noise.candles, null);
    const models = join(folder, "models");
    const request = { seat, job: base, nowMs: () => 1_000_000, publish: true };
    const { modelFile } = await retrain(new ModelRegistry(models), request, quiet);
    /** Sees the book as it was before that model was published, until the training has ended. */
    class Earlier extends ModelRegistry {
      asked = 0;
      override async champion(name: typeof seat) {
        return this.asked++ === 0 ? null : super.champion(name);
      }
    }
    const late = retrain(new Earlier(models), request, quiet);
    expect(late).rejects.toThrow(/did not compete with it and publishes nothing/);
    await late.catch(() => null);
    const registry = new ModelRegistry(models);
    expect((await registry.champion(seat))?.file).toBe(modelFile ?? "");
    expect(await registry.attempts(seat)).toHaveLength(1);
  });

  test("ends itself at its time and memory limits, and says what is wrong with the data", async () => {
    const { folder, job: base } = await job(noise.candles, quick);
    const whole = { ...base, championPath: null, modelPath: join(folder, "m.onnx") };
    expect(trainInChild({ ...whole, timeMsMax: 1 }, quiet)).rejects.toThrow(
      /time limit of 0.001 s/,
    );
    expect(trainInChild({ ...whole, memoryMbMax: 1 }, quiet)).rejects.toThrow(
      /over its limit of 1 MB/,
    );
    expect(trainInChild({ ...whole, horizonMs: 90_000 }, quiet)).rejects.toThrow(
      /a horizon of 90 s is no multiple of its bars of 60 s/,
    );
    await trainInChild({ ...whole, horizonMs: 90_000 }, quiet).catch(() => null);
  });
});
