import { initSigning } from "../../lib/hyperliquid/signing/signature.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { Gateway } from "../../lib/venue/server/gateway.ts";
import { serveGateway } from "../../lib/venue/server/http.ts";
import { venueConfig } from "../../lib/venue/server/universe.ts";

/*
 * A local exchange in a process of its own whose answers do not wait: blocks every 2 ms, committed at once. What is left
 * is what the exchange's processor has to do for a request. Prints its port.
 */
await initSigning();
const config = { ...venueConfig(false), blockMs: 2, commitMs: 0 };
const gateway = new Gateway(config, { epochMs: Date.now(), speed: 1 });
const { port } = serveGateway({
  front: gateway,
  clock: realClock(),
  port: 0,
  hostname: "127.0.0.1",
});
process.stdout.write(`${port}\n`);
