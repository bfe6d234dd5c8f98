import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultParams } from "../../lib/core/params.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import {
  addressOf,
  initSigning,
  parsePrivateKey,
} from "../../lib/hyperliquid/signing/signature.ts";
import type { Transport } from "../../lib/hyperliquid/transport.ts";
import { Bot } from "../../lib/runtime/bot.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { NonceCounter } from "../../lib/runtime/nonce.ts";
import type { StepTimes } from "../../lib/runtime/sequencer.ts";
import { withSubmit } from "../../lib/runtime/submitter.ts";
import type { Submitter } from "../../lib/runtime/submitter.ts";
import { warmUp } from "../../lib/runtime/warmUp.ts";
import { WorkerPool } from "../../lib/runtime/workerPool.ts";
import { openStore } from "../../lib/store/store.ts";
import { ms } from "../../lib/units/numbers.ts";
import { TEST_KEY, US500 } from "../support/batches.ts";
import { median, quantile, round } from "./measure.ts";
import { startStub } from "./stubProcess.ts";

/** Milliseconds. */
export type Quantiles = { readonly p50: number; readonly p99: number };

export type EventToWireBench = {
  /** Touches that led to a request, in all repeats; figures are medians of the repeats. */
  readonly touches: number;
  /** Seen by the bot: frame received to request signed and handed to the socket; the first batch of each touch. */
  readonly inside: Quantiles;
  /** The same of all batches: those behind the first wait for it. */
  readonly insideAll: Quantiles;
  /** As the bot's own meter says, which begins when the frame is parsed; all batches, warm-up included. */
  readonly meter: Quantiles;
  /** Seen by the exchange: frame handed to its socket to first request read, so two ways over the loopback more. */
  readonly outside: Quantiles;
  /** The first touches of a process, as the exchange sees them. */
  readonly outsideCold: Quantiles;
  /** The same way with nothing in between: a bare client that answers each frame with a post. */
  readonly floor: Quantiles;
  /** Seen by the bot in turn alone and while the work beside it runs, pair by pair; null without any. */
  readonly beside: BesideBench | null;
  /** Where the time inside goes. */
  readonly parts: { readonly [part: string]: Quantiles };
};

export type BesideBench = {
  readonly alone: Quantiles;
  readonly busy: Quantiles;
  /** Median over the pairs of busy over alone. */
  readonly ratio: Quantiles;
  /** 99th percentiles of each pair: alone, busy. */
  readonly pairs: readonly (readonly [number, number])[];
};

export type EventToWireOptions = {
  /** Per repeat. */
  readonly touches: number;
  readonly repeats: number;
  readonly warmUp: number;
  /** Between touches. */
  readonly periodMs: number;
  /** Begins some work beside the bot, for every other repeat; resolves when it is under way, with how it ends. */
  readonly beside?: (bot: Bot) => Promise<() => Promise<void>>;
};

const DEFAULTS: EventToWireOptions = { touches: 200, repeats: 3, warmUp: 100, periodMs: 20 };
const COLD = 20;
const BBO = '{"channel":"bbo"';
const NONE: Quantiles = { p50: Number.NaN, p99: Number.NaN };
const NO_STEP: StepTimes = {
  queuedMs: 0,
  handlerMs: 0,
  riskMs: 0,
  commitMs: 0,
  committed: false,
};
const TIMEOUT_MS = 5000;
const QUOTING_MS = 10_000;
/** Shorter than between touches, so that each is followed. */
const REQUOTE_MIN_MS = ms(10);
const WORKERS = 10;

type Submit = {
  readonly atMs: number;
  readonly queuedMs: number;
  readonly signMs: number;
  /** Of the step that made the batch, and when it was over. */
  readonly step: StepTimes;
  readonly steppedMs: number;
};

/** Times of one touch on its way through the bot, by `performance.now`. */
type Flight = { readonly receivedMs: number; readonly submits: Submit[] };

type Probe = { readonly flights: Flight[]; step: StepTimes; steppedMs: number };

/** Notes when each touch comes in. */
function watchedTransport(inner: Transport, probe: Probe): Transport {
  return {
    info: (body) => inner.info(body),
    exchange: (body) => inner.exchange(body),
    openSocket: (handlers) =>
      inner.openSocket({
        ...handlers,
        onMessage: (text) => {
          if (text.startsWith(BBO))
            probe.flights.push({ receivedMs: performance.now(), submits: [] });
          handlers.onMessage(text);
        },
      }),
  };
}

/** Notes when each batch is handed over and how long the pool and the signing took. */
function watchedSubmitter(inner: Submitter, probe: Probe): Submitter {
  return withSubmit(inner, async (batch) => {
    const flight = probe.flights.at(-1);
    const { step, steppedMs } = probe;
    const atMs = performance.now();
    const submission = await inner.submit(batch);
    const { queuedMs, signMs } = submission;
    flight?.submits.push({ atMs, queuedMs, signMs, step, steppedMs });
    return submission;
  });
}

function quantiles(values: readonly number[]): Quantiles {
  return { p50: round(quantile(values, 0.5)), p99: round(quantile(values, 0.99)) };
}

async function openBot(url: string, dir: string, probe: Probe) {
  const clock = realClock();
  const store = openStore(dir);
  const transport = watchedTransport(new HttpTransport({ url, timeoutMs: TIMEOUT_MS }), probe);
  const pool = new WorkerPool({
    workers: WORKERS,
    clock,
    start: {
      kind: "start",
      url,
      timeoutMs: TIMEOUT_MS,
      privateKey: TEST_KEY,
      source: "b",
      vault: null,
      spec: US500,
    },
  });
  warmUp(US500, defaultParams);
  await pool.ready();
  const bot = new Bot({
    transport,
    clock,
    random: Math.random,
    account: addressOf(parsePrivateKey(TEST_KEY)),
    spec: US500,
    params: { ...defaultParams, requoteMinMs: REQUOTE_MIN_MS },
    store,
    submitter: watchedSubmitter(pool, probe),
    nonces: new NonceCounter(clock, 0),
    onFatal: (error) => {
      throw error;
    },
    onWarning: (text) => process.stderr.write(`${text}\n`),
    onTimes: (step) => {
      probe.step = step;
      probe.steppedMs = performance.now();
    },
    calendar: false,
  });
  return { bot, store };
}

async function push(url: string, count: number): Promise<readonly number[]> {
  const answer = await fetch(`${url}/touches?count=${count}`, { method: "POST" });
  const rows = (await answer.json()) as readonly (readonly number[])[];
  return rows.flatMap((row) => (row[0] === undefined ? [] : [row[0] / 1000]));
}

/** Frame to post in a process that does nothing else: what sockets, kernel and machine take today. */
async function measureFloor(url: string, touches: number): Promise<readonly number[]> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
  const body = JSON.stringify({ action: { type: "noop" } });
  socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
    if (!data.startsWith(BBO)) return;
    void fetch(`${url}/exchange`, { method: "POST", body }).then((answer) => answer.text());
  });
  await new Promise((resolve) => {
    socket.addEventListener("open", resolve);
  });
  socket.send(JSON.stringify({ method: "subscribe", subscription: { type: "bbo" } }));
  await Bun.sleep(100);
  await push(url, touches);
  const times = await push(url, touches);
  socket.close();
  return times;
}

async function quoting(bot: Bot): Promise<void> {
  const untilMs = performance.now() + QUOTING_MS;
  while (Object.keys(bot.state.orders.working).length === 0) {
    if (performance.now() > untilMs)
      throw new Error(`the bot does not quote: ${JSON.stringify(bot.state.risk)}`);
    await Bun.sleep(10);
  }
}

/** A book message to a signed request, in the set-up that trades: threads, file, sockets, another process. */
export async function benchEventToWire(
  options: EventToWireOptions = DEFAULTS,
): Promise<EventToWireBench> {
  await initSigning();
  const dir = mkdtempSync(join(tmpdir(), "amm500-wire-"));
  const stub = await startStub(new URL("./wireStub.ts", import.meta.url), `${options.periodMs}`);
  const probe: Probe = { flights: [], step: NO_STEP, steppedMs: 0 };
  try {
    const floor = quantiles(await measureFloor(stub.url, options.touches));
    const { bot, store } = await openBot(stub.url, dir, probe);
    try {
      await bot.start();
      await quoting(bot);
      const outsideCold = quantiles(await push(stub.url, COLD));
      await push(stub.url, options.warmUp);
      const runs = await repeat(stub.url, probe, options);
      const { p50, p99 } = bot.latency.eventToWireMs.summary();
      const meter = { p50: round(p50), p99: round(p99) };
      const beside = await measureBeside(stub.url, probe, options, bot);
      return { ...medians(runs), meter, outsideCold, floor, beside };
    } finally {
      await bot.close();
      store.close();
    }
  } finally {
    stub.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function repeat(
  url: string,
  probe: Probe,
  { touches, repeats }: EventToWireOptions,
): Promise<Repeat[]> {
  const runs: Repeat[] = [];
  for (let n = 0; n < repeats; n++) {
    probe.flights.length = 0;
    const outside = quantiles(await push(url, touches));
    runs.push({ ...summarise(probe), outside });
  }
  return runs;
}

/** Alone and busy by turns, so that what else the machine does falls on both alike. */
async function measureBeside(
  url: string,
  probe: Probe,
  options: EventToWireOptions,
  bot: Bot,
): Promise<BesideBench | null> {
  if (options.beside === undefined) return null;
  const once = async (): Promise<Quantiles> =>
    medians(await repeat(url, probe, { ...options, repeats: 1 })).inside;
  const pairs: (readonly [Quantiles, Quantiles])[] = [];
  for (let n = 0; n < options.repeats; n++) {
    const alone = await once();
    const end = await options.beside(bot);
    try {
      pairs.push([alone, await once()]);
    } finally {
      await end();
    }
  }
  // A bot that paused because of the machine has nothing to measure in that repeat.
  const quoted = pairs.filter((pair) => pair.every(({ p99 }) => Number.isFinite(p99)));
  const over = (pick: (alone: Quantiles, busy: Quantiles) => number): number =>
    round(median(quoted.map(([alone, busy]) => pick(alone, busy))));
  return {
    alone: { p50: over((alone) => alone.p50), p99: over((alone) => alone.p99) },
    busy: { p50: over((_, busy) => busy.p50), p99: over((_, busy) => busy.p99) },
    ratio: {
      p50: over((alone, busy) => busy.p50 / alone.p50),
      p99: over((alone, busy) => busy.p99 / alone.p99),
    },
    pairs: quoted.map(([alone, busy]) => [alone.p99, busy.p99]),
  };
}

type Repeat = Pick<EventToWireBench, "touches" | "inside" | "insideAll" | "outside" | "parts">;

function medians(runs: readonly Repeat[]): Repeat {
  const of = (pick: (run: Repeat) => Quantiles): Quantiles => ({
    p50: median(runs.map((run) => pick(run).p50)),
    p99: median(runs.map((run) => pick(run).p99)),
  });
  const names = Object.keys(runs[0]?.parts ?? {});
  return {
    touches: runs.reduce((sum, run) => sum + run.touches, 0),
    inside: of((run) => run.inside),
    insideAll: of((run) => run.insideAll),
    outside: of((run) => run.outside),
    parts: Object.fromEntries(names.map((name) => [name, of((run) => run.parts[name] ?? NONE)])),
  };
}

function summarise({ flights }: Probe): Omit<Repeat, "outside"> {
  const sent = flights.flatMap(({ receivedMs, submits }) => {
    const [first] = submits.toSorted((a, b) => a.atMs - b.atMs);
    return first === undefined ? [] : [{ receivedMs, first, submits }];
  });
  const toWire = (receivedMs: number, { atMs, queuedMs, signMs }: Submit) =>
    atMs - receivedMs + queuedMs + signMs;
  const of = (pick: (one: (typeof sent)[number]) => number) => quantiles(sent.map(pick));
  return {
    touches: sent.length,
    inside: of(({ receivedMs, first }) => toWire(receivedMs, first)),
    insideAll: quantiles(
      sent.flatMap(({ receivedMs, submits }) => submits.map((one) => toWire(receivedMs, one))),
    ),
    parts: {
      readAndWait: of(({ receivedMs, first }) => first.steppedMs - stepMs(first) - receivedMs),
      handler: of(({ first }) => first.step.handlerMs),
      risk: of(({ first }) => first.step.riskMs),
      commit: of(({ first }) => first.step.commitMs),
      handOver: of(({ first }) => first.atMs - first.steppedMs),
      poolQueue: of(({ first }) => first.queuedMs),
      sign: of(({ first }) => first.signMs),
    },
  };
}

function stepMs({ step }: Submit): number {
  return step.handlerMs + step.riskMs + step.commitMs;
}
