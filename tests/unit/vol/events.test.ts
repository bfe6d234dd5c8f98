import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { decisionsOf } from "../../../lib/dashboard/decisions.ts";
import type { DataFetchEvent, Event, VolRetrainEvent } from "../../../lib/messages/events.ts";
import type { BotState } from "../../../lib/messages/state.ts";
import { DATABASE_FILE } from "../../../lib/store/database.ts";
import { openReader } from "../../../lib/store/readModel.ts";
import { openStore } from "../../../lib/store/store.ts";
import { ms } from "../../../lib/units/numbers.ts";
import { at, dispatch, params, quotingState, START_MS } from "../../support/coreFixtures.ts";

const report = {
  source: "xyz100",
  instrument: "^OEX",
  bars: 1638,
  barsExpected: 1700,
  barsNew: 3,
  gaps: 2,
  newestMs: START_MS,
  passedOver: null,
  detail: "",
};

const fetched: DataFetchEvent = {
  ...at(),
  kind: "dataFetch",
  durationMs: 800,
  used: "xyz100",
  returnScale: 1,
  scaleFrom: "not scaled",
  reports: [report],
  failure: null,
};
const nothing: DataFetchEvent = {
  ...fetched,
  used: null,
  reports: [{ ...report, passedOver: "noAnswer", detail: "the host is not found" }],
  failure: "no source has enough history",
};

const trained: VolRetrainEvent = {
  ...at(),
  kind: "volRetrain",
  durationMs: 60_000,
  source: "xyz100 (^OEX)",
  result: {
    promoted: "har",
    why: "LSTM against HAR: +0.4 % QLIKE: HAR serves",
    modelFile: "US500-300s-har-0123456789ab.onnx",
    dataHash: "d",
    scores: [{ name: "har", n: 400, qlike: 0.21 }],
    championRefused: null,
  },
  failure: null,
};
const failed: VolRetrainEvent = { ...trained, result: null, failure: "cancelled" };

const step = (event: Event, state: BotState): BotState => {
  const handled = dispatch(event, state, params());
  expect(handled.commands).toEqual([]);
  expect({ ...handled.state, vol: state.vol }).toEqual(state);
  return handled.state;
};

describe("a fetch", () => {
  test("is remembered with every source; failures in a row are counted", () => {
    const before = step(trained, quotingState());
    const once = step(nothing, step(nothing, before));
    expect(once.vol).toEqual({ ...before.vol, fetchFailures: 2, lastFetch: fetchOf(nothing) });
    const then = step({ ...fetched, returnScale: 1.03, scaleFrom: "the last year" }, once);
    const lastFetch = { ...fetchOf(fetched), returnScale: 1.03, scaleFrom: "the last year" };
    expect(then.vol).toEqual({ ...before.vol, fetchFailures: 0, lastFetch });
  });

  function fetchOf({ atMs, used, failure, returnScale, scaleFrom, reports }: DataFetchEvent) {
    return { atMs, used, failure, returnScale, scaleFrom, reports };
  }
});

describe("a training", () => {
  const { result } = trained;

  test("is remembered with its model, its scores and why", () => {
    const before = step(nothing, quotingState());
    const after = step(trained, before);
    expect(after.vol).toEqual({
      ...before.vol,
      model: { ...result!, trainedMs: ms(START_MS), source: "xyz100 (^OEX)" },
      lastAttempt: {
        atMs: ms(START_MS),
        durationMs: 60_000,
        failed: false,
        text: `on xyz100 (^OEX): har serves. ${result?.why}`,
      },
    });
  });

  test("that failed leaves the model and says why", () => {
    const before = step(trained, quotingState());
    const after = step(failed, before);
    expect(after.vol.model).toBe(before.vol.model);
    expect(after.vol.lastAttempt).toMatchObject({
      failed: true,
      text: "on xyz100 (^OEX): cancelled",
    });
  });

  test("of which nothing is said is told so", () => {
    const silent = step({ ...failed, source: null, failure: null }, quotingState());
    expect(silent.vol.lastAttempt?.text).toBe("on unknown data: it failed without a reason");
    const nameless = step({ ...trained, source: null }, quotingState());
    expect(nameless.vol.model?.source).toBe("unknown");
  });
});

test("both are lines of the log", () => {
  const state = quotingState();
  const line = (event: Event): string | undefined =>
    decisionsOf({
      stepSeq: 1,
      event,
      before: state,
      after: state,
      approved: [],
      refused: [],
      committed: true,
    })[0]?.text;
  expect(line(fetched)).toBe("History from xyz100: xyz100 (^OEX): 1638 bars, 2 gaps");
  expect(line(nothing)).toContain("passed over: noAnswer, the host is not found");
  expect(line(trained)).toContain("har serves, US500-300s-har-0123456789ab.onnx. LSTM against HAR");
  expect(line(failed)).toBe("Retraining failed: cancelled");
});

test("a folder that is older than this opens, and is completed", () => {
  const folder = mkdtempSync(join(tmpdir(), "amm500-older-"));
  try {
    const first = openStore(folder);
    first.loadState(quotingState());
    first.close();
    const database = new Database(join(folder, DATABASE_FILE));
    database.run("DELETE FROM states WHERE slice = 'vol'");
    database.close();
    const reader = openReader(folder);
    expect(reader.state()?.state.vol.model).toBeNull();
    reader.close();
    const store = openStore(folder);
    const { state, versions } = store.loadState(quotingState());
    expect(state.vol).toEqual(quotingState().vol);
    expect(versions.vol).toBe(1);
    const event = { ...fetched, id: "fetch:1" };
    const after = dispatch(event, state, params()).state;
    store.commitStep({ event, before: state, after, versions, batches: [], refused: [] });
    expect(store.read.state()?.state.vol.lastFetch?.used).toBe("xyz100");
    store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
