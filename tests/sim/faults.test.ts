import { describe, expect, test } from "bun:test";
import { defaultParams } from "../../lib/core/params.ts";
import { simulate } from "../../lib/runtime/simulate.ts";
import type { HttpAnswer, Transport } from "../../lib/hyperliquid/transport.ts";
import { parseFaultPlan } from "../../lib/venue/server/faults/plan.ts";
import { EAGER } from "../support/eager.ts";

const MINUTE_MS = 60_000;

type Wire = {
  /** Cloids of every order that left, modifies included. */
  readonly cloids: string[];
  /** Requests that failed, sockets that closed, frames that came again. */
  troubles: number;
};

/** Watches what passes between the bot and the exchange. */
function watched(wire: Wire, transport: Transport): Transport {
  const through = async (answer: Promise<HttpAnswer>): Promise<HttpAnswer> => {
    try {
      const came = await answer;
      if (came.status !== 200) wire.troubles++;
      return came;
    } catch (error) {
      wire.troubles++;
      throw error;
    }
  };
  return {
    info: (body) => through(transport.info(body)),
    exchange: (body) => {
      wire.cloids.push(...cloidsIn(body));
      return through(transport.exchange(body));
    },
    openSocket: (handlers) => {
      let last = "";
      return transport.openSocket({
        ...handlers,
        onMessage: (text) => {
          if (text === last && text.includes("Book")) wire.troubles++;
          last = text;
          handlers.onMessage(text);
        },
        onClose: (reason) => {
          wire.troubles++;
          handlers.onClose(reason);
        },
      });
    },
  };
}

type Body = {
  readonly action: {
    readonly orders?: readonly { readonly c?: string }[];
    readonly modifies?: readonly { readonly order: { readonly c?: string } }[];
  };
};

function cloidsIn(body: string): readonly string[] {
  const { action } = JSON.parse(body) as Body;
  const orders = [...(action.orders ?? []), ...(action.modifies ?? []).map(({ order }) => order)];
  return orders.flatMap(({ c }) => (c === undefined ? [] : [c]));
}

/** Some minutes of the bot on an exchange that misbehaves. */
async function run(faults: unknown, minutes = 9) {
  const wire: Wire = { cloids: [], troubles: 0 };
  const summary = await simulate({
    symbol: "US500",
    seed: 11,
    durationMs: minutes * MINUTE_MS,
    params: { ...defaultParams, ...EAGER },
    faults: parseFaultPlan(faults),
    between: (transport) => watched(wire, transport),
    onProgress: () => {},
    onWarning: () => {},
  });
  return { summary, wire };
}

describe("the bot on an exchange that misbehaves", () => {
  test.each([
    ["answers are lost, the actions done", 10, { droppedAcks: { chance: 0.2 } }],
    [
      "answers are lost, and what was done is not found for a second",
      10,
      { droppedAcks: { chance: 0.2 }, blindLookups: { chance: 0.7, forMs: 1_000 } },
    ],
    [
      "every frame may come twice or late",
      20,
      { frames: { duplicateChance: 0.2, delayChance: 0.05 } },
    ],
    [
      "sockets are cut, or hang without a word",
      5,
      { sockets: { cutEveryMs: 45_000, halfOpenChance: 0.3 } },
    ],
    [
      "429 in storms, 502 now and then, some of them done",
      20,
      {
        storms: [{ fromMs: 20_000, lastsMs: 3_000, everyMs: 60_000 }],
        serverErrors: { chance: 0.05, executed: true },
      },
    ],
    [
      "slow, with a long tail",
      0,
      {
        latency: {
          place: { kind: "lognormal", medianMs: 80, p99Ms: 2_000 },
          cancel: { kind: "lognormal", medianMs: 50, p99Ms: 1_000 },
          info: { kind: "uniform", fromMs: 20, toMs: 400 },
          frame: { kind: "uniform", fromMs: 0, toMs: 50 },
        },
      },
    ],
  ])(
    "%s: no cloid twice, books and positions agree",
    async (_what, troubles, faults) => {
      const { summary, wire } = await run(faults);
      expect(wire.cloids.length).toBeGreaterThan(50);
      expect(wire.troubles).toBeGreaterThanOrEqual(troubles);
      expect(summary.fills.count).toBeGreaterThan(3);
      expect(new Set(wire.cloids).size).toBe(wire.cloids.length);
      expect(summary.position.lots).toBe(summary.position.venueLots);
      expect(summary.pnl.residualMicroUsd).toBe(0);
      expect(summary.openOrdersAtEnd).toBe(0);
    },
    60_000,
  );
});
