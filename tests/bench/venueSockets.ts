import { initSigning } from "../../lib/hyperliquid/signing/signature.ts";
import { median, quantile, round } from "./measure.ts";
import { startStub } from "./stubProcess.ts";
import { fund, post, signed } from "./venueClient.ts";

export type FanOut = {
  readonly subscribers: number;
  /** Frames with a new touch, all subscribers together. */
  readonly framesPerSecond: number;
  /** From an order handed to the socket to the frame with its price at a subscriber, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const ASSET = 110_000;
const COIN = "km:US500";
const LANES = 10;
const KEYS = Array.from({ length: LANES }, (_, lane) =>
  new Bun.CryptoHasher("sha256").update(`socket lane ${lane}`).digest(),
);

/**
 * Changes of the touch, told to one and to a hundred subscribers, each over its own WebSocket to an exchange in a
 * process of its own whose blocks are short. Delay: one change at a time. Rate: as many as ten clients can make, counted
 * at the subscribers, who share one process with them.
 */
export async function benchVenueSockets(
  changes = 300,
  repeats = 3,
): Promise<readonly [FanOut, FanOut]> {
  await initSigning();
  const exchange = await startStub(new URL("./venueStub.ts", import.meta.url));
  try {
    await fund(exchange.url, KEYS);
    const one = await fanOut(exchange.url, 1, changes, repeats);
    return [one, await fanOut(exchange.url, 100, changes, repeats)];
  } finally {
    exchange.stop();
  }
}

async function fanOut(
  url: string,
  subscribers: number,
  changes: number,
  repeats: number,
): Promise<FanOut> {
  const crowd = await openSubscribers(url, subscribers);
  const runs: Omit<FanOut, "subscribers">[] = [];
  try {
    await delaysOf(url, crowd, changes);
    for (let n = 0; n < repeats; n++) {
      const delays = await delaysOf(url, crowd, changes);
      runs.push({
        framesPerSecond: await rateOf(url, crowd, changes),
        p50Ms: median(delays),
        p99Ms: quantile(delays, 0.99),
      });
    }
  } finally {
    crowd.close();
  }
  const of = (pick: (run: (typeof runs)[number]) => number) => round(median(runs.map(pick)));
  return {
    subscribers,
    framesPerSecond: Math.round(of(({ framesPerSecond }) => framesPerSecond)),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
  };
}

type Crowd = {
  readonly size: number;
  /** Frames of the touch that have come so far. */
  readonly frames: () => number;
  /** Called with the receipt's time whenever a frame holds the awaited price. */
  readonly await: (px: string, onFrame: (atMs: number) => void) => void;
  readonly close: () => void;
};

async function openSubscribers(url: string, count: number): Promise<Crowd> {
  let frames = 0;
  let wanted = "-";
  let onWanted: (atMs: number) => void = () => undefined;
  const subscribe = JSON.stringify({
    method: "subscribe",
    subscription: { type: "bbo", coin: COIN },
  });
  const sockets = await Promise.all(
    Array.from({ length: count }, () => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
      return new Promise<WebSocket>((resolve, reject) => {
        socket.addEventListener("open", () => socket.send(subscribe));
        socket.addEventListener("error", () => reject(new Error("no socket to the exchange")));
        socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
          if (data.includes("subscriptionResponse")) resolve(socket);
          if (!data.startsWith('{"channel":"bbo"')) return;
          frames++;
          if (data.includes(wanted)) onWanted(performance.now());
        });
      });
    }),
  );
  return {
    size: count,
    frames: () => frames,
    await: (px, onFrame) => {
      wanted = `"px":"${px}"`;
      onWanted = onFrame;
    },
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}

async function delaysOf(url: string, crowd: Crowd, changes: number): Promise<readonly number[]> {
  const [key] = KEYS;
  if (key === undefined) throw new Error("there is no lane");
  const delays: number[] = [];
  for (const { px, place, cancel } of changesFor(key, changes)) {
    const told = Promise.withResolvers<void>();
    let left = crowd.size;
    const sentMs = performance.now();
    crowd.await(px, (atMs) => {
      delays.push(atMs - sentMs);
      left--;
      if (left === 0) told.resolve();
    });
    await post(url, place);
    await told.promise;
    await post(url, cancel);
  }
  return delays;
}

async function rateOf(url: string, crowd: Crowd, changes: number): Promise<number> {
  const lanes = KEYS.map((key) => changesFor(key, Math.ceil(changes / 2)));
  const before = crowd.frames();
  const startMs = performance.now();
  await Promise.all(
    lanes.map(async (own) => {
      for (const { place, cancel } of own) {
        await post(url, place);
        await post(url, cancel);
      }
    }),
  );
  return ((crowd.frames() - before) * 1000) / (performance.now() - startMs);
}

type Change = { readonly px: string; readonly place: string; readonly cancel: string };

let seq = 1;

/** Bids that are the touch when they stand, at prices of their own, signed beforehand. */
function changesFor(key: Uint8Array, count: number): readonly Change[] {
  return Array.from({ length: count }, () => {
    const cloid = `0x${(seq++).toString(16).padStart(32, "0")}`;
    const px = `6${String(10 + (seq % 80)).padStart(2, "0")}.${1 + (seq % 9)}${1 + (Math.floor(seq / 9) % 9)}`;
    const order = {
      a: ASSET,
      b: true,
      p: px,
      s: "0.1",
      r: false,
      t: { limit: { tif: "Alo" } },
      c: cloid,
    };
    return {
      px,
      place: signed({ type: "order", orders: [order], grouping: "na" }, key),
      cancel: signed({ type: "cancelByCloid", cancels: [{ asset: ASSET, cloid }] }, key),
    };
  });
}
