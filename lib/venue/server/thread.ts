import type { ExchangeConfig } from "./start.ts";

/** What the exchange's thread says. */
export type VenueThreadMessage =
  | {
      readonly kind: "ready";
      readonly url: string;
      readonly port: number;
      readonly epochMs: number;
    }
  | {
      readonly kind: "error";
      readonly error: string;
      /** True when what was asked for cannot be: another tape, market or port would do. */
      readonly wrongUse: boolean;
    };

/** Sent to the thread to end it. */
export const STOP_MESSAGE = "stop";

export type VenueThread = {
  readonly url: string;
  readonly port: number;
  readonly epochMs: number;
  readonly speed: number;
  readonly stop: () => Promise<void>;
};

/** The exchange's thread did not start, or ended on its own; the sentence says why. */
export class VenueThreadError extends Error {
  override readonly name = "VenueThreadError";
  /** True when what was asked for cannot be. */
  readonly wrongUse: boolean;

  constructor(message: string, wrongUse = false) {
    super(message);
    this.wrongUse = wrongUse;
  }
}

const STOP_WAIT_MS = 2_000;

/**
 * Starts a local exchange in a thread of its own and waits until it answers.
 * @param onFailure called once if the thread ends without having been told to
 * @throws VenueThreadError when it cannot start
 */
export async function startVenueThread(
  config: ExchangeConfig,
  onFailure: (error: VenueThreadError) => void,
): Promise<VenueThread> {
  const worker = new Worker(new URL("../../../workers/venue.ts", import.meta.url));
  const ready = Promise.withResolvers<Extract<VenueThreadMessage, { kind: "ready" }>>();
  const ended = Promise.withResolvers<void>();
  let state: "starting" | "running" | "stopping" = "starting";
  const fail = (error: VenueThreadError) => {
    if (state === "starting") ready.reject(error);
    else if (state === "running") onFailure(error);
    state = "stopping";
  };
  worker.addEventListener("message", ({ data }: MessageEvent<VenueThreadMessage>) => {
    if (data.kind === "ready") ready.resolve(data);
    else fail(new VenueThreadError(data.error, data.wrongUse));
  });
  worker.addEventListener("error", ({ message }) => fail(new VenueThreadError(message)));
  worker.addEventListener("close", () => {
    fail(new VenueThreadError("the local exchange's thread ended"));
    ended.resolve();
  });
  worker.postMessage(JSON.stringify(config));
  const { url, port, epochMs } = await ready.promise;
  state = "running";
  const stop = async () => {
    state = "stopping";
    worker.postMessage(STOP_MESSAGE);
    const timer = setTimeout(() => worker.terminate(), STOP_WAIT_MS);
    await ended.promise;
    clearTimeout(timer);
  };
  return { url, port, epochMs, speed: config.speed, stop };
}
