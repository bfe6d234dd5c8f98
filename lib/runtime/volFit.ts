import type { LocalHar } from "../vol/localHar.ts";
import type { LocalHarFit } from "../vol/port.ts";

/** Far more than a fit takes on a busy machine. */
const LIMIT_MS = 30_000;

/** Fits a HAR in a thread that ends with it. Null when it fails: the running average serves. */
export const fitInThread: LocalHarFit = (candles, horizonMs, nowMs) => {
  const worker = new Worker(new URL("../../workers/fitHar.ts", import.meta.url).href);
  const fitted = Promise.withResolvers<LocalHar | null>();
  const nothing = (): void => fitted.resolve(null);
  const limit = setTimeout(nothing, LIMIT_MS);
  worker.addEventListener("message", (event: MessageEvent<LocalHar | null>) =>
    fitted.resolve(event.data),
  );
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    nothing();
  });
  worker.postMessage({ candles, horizonMs, nowMs });
  return fitted.promise.finally(() => {
    clearTimeout(limit);
    worker.terminate();
  });
};
