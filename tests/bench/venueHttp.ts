import { initSigning, parsePrivateKey } from "../../lib/hyperliquid/signing/signature.ts";
import type { Approved, CancelCommand } from "../../lib/messages/commands.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { WorkerPool } from "../../lib/runtime/workerPool.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { batchOf, place, TEST_KEY, US500 } from "../support/batches.ts";
import { median } from "./measure.ts";
import { startStub } from "./stubProcess.ts";
import { fund, post, signed } from "./venueClient.ts";

export type VenueHttpBench = {
  /** Orders placed and cancelled, one signed action each, with 50 posts on their way. */
  readonly singlesPerSecond: number;
  /** The same in signed actions of ten. */
  readonly tensPerSecond: number;
  /** One account, whose ten threads sign and send batches of ten orders and their cancels. */
  readonly poolPerSecond: number;
};

const ASSET = 110_000;
const LANES = 50;
const REPEATS = 3;
const POOL_WORKERS = 10;
const POOL_TIMEOUT_MS = 5000;
const POOL_BATCHES = 10;
const POOL_BURSTS = 10;
const FAR_BID = { pxTicks: pxTicks(600_000), sizeLots: sizeLots(100) };
/** An account for each lane: the nonces of one would come in out of order. */
const KEYS = Array.from({ length: LANES }, (_, lane) =>
  new Bun.CryptoHasher("sha256").update(`lane ${lane}`).digest(),
);

/**
 * Signed orders through the door of a local exchange in its own process: HTTP, shape, signature, block, answer. Its
 * blocks are short and committed at once, so that its processor is measured and not its waiting. Each lane places, waits
 * for the answer, cancels, and so on; all is signed beforehand.
 */
export async function benchVenueHttp(rounds = 10, repeats = REPEATS): Promise<VenueHttpBench> {
  await initSigning();
  const exchange = await startStub(new URL("./venueStub.ts", import.meta.url));
  try {
    await fund(exchange.url, KEYS);
    const rate = async (size: number) => {
      const rates: number[] = [];
      for (let n = 0; n <= repeats; n++) {
        const perSecond = await run(exchange.url, size, rounds);
        if (n > 0) rates.push(perSecond);
      }
      return Math.round(median(rates));
    };
    const singlesPerSecond = await rate(1);
    const tensPerSecond = await rate(10);
    return {
      singlesPerSecond,
      tensPerSecond,
      poolPerSecond: await poolRate(exchange.url, repeats),
    };
  } finally {
    exchange.stop();
  }
}

/** The bot's own pool as the client. What is on its way is bounded, or nonces would come in too far out of order. */
async function poolRate(url: string, repeats: number): Promise<number> {
  await fund(url, [parsePrivateKey(TEST_KEY)]);
  const pool = new WorkerPool({
    workers: POOL_WORKERS,
    clock: realClock(),
    start: {
      kind: "start",
      url,
      timeoutMs: POOL_TIMEOUT_MS,
      privateKey: TEST_KEY,
      source: "b",
      vault: null,
      spec: US500,
    },
  });
  try {
    await pool.ready();
    const rates: number[] = [];
    for (let n = 0; n <= repeats; n++) {
      const perSecond = await poolRun(pool);
      if (n > 0) rates.push(perSecond);
    }
    return Math.round(median(rates));
  } finally {
    await pool.close();
  }
}

async function poolRun(pool: WorkerPool): Promise<number> {
  const startMs = performance.now();
  let orders = 0;
  for (let burst = 0; burst < POOL_BURSTS; burst++) {
    const batches = Array.from({ length: POOL_BATCHES }, () => tenFarPlaces());
    const placed = await Promise.all(batches.map((batch) => pool.submit(batch)));
    const cancels = batches.map(({ commands }) =>
      batchOf(
        nonce++,
        commands.map(
          (command) => ({ kind: "cancel", cloid: command.cloid }) as Approved<CancelCommand>,
        ),
      ),
    );
    const gone = await Promise.all(cancels.map((batch) => pool.submit(batch)));
    for (const { outcomes } of [...placed, ...gone])
      for (const { result } of outcomes)
        if (result !== "resting" && result !== "cancelled")
          throw new Error(`the venue bench's pool was answered "${result}"`);
    orders += 2 * 10 * POOL_BATCHES;
  }
  return (orders * 1000) / (performance.now() - startMs);
}

function tenFarPlaces() {
  const commands = Array.from({ length: 10 }, () => place(seq++, FAR_BID));
  return { ...batchOf(nonce++, commands), commands };
}

let nonce = Date.now();
let seq = 1;

/** A batch far below the market, and its cancel. */
function pair(size: number, key: Uint8Array): readonly [string, string] {
  const cloids = Array.from({ length: size }, () => `0x${(seq++).toString(16).padStart(32, "0")}`);
  const orders = cloids.map((c) => ({
    a: ASSET,
    b: true,
    p: "600",
    s: "0.1",
    r: false,
    t: { limit: { tif: "Alo" } },
    c,
  }));
  const cancels = cloids.map((cloid) => ({ asset: ASSET, cloid }));
  return [
    signed({ type: "order", orders, grouping: "na" }, key),
    signed({ type: "cancelByCloid", cancels }, key),
  ];
}

/** @returns signed orders per second; a cancel counts as one */
async function run(url: string, size: number, rounds: number): Promise<number> {
  const lanes = KEYS.map((key) => Array.from({ length: rounds }, () => pair(size, key)));
  const startMs = performance.now();
  await Promise.all(
    lanes.map(async (pairs) => {
      for (const texts of pairs) for (const text of texts) await post(url, text);
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  return (LANES * rounds * 2 * size) / seconds;
}
