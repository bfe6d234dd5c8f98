import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CandleStore } from "../../lib/marketdata/history/candleStore.ts";
import type { VolJob } from "../../lib/marketdata/history/volJob.ts";
import { runVolJob, VolChildError } from "../../lib/runtime/volChild.ts";
import { BOOK_FILE, ModelRegistry } from "../../lib/vol/registry.ts";
import { historyStub } from "../support/historyStub.ts";

setDefaultTimeout(60_000);

const stub = historyStub();
const folders: string[] = [];
afterAll(async () => {
  await stub.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  for (const who of ["yahoo", "us500", "btc"] as const) stub.set(who, "good");
});

const SEAT = { symbol: "US500", horizonMs: 300_000 };

function jobOf(kind: VolJob["kind"], changes: Partial<VolJob> = {}): VolJob {
  const folder = mkdtempSync(join(tmpdir(), "amm500-job-"));
  folders.push(folder);
  return {
    kind,
    history: {
      file: join(folder, "history.sqlite"),
      symbol: "US500",
      barMs: 300_000,
      days: 30,
      exchangeUrl: stub.url,
      yahooUrl: stub.url,
      own: null,
      rules: { useXyz100Primary: true, xyz100BarsMin: 1000, btcFallbackEnabled: true },
      timeoutMs: 500,
      retry: { attempts: 1, firstWaitMs: 1 },
    },
    minutes: null,
    training: {
      modelsFolder: join(folder, "models"),
      seat: SEAT,
      ownSeat: { ...SEAT, symbol: "US500 simulated" },
      networks: 0,
      epochs: 1,
      timeMsMax: 60_000,
      memoryMbMax: 1000,
    },
    ...changes,
  };
}

const quietly = { onProgress: () => undefined, signal: new AbortController().signal };

describe("fetching beside the bot", () => {
  test("says what each source gave and keeps it", async () => {
    const answer = await runVolJob(jobOf("fetch"), quietly);
    expect(answer).toMatchObject({
      kind: "fetched",
      used: "xyz100",
      failure: null,
      reports: [{ source: "xyz100", instrument: "^OEX", passedOver: null, gaps: 0 }],
    });
  });

  test("a market of one's own is asked at its own exchange, kept under its own name, with the minutes seen", async () => {
    stub.set("yahoo", "500");
    const job = jobOf("fetch");
    const instrument = "km:US500 (simulated, seed 7)";
    const own = { url: stub.url, coin: "km:US500", instrument };
    const openMs = Math.floor(Date.now() / 300_000) * 300_000 - 600_000;
    const rows = Array.from(
      { length: 5 },
      (_, i) =>
        [openMs + i * 60_000, 1, 3, 0.5, 2] satisfies [number, number, number, number, number],
    );
    const minutes = { instrument, rows };
    const answer = await runVolJob({ ...job, minutes, history: { ...job.history, own } }, quietly);
    expect(answer).toMatchObject({
      used: "us500",
      reports: [
        { source: "xyz100", passedOver: "serverError" },
        { source: "us500", instrument },
      ],
    });
    const store = new CandleStore(job.history.file);
    expect(store.instruments()).toEqual([instrument]);
    expect(store.load({ instrument, barMs: 60_000 }, openMs, openMs + 300_000)).toHaveLength(5);
    store.close();
  });

  test("without any source says why, one by one", async () => {
    for (const who of ["yahoo", "us500", "btc"] as const) stub.set(who, "500");
    const answer = await runVolJob(jobOf("fetch"), quietly);
    expect(answer).toMatchObject({ kind: "fetched", used: null });
    expect(answer.kind === "fetched" && answer.reports.map((r) => r.passedOver)).toEqual([
      "serverError",
      "serverError",
      "serverError",
    ]);
    expect(await runVolJob(jobOf("retrain"), quietly)).toMatchObject({
      kind: "failed",
      source: null,
    });
  });
});

describe("retraining beside the bot", () => {
  test("publishes for the seat that the data are of", async () => {
    const job = jobOf("retrain");
    const answer = await runVolJob(job, quietly);
    expect(answer).toMatchObject({
      kind: "retrained",
      source: "xyz100 (^OEX)",
      result: { promoted: "har", championRefused: null },
    });
    const registry = new ModelRegistry(job.training.modelsFolder);
    expect((await registry.champion(SEAT))?.kind).toBe("har");
    expect(await registry.champion(job.training.ownSeat)).toBeNull();
    stub.set("yahoo", "500");
    const own = { url: stub.url, coin: "km:US500", instrument: "km:US500 (simulated, seed 7)" };
    await runVolJob(
      { ...job, history: { ...job.history, own, file: `${job.history.file}2` } },
      quietly,
    );
    expect((await registry.champion(job.training.ownSeat))?.kind).toBe("har");
  });

  test("that is ended in the middle changes nothing, and leaves no process", async () => {
    const job = jobOf("retrain");
    await runVolJob(job, quietly);
    const folder = job.training.modelsFolder;
    const book = (): string => readFileSync(join(folder, BOOK_FILE)).toString("hex");
    const before = [book(), readdirSync(folder).toSorted()];
    const cancel = new AbortController();
    const training = { ...job.training, networks: 5, epochs: 500 };
    const told: string[] = [];
    const ended = runVolJob(
      { ...job, training },
      {
        signal: cancel.signal,
        onProgress: (text) => {
          told.push(text);
          if (/train|network|epoch/i.test(text)) cancel.abort();
        },
      },
    );
    expect(ended).rejects.toThrow(VolChildError);
    await ended.catch(() => undefined);
    expect(told.length).toBeGreaterThan(1);
    expect([book(), readdirSync(folder).toSorted()]).toEqual(before);
  });
});
