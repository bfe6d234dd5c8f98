import type { Candles } from "../lib/vol/candles.ts";
import { fitLocalHar } from "../lib/vol/localHar.ts";

/* Thread that fits one HAR and ends: a least squares over four days of minutes is too long for the thread that quotes. */

declare const self: Worker;

self.addEventListener("message", (event: MessageEvent<FitRequest>) => {
  const { candles, horizonMs, nowMs } = event.data;
  self.postMessage(fitLocalHar(candles, horizonMs, nowMs));
});

type FitRequest = {
  readonly candles: Candles;
  readonly horizonMs: number;
  readonly nowMs: number;
};
