import { expect, test } from "bun:test";
import { blankState, bookEvent, cloidOf, placeBatch } from "../../support/botFixtures.ts";
import type { Event } from "../../../lib/messages/events.ts";
import type { PlannedBatch } from "../../../lib/messages/audit.ts";
import { TraceRecorder } from "../../../lib/runtime/traceRecorder.ts";
import type { Submitter } from "../../../lib/runtime/submitter.ts";
import { orderTrace } from "../../../lib/runtime/why/orderTrace.ts";
import { openMemoryStore } from "../../../lib/store/store.ts";
import type { Store } from "../../../lib/store/store.ts";
import { ms, pxTicks, sizeLots } from "../../../lib/units/numbers.ts";

const CLOID = cloidOf(500);
const TIMES = { queuedMs: 0.25, handlerMs: 0.5, riskMs: 0.125, commitMs: 0.25, committed: true };

function commit(store: Store, event: Event, batches: readonly PlannedBatch[] = []): void {
  const { state, versions } = store.loadState(blankState());
  store.commitStep({ event, before: state, after: state, versions, batches, refused: [] });
}

/** A submitter whose one batch takes these times. */
function stub(): Submitter {
  const histogram = { count: 0, mean: 0, p50: 0, p99: 0, p999: 0, max: 0 } as never;
  return {
    submit: (batch) =>
      Promise.resolve({
        outcomes: batch.commands.map(() => ({
          cloid: CLOID,
          op: "place" as const,
          result: "resting" as const,
          oid: 77,
        })),
        queuedMs: 0.375,
        signMs: 0.5,
        roundTripMs: 120,
      }),
    stats: () => ({
      workers: 1,
      inFlight: 0,
      queued: 0,
      replaced: 0,
      refused: 0,
      waitMs: histogram,
      runMs: histogram,
    }),
    close: () => Promise.resolve(),
  };
}

async function storedOrder(withStep: boolean): Promise<Store> {
  const store = openMemoryStore();
  const batch = placeBatch(5);
  commit(store, bookEvent("book:1", 10_000), [batch]);
  const recorder = new TraceRecorder();
  if (withStep) recorder.onTimes(TIMES);
  const sending = recorder.around(stub()).submit(batch);
  recorder.stepped();
  store.markSent(5, 10_001);
  const { outcomes, timing } = await sending;
  const event: Event = {
    kind: "outcome",
    id: "outcome:5",
    atMs: ms(10_123),
    view: null,
    nonce: 5,
    outcomes,
    roundTripMs: 120,
    ...(timing === undefined ? {} : { timing }),
  };
  commit(store, event);
  const update = (status: string, atMs: number): Event => ({
    kind: "orderUpdate",
    id: `update:${status}`,
    atMs: ms(atMs),
    view: null,
    oid: 77,
    cloid: CLOID,
    side: "bid",
    pxTicks: pxTicks(685_000),
    leavesLots: sizeLots(20),
    origLots: sizeLots(20),
    status,
    statusMs: ms(atMs - 10),
  });
  commit(store, update("open", 10_130));
  commit(store, update("canceled", 11_000));
  return store;
}

test("the way of an order: every station with the time since the event came in", async () => {
  const store = await storedOrder(true);
  const trace = orderTrace(store.read, CLOID, 1);
  expect(trace).toMatchObject({ cloid: CLOID, oid: 77, nonce: 5, receivedMs: 10_000 });
  expect(trace?.stages.map(({ stage, sinceMs }) => [stage, sinceMs])).toEqual([
    ["received", 0],
    ["decided", 0.75],
    ["checked", 0.875],
    ["committed", 1.125],
    ["handed over", 1.5],
    ["signed and posted", 2],
    ["answered", 122],
    ["acknowledged on the feed", 130],
  ]);
  expect(trace?.statuses).toEqual([
    { status: "open", sinceMs: 130 },
    { status: "canceled", sinceMs: 1000 },
  ]);
  expect(trace?.notes).toEqual(["Times from the stream are known to the millisecond."]);
  // By the exchange's number, too; a market that runs faster does not make the machine slower.
  expect(orderTrace(store.read, 77, 10)?.stages.at(-1)?.sinceMs).toBe(13);
  expect(orderTrace(store.read, cloidOf(1), 1)).toBeNull();
  store.close();
});

test("what was not measured is not made up", async () => {
  const store = await storedOrder(false);
  const trace = orderTrace(store.read, CLOID, 1);
  expect(trace?.stages.map(({ sinceMs }) => sinceMs)).toEqual([
    0,
    null,
    null,
    null,
    null,
    null,
    123,
    130,
  ]);
  expect(trace?.notes[0]).toBe("No step had just made the batch.");
  store.close();
});
