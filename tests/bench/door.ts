import type { Bot } from "../../lib/runtime/bot.ts";
import { stateMetrics } from "../../lib/runtime/botMetrics.ts";
import { createRouter } from "../../lib/runtime/router.ts";
import { serveLoopback } from "../../lib/runtime/serveLoopback.ts";
import { statusOf } from "../../lib/runtime/status.ts";
import { benchEventToWire } from "./eventToWire.ts";
import type { BesideBench } from "./eventToWire.ts";

const WIRE = { touches: 200, repeats: 5, warmUp: 100, periodMs: 20 };

/** The whole bot, alone and while another process sends its door a thousand requests a second, by turns. */
export async function benchDoor(): Promise<BesideBench> {
  const { beside } = await benchEventToWire({ ...WIRE, beside: flooded });
  if (beside === null) throw new Error("nothing was measured beside the flood");
  return beside;
}

async function flooded(bot: Bot): Promise<() => Promise<void>> {
  const app = createRouter({
    token: "t".repeat(64),
    webhookSecret: null,
    nowMs: Date.now,
    health: () => ({ ok: true, detail: "" }),
    status: () => statusOf(bot.state, bot.sequencer.view, null, null),
    metrics: () => stateMetrics(bot.state),
    operator: (input) => bot.tell(input),
    newId: () => bot.nextId("operator"),
    onError: (error) => process.stderr.write(`${error.message}\n`),
  });
  const server = serveLoopback(app, 0);
  const path = Bun.fileURLToPath(new URL("./flood.ts", import.meta.url));
  const flood = Bun.spawn([process.execPath, path, server.url], {
    stdout: "pipe",
    stderr: "ignore",
  });
  await flood.stdout.getReader().read();
  return async () => {
    flood.kill();
    await flood.exited;
    await server.stop();
  };
}
