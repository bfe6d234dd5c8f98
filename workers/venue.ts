import { startExchange } from "../lib/venue/server/start.ts";
import type { ExchangeConfig, RunningExchange } from "../lib/venue/server/start.ts";
import { isWrongUse } from "../lib/venue/server/wrongUse.ts";
import { STOP_MESSAGE } from "../lib/venue/server/thread.ts";
import type { VenueThreadMessage } from "../lib/venue/server/thread.ts";
import { messageOf } from "../lib/units/messageOf.ts";

/** The local exchange's thread: the first message is its configuration as JSON, a later one tells it to stop. */
declare const self: Worker;

let running: RunningExchange | null = null;

self.addEventListener("message", ({ data }: MessageEvent<string>) => {
  void (data === STOP_MESSAGE ? stop() : start(data));
});

function say(message: VenueThreadMessage): void {
  self.postMessage(message);
}

async function start(config: string): Promise<void> {
  try {
    running = await startExchange(JSON.parse(config) as ExchangeConfig);
    say({ kind: "ready", url: running.url, port: running.port, epochMs: running.epochMs });
  } catch (error) {
    const text = messageOf(error);
    say({ kind: "error", error: text, wrongUse: isWrongUse(error) });
    process.exit(1);
  }
}

async function stop(): Promise<void> {
  await running?.stop();
  process.exit(0);
}
