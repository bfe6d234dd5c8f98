import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../../lib/runtime/clock.ts";
import { watch } from "../../lib/runtime/watchdog/watchdog.ts";
import { FakeTransport } from "../support/fakeTransport.ts";

const dataDir = mkdtempSync(join(tmpdir(), "amm500-words-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

/** No process has this id. */
const GONE = 2 ** 22 + 1;

test.each([
  ["alive", `the bot, process ${GONE}, is gone without a word`],
  ["stopped", `the bot, process ${GONE}, has ended as it was told to and could not see`],
] as const)("a bot whose last word was %s", async (phase, words) => {
  writeFileSync(join(dataDir, "heartbeat"), `${GONE} - 000000000001 ${phase}\n`);
  const told: string[] = [];
  const { end } = await watch({
    dataDir,
    place: {
      mode: "paper",
      exchange: "http://127.0.0.1:9",
      account: `0x${"1".repeat(40)}`,
      source: "a",
      market: "km:US500",
      dex: "km",
      assetId: 110_000,
      clock: { epochMs: 0, speed: 1 },
      orderExpiryMs: 5000,
      ownExchange: true,
    },
    bot: { pid: GONE, started: null },
    privateKey: new Uint8Array(32).fill(1),
    transport: new FakeTransport(),
    clock: realClock(),
    frozenAfterMs: 3000,
    tell: () => {},
    onActed: (text) => told.push(text),
  });
  expect(end).toBe("dead");
  expect(told).toEqual([expect.stringContaining(words)]);
});
