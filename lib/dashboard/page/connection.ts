import { effect } from "@preact/signals";
import type { Delta, Snapshot } from "../types.ts";
import type { PageStore } from "./store.ts";

/** Beats come every four seconds: three missing ones are a dead line. */
const SILENT_MS = 13_000;
const RETRY_MS = 1000;

/** A market says something many times a second; after this long its silence is worth a word. */
const QUIET_MS = 10_000;

/** Watches, by the wall's clock, how long nothing new has come from the market. */
function watchQuiet(store: PageStore): void {
  let newsMs = performance.now();
  effect(() => {
    void store.live.market.value;
    newsMs = performance.now();
    store.quietMs.value = null;
  });
  setInterval(() => {
    const forMs = performance.now() - newsMs;
    const talking = store.link.value !== "open" || store.live.run.value === null;
    store.quietMs.value = talking || forMs < QUIET_MS ? null : Math.floor(forMs / 1000) * 1000;
  }, 1000);
}

/**
 * Keeps the store fed: subscribes first, then reads the snapshot, then applies what came in between.
 * After every cut it does all of that again, so that nothing missed stays missing.
 */
export function connect(store: PageStore): void {
  let source: EventSource | null = null;
  let silent: ReturnType<typeof setTimeout> | undefined;
  let early: Delta[] | null = null;
  let round = 0;

  const retry = (): void => {
    round++;
    source?.close();
    clearTimeout(silent);
    store.link.value = "cut";
    setTimeout(open, RETRY_MS);
  };

  const heard = (): void => {
    clearTimeout(silent);
    silent = setTimeout(retry, SILENT_MS);
  };

  const readSnapshot = async (mine: number): Promise<void> => {
    try {
      const answer = await fetch("api/snapshot");
      if (!answer.ok) throw new Error(`snapshot answered ${answer.status}`);
      const snapshot = (await answer.json()) as Snapshot;
      if (mine !== round) return;
      store.onSnapshot(snapshot);
      for (const delta of early ?? []) store.onDelta(delta);
      early = null;
      store.link.value = "open";
    } catch {
      if (mine === round) retry();
    }
  };

  function open(): void {
    const mine = ++round;
    early = [];
    source = new EventSource("api/stream");
    heard();
    source.addEventListener("hello", () => {
      heard();
      void readSnapshot(mine);
    });
    source.addEventListener("beat", heard);
    source.addEventListener("message", (message: MessageEvent<string>) => {
      heard();
      const delta = JSON.parse(message.data) as Delta;
      if (early === null) store.onDelta(delta);
      else early.push(delta);
    });
    source.addEventListener("error", () => {
      if (mine === round) retry();
    });
  }

  open();
  watchQuiet(store);
}
