import { afterEach, describe, expect, test } from "bun:test";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import type { OrderWorkerStart } from "../../lib/hyperliquid/orderWorker.ts";
import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import {
  addressOf,
  parsePrivateKey,
  recoverAddress,
} from "../../lib/hyperliquid/signing/signature.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import { DirectSubmitter } from "../../lib/runtime/directSubmitter.ts";
import type { Submitter } from "../../lib/runtime/submitter.ts";
import { WorkerPool } from "../../lib/runtime/workerPool.ts";
import { ms } from "../../lib/units/numbers.ts";
import {
  batchOf,
  cancel,
  cancelOid,
  cloid,
  modify,
  place,
  TEST_KEY,
  tenPlaces,
  US500,
} from "../support/batches.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { allGood, resettingServer, stubExchange } from "../support/stubExchange.ts";

const TIMEOUT_MS = 300;

type Maker = (url: string) => Promise<Submitter>;

export function startMessage(url: string): OrderWorkerStart {
  return {
    kind: "start",
    url,
    timeoutMs: TIMEOUT_MS,
    privateKey: TEST_KEY,
    source: "b",
    vault: null,
    spec: US500,
  };
}

const makers: readonly [string, Maker][] = [
  [
    "pool",
    async (url) => {
      const pool = new WorkerPool({ workers: 2, start: startMessage(url), clock: realClock() });
      await pool.ready();
      return pool;
    },
  ],
  [
    "direct",
    (url) =>
      Promise.resolve(
        new DirectSubmitter({
          transport: new HttpTransport({ url, timeoutMs: TIMEOUT_MS }),
          spec: US500,
          signer: { privateKey: parsePrivateKey(TEST_KEY), source: "b", vault: null },
          clock: realClock(),
        }),
      ),
  ],
];

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function setUp(make: Maker) {
  const stub = stubExchange();
  cleanups.push(stub.stop);
  const submitter = await make(stub.url);
  cleanups.push(() => submitter.close());
  return { stub, submitter };
}

const results = async (submitter: Submitter, batch: PlannedBatch) =>
  (await submitter.submit(batch)).outcomes.map((outcome) => outcome.result);

describe.each(makers)("submitter: %s", (_, make) => {
  test("answers each command by its id, with what was signed by our key", async () => {
    const { stub, submitter } = await setUp(make);
    const batch = tenPlaces(1_767_225_600_000);
    const answer = await submitter.submit(batch);
    expect(answer.outcomes).toEqual(
      batch.commands.map((command, index) => ({
        cloid: command.kind === "place" ? command.cloid : "",
        op: "place",
        result: "resting",
        oid: 1000 + index,
      })),
    );
    expect(answer.signMs).toBeGreaterThan(0);
    expect(answer.roundTripMs).toBeGreaterThan(0);
    expect(answer.queuedMs).toBeGreaterThanOrEqual(0);
    const [sent] = stub.received;
    if (sent === undefined) throw new Error("nothing arrived");
    const hash = l1ActionHash(sent.action, sent.nonce, null, sent.expiresAfter ?? null);
    expect(sent.nonce).toBe(batch.nonce);
    expect(sent.expiresAfter).toBe(batch.expiresMs ?? 0);
    expect(recoverAddress(phantomAgentDigest(hash, "b"), sent.signature)).toBe(
      addressOf(parsePrivateKey(TEST_KEY)),
    );
  });

  test("cancels and modifies likewise, cancels without expiry", async () => {
    const { stub, submitter } = await setUp(make);
    const cancels = batchOf(1, [cancel(1), cancel(2)], "urgent");
    expect(await results(submitter, cancels)).toEqual(["cancelled", "cancelled"]);
    expect(stub.received[0]?.expiresAfter).toBeUndefined();
    const modified = await submitter.submit(batchOf(2, [modify(4, 3)]));
    expect(modified.outcomes).toEqual([
      { cloid: cloid(4), op: "modify", result: "resting", oid: 1000 },
    ]);
    const strays = await submitter.submit(batchOf(3, [cancelOid(77)]));
    expect(strays.outcomes).toEqual([{ cloid: "77", op: "cancel", result: "cancelled" }]);
  });

  test("many at once each get their own answer", async () => {
    const { stub, submitter } = await setUp(make);
    stub.behaviour = async (body) => {
      await Bun.sleep(body.nonce % 3);
      return allGood(body);
    };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (__, index) => submitter.submit(tenPlaces(index + 1))),
    );
    const ids = answers.map((answer) => answer.outcomes[9]?.cloid);
    expect(ids).toEqual(Array.from({ length: 40 }, (__, index) => cloid((index + 1) * 10 + 9)));
    expect(stub.received.length).toBe(40);
    expect(submitter.stats().runMs.count).toBe(40);
  });

  test("429 acted on nothing", async () => {
    const { stub, submitter } = await setUp(make);
    stub.behaviour = () => new Response("null", { status: 429 });
    const { outcomes } = await submitter.submit(batchOf(1, [place(1), place(2)]));
    expect(outcomes.map((outcome) => outcome.result)).toEqual(["rejected", "rejected"]);
    expect(outcomes[0]).toMatchObject({ text: "HTTP 429: null" });
  });

  test("500 may have acted", async () => {
    const { stub, submitter } = await setUp(make);
    stub.behaviour = () => new Response("oh", { status: 500 });
    expect(await results(submitter, batchOf(1, [place(1)]))).toEqual(["unresolved"]);
  });

  test("no answer in time may have acted, and others are not held up by it", async () => {
    const { stub, submitter } = await setUp(make);
    stub.behaviour = (body) => (body.nonce === 1 ? new Promise<Response>(() => {}) : allGood(body));
    const hung = results(submitter, batchOf(1, [place(1)]));
    expect(await results(submitter, batchOf(2, [place(2)]))).toEqual(["resting"]);
    expect(submitter.stats().inFlight).toBe(1);
    expect(await hung).toEqual(["unresolved"]);
  });

  test("a reset connection may have acted, and nothing is sent twice", async () => {
    const server = resettingServer();
    cleanups.push(server.stop);
    const submitter = await make(server.url);
    cleanups.push(() => submitter.close());
    expect(await results(submitter, batchOf(1, [place(1)]))).toEqual(["unresolved"]);
    expect(server.requests()).toBe(1);
  });

  test("what cannot be built was not sent", async () => {
    const { stub, submitter } = await setUp(make);
    const { outcomes } = await submitter.submit({ ...batchOf(1, [place(1)]), kind: "cancel" });
    expect(outcomes).toMatchObject([
      { result: "rejected", text: "not sent: expected: a batch of cancel holds no place" },
    ]);
    expect(stub.received).toEqual([]);
  });

  test("what has expired is not sent", async () => {
    const { stub, submitter } = await setUp(make);
    const late = { ...batchOf(1, [place(1)]), expiresMs: ms(Date.now() - 1) };
    const { outcomes } = await submitter.submit(late);
    expect(outcomes).toMatchObject([{ result: "rejected" }]);
    expect(stub.received).toEqual([]);
    expect(submitter.stats().refused).toBe(1);
  });

  test("closing waits for what is in flight and takes no more", async () => {
    const { stub, submitter } = await setUp(make);
    stub.behaviour = async (body) => {
      await Bun.sleep(20);
      return allGood(body);
    };
    const last = results(submitter, batchOf(1, [place(1)]));
    await submitter.close();
    expect(await last).toEqual(["resting"]);
    expect(await results(submitter, batchOf(2, [place(2)]))).toEqual(["rejected"]);
  });
});
