import { describe, expect, test } from "bun:test";
import { initialState } from "../../../lib/core/initialState.ts";
import type { BotState, VolSlice } from "../../../lib/messages/state.ts";
import { virtualClock } from "../../../lib/runtime/clock.ts";
import type { EventInput } from "../../../lib/runtime/eventInput.ts";
import { Scheduler } from "../../../lib/runtime/scheduler.ts";
import { VolFeed } from "../../../lib/runtime/volFeed.ts";
import { VolJobs } from "../../../lib/runtime/volJobs.ts";
import type { VolJobsDeps, VolPlan } from "../../../lib/runtime/volJobs.ts";
import { joinMinutes } from "../../../lib/marketdata/history/recordedMinutes.ts";
import type { VolJob } from "../../../lib/marketdata/history/volJob.ts";
import { dispatch, params, SPEC } from "../../support/coreFixtures.ts";
import { ms } from "../../../lib/units/numbers.ts";

const MINUTE = 60_000;
/** Monday 2026-02-02, 10:00 in New York. */
const START_MS = Date.UTC(2026, 1, 2, 15);
const SEAT = { symbol: "US500", horizonMs: 5 * MINUTE };

const PLAN: VolPlan = {
  history: {
    file: "unused",
    symbol: "US500",
    barMs: 5 * MINUTE,
    days: 30,
    exchangeUrl: "http://127.0.0.1:9",
    yahooUrl: null,
    own: null,
    rules: { useXyz100Primary: true, xyz100BarsMin: 1000, btcFallbackEnabled: true },
    timeoutMs: 1,
    retry: { attempts: 1, firstWaitMs: 1 },
  },
  recordAs: "km:US500 (simulated, seed 7)",
  training: {
    modelsFolder: "unused",
    seat: SEAT,
    ownSeat: SEAT,
    networks: 5,
    epochs: 10,
    timeMsMax: 1000,
    memoryMbMax: 1000,
  },
  fetchCron: "*/15 * * * *",
  retrainCron: "15 16 * * *",
};

type Answer = Awaited<ReturnType<NonNullable<VolJobsDeps["run"]>>>;

const FOUND: Answer = {
  kind: "fetched",
  used: "xyz100",
  returnScale: 1,
  scaleFrom: "",
  reports: [],
  failure: null,
};
const NOTHING: Answer = { ...FOUND, used: null, failure: "no source has enough history" };
const TRAINED: Answer = {
  kind: "retrained",
  source: "xyz100 (^OEX)",
  result: {
    promoted: "har",
    why: "w",
    modelFile: "m.onnx",
    dataHash: "d",
    scores: [],
    championRefused: null,
  },
};

/** Jobs on a virtual clock; the crons are fired by hand. */
function rig(
  answers: (kind: VolJob["kind"]) => Answer | Promise<Answer>,
  plan = PLAN,
  trainedMs: number | null = null,
) {
  const clock = virtualClock(START_MS);
  const crons = new Map<string, () => void>();
  const scheduler = new Scheduler({
    clock,
    onError: (name, error) => {
      throw new Error(name, { cause: error });
    },
    cron: (expression, timeZone, run) => {
      expect(timeZone).toBe("America/New_York");
      crons.set(expression, run);
      return () => crons.delete(expression);
    },
  });
  const lastAttempt =
    trainedMs === null
      ? null
      : { atMs: ms(trainedMs), durationMs: ms(1), text: "on x: har serves", failed: false };
  let state: BotState = { ...initialState, vol: { ...initialState.vol, lastAttempt } };
  const events: EventInput[] = [];
  const warnings: string[] = [];
  const asked: VolJob[] = [];
  const onWarning = (text: string): void => void warnings.push(text);
  const feed = new VolFeed({
    horizonMs: 5 * MINUTE,
    models: null,
    clock,
    spec: SPEC,
    candles: () => Promise.resolve([]),
    onWarning,
    history: Array.from({ length: 12 }, (_, i) => ({
      openMs: START_MS - (12 - i) * MINUTE,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: Number.NaN,
    })),
  });
  let ids = 0;
  const jobs = new VolJobs({
    plan,
    clock,
    feed,
    slice: (): VolSlice => state.vol,
    post: (input) => {
      events.push(input);
      const event = { atMs: ms(clock.nowMs()), view: null, ...input };
      // The sequencer handles an event after whoever posted it has gone on.
      clock.at(clock.nowMs(), () => {
        state = dispatch(event, state, params()).state;
      });
    },
    nextId: (kind) => `${kind}:${++ids}`,
    onWarning,
    run: async (job) => {
      asked.push(job);
      return answers(job.kind);
    },
  });
  const pass = (minutes: number): void => clock.runUntil(clock.nowMs() + minutes * MINUTE);
  const kinds = (): string[] => asked.map(({ kind }) => kind);
  return { jobs, scheduler, feed, clock, crons, events, warnings, asked, kinds, pass };
}

describe("the jobs beside the bot", () => {
  test("ask nobody in the first minute; then history is fetched, and what was never trained is", async () => {
    const r = rig((kind) => (kind === "fetch" ? FOUND : TRAINED));
    await r.feed.start();
    r.jobs.start(r.scheduler);
    r.pass(0.9);
    expect(r.kinds()).toEqual([]);
    expect(r.crons.size).toBe(0);
    r.pass(0.2);
    expect(r.kinds()).toEqual(["fetch", "retrain"]);
    expect(r.events.map(({ kind }) => kind)).toEqual(["dataFetch", "volRetrain"]);
    expect([...r.crons.keys()]).toEqual(["*/15 * * * *", "15 16 * * *"]);
    expect(r.warnings).toEqual([]);
  });

  test("carry the market's own minutes, each once more from the beginning of its bar", async () => {
    const r = rig(() => FOUND, { ...PLAN, retrainCron: "off" });
    await r.feed.start();
    r.jobs.start(r.scheduler);
    r.pass(2);
    expect(r.asked[0]?.minutes?.instrument).toBe("km:US500 (simulated, seed 7)");
    expect(r.asked[0]?.minutes?.rows).toHaveLength(12);
    r.crons.get("*/15 * * * *")?.();
    r.pass(0.1);
    expect(r.asked[1]?.minutes?.rows.map(([openMs]) => (START_MS - openMs) / MINUTE)).toEqual([
      5, 4, 3, 2, 1,
    ]);
  });

  test("without a source: one warning, an event each time, asked less and less often, nothing trained", async () => {
    const r = rig(() => NOTHING);
    r.jobs.start(r.scheduler);
    for (let quarter = 0; quarter < 4 * 12; quarter++) {
      r.pass(15);
      r.crons.get("*/15 * * * *")?.();
    }
    r.pass(1);
    expect(r.kinds().every((kind) => kind === "fetch")).toBe(true);
    // At 0, 15, 45 minutes, 1:45, 3:45, and then every four hours.
    expect(r.asked.length).toBe(7);
    expect(r.events).toHaveLength(7);
    expect(r.warnings).toEqual(["no source has enough history; asked again less and less often"]);
  });

  test("a training that runs is joined; its end is one event", async () => {
    const end = Promise.withResolvers<Answer>();
    const r = rig((kind) => (kind === "fetch" ? NOTHING : end.promise));
    r.jobs.start(r.scheduler);
    r.pass(2);
    expect(r.jobs.retrainNow()).toBe(true);
    r.pass(0.1);
    expect(r.jobs.running).toMatchObject([{ kind: "retrain", text: "started", share: 0 }]);
    expect(r.jobs.retrainNow()).toBe(false);
    r.crons.get("15 16 * * *")?.();
    r.pass(10);
    end.resolve(TRAINED);
    r.pass(1);
    expect(r.kinds()).toEqual(["fetch", "retrain"]);
    expect(r.events.filter(({ kind }) => kind === "volRetrain")).toHaveLength(1);
    expect(r.jobs.running).toEqual([]);
  });

  test("a fetch that runs is joined by those that become due meanwhile", async () => {
    const end = Promise.withResolvers<Answer>();
    const r = rig(() => end.promise, { ...PLAN, retrainCron: "off" });
    r.jobs.start(r.scheduler);
    r.pass(2);
    for (let quarter = 0; quarter < 4; quarter++) {
      r.crons.get("*/15 * * * *")?.();
      r.pass(15);
    }
    end.resolve(FOUND);
    r.pass(1);
    expect(r.kinds()).toEqual(["fetch"]);
    expect(r.events).toHaveLength(1);
    r.crons.get("*/15 * * * *")?.();
    r.pass(1);
    expect(r.kinds()).toEqual(["fetch", "fetch"]);
  });

  test("of days that the bot was down, one training is made up for; none when none is due", async () => {
    const week = rig(
      (kind) => (kind === "fetch" ? FOUND : TRAINED),
      PLAN,
      START_MS - 7 * 86_400_000,
    );
    week.jobs.start(week.scheduler);
    week.pass(120);
    expect(week.kinds()).toEqual(["fetch", "retrain"]);
    const fresh = rig((kind) => (kind === "fetch" ? FOUND : TRAINED), PLAN, START_MS - 60_000);
    fresh.jobs.start(fresh.scheduler);
    fresh.pass(120);
    expect(fresh.kinds()).toEqual(["fetch"]);
  });

  test("a failure is an event with the reason; the next one runs again", async () => {
    let fail = true;
    const r = rig((kind) => {
      if (kind === "fetch") return FOUND;
      if (fail) throw new Error("it ended with 9 and no answer");
      return TRAINED;
    });
    r.jobs.start(r.scheduler);
    r.pass(2);
    expect(r.events[1]).toMatchObject({ failure: "it ended with 9 and no answer", result: null });
    expect(r.warnings).toEqual(["volatility was not retrained: it ended with 9 and no answer"]);
    fail = false;
    r.crons.get("15 16 * * *")?.();
    r.pass(1);
    expect(r.events[2]).toMatchObject({ kind: "volRetrain", failure: null });
  });

  test("what ends with the bot is no event", async () => {
    const end = Promise.withResolvers<Answer>();
    const r = rig(() => end.promise);
    r.jobs.start(r.scheduler);
    r.pass(2);
    r.jobs.close();
    end.resolve(FOUND);
    r.pass(1);
    expect(r.events).toEqual([]);
    r.jobs.retrainNow();
    r.pass(1);
    expect(r.kinds()).toEqual(["fetch"]);
  });

  test("that are off are off", async () => {
    const r = rig(() => FOUND, { ...PLAN, fetchCron: "off", retrainCron: "off" });
    r.jobs.start(r.scheduler);
    r.pass(60);
    expect(r.asked).toEqual([]);
    expect(r.crons.size).toBe(0);
  });
});

test("minutes are joined only where every one is there", () => {
  const row = (minute: number, px: number) => ({
    openMs: minute * MINUTE,
    open: px,
    high: px + 2,
    low: px - 2,
    close: px + 1,
    volume: 3,
  });
  const minutes = [3, 5, 6, 7, 8, 9, 10, 11, 13, 14].map((minute) => row(minute, 100 + minute));
  expect(joinMinutes(minutes, 5 * MINUTE)).toEqual([
    { openMs: 5 * MINUTE, open: 105, high: 111, low: 103, close: 110, volume: Number.NaN },
  ]);
});
