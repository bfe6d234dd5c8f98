import { expect, test } from "bun:test";
import { startExchange } from "../../lib/venue/server/start.ts";
import { checksOfNktkas } from "../clients/nktkas/checks.ts";

/** The session of `bun run clients --only nktkas`, the one client that needs no registry. */
test("every method of the public client that makes sense here is answered", async () => {
  const exchange = await startExchange({
    port: 0,
    hostname: "127.0.0.1",
    feed: { kind: "sim", seed: 7 },
    speed: 1,
    limits: false,
  });
  try {
    const failed: string[] = [];
    let passed = 0;
    for await (const { name, outcome, detail } of checksOfNktkas(exchange.url)) {
      if (outcome === "passed") passed++;
      else failed.push(`${name}: ${detail}`);
    }
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(100);
  } finally {
    await exchange.stop();
  }
}, 60_000);
