import { expect, test } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import type { Transport } from "../../lib/hyperliquid/transport.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import { ms } from "../../lib/units/numbers.ts";
import type { Clock } from "../../lib/units/time.ts";

type Seen = { readonly afterMs: number; readonly what: string };

/** What a bot sends in its first seconds when its stream opens so much later than its questions are answered. */
async function startWith(streamAfterMs: number): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  let beganMs = 0;
  const between = (transport: Transport, clock: Clock): Transport => {
    beganMs = clock.nowMs();
    const note = (what: string): void => void seen.push({ afterMs: clock.nowMs() - beganMs, what });
    return {
      info: (body) => {
        note((JSON.parse(body) as { type: string }).type);
        return transport.info(body);
      },
      exchange: (body) => {
        note("exchange");
        return transport.exchange(body);
      },
      openSocket: (handlers) =>
        transport.openSocket({
          ...handlers,
          onOpen: () => void clock.at(ms(clock.nowMs() + streamAfterMs), handlers.onOpen),
        }),
    };
  };
  await simulate({
    symbol: "US500",
    seed: 7,
    durationMs: 8_000,
    params: defaultParams,
    onProgress: () => {},
    onWarning: () => {},
    between,
  });
  return seen;
}

const before = (seen: readonly Seen[], what: string, untilMs: number): number =>
  seen.filter((entry) => entry.what === what && entry.afterMs < untilMs).length;

test.each([0, 200, 700])(
  "a start whose stream opens %d ms late asks for the account once before it quotes",
  async (lateMs) => {
    const seen = await startWith(lateMs);
    const quotedMs = seen.find(({ what }) => what === "exchange")?.afterMs ?? 0;
    expect(quotedMs).toBeWithin(lateMs, lateMs + 600);
    expect(before(seen, "frontendOpenOrders", quotedMs)).toBe(1);
  },
);

test("a stream that does not come is not waited for, and nothing is quoted without it", async () => {
  const seen = await startWith(5_000);
  expect(before(seen, "frontendOpenOrders", 2_000)).toBe(1);
  expect(before(seen, "exchange", 5_000)).toBe(0);
  // Only what is read from the stream's beginning on is followed without a hole.
  expect(before(seen, "frontendOpenOrders", 6_500)).toBe(2);
  expect(before(seen, "exchange", 7_500)).toBeGreaterThan(0);
});
