import { benchBookMessage } from "./bookMessage.ts";
import { benchDecision } from "./decision.ts";
import { benchDoor } from "./door.ts";
import { benchEventToWire } from "./eventToWire.ts";
import { median, round } from "./measure.ts";
import { benchPool } from "./pool.ts";
import type { Figure } from "./report.ts";
import { benchSigning } from "./signing.ts";
import { benchSimulation } from "./simulation.ts";
import { benchStep } from "./step.ts";
import { benchVenueCore } from "./venueCore.ts";
import { benchVenueHttp } from "./venueHttp.ts";
import { benchVenueSockets } from "./venueSockets.ts";
import { benchVolatility } from "./volatility.ts";

export type Bench = {
  readonly name: string;
  readonly about: string;
  readonly run: () => Promise<{ readonly figures: readonly Figure[]; readonly detail: unknown }>;
};

type Budget = NonNullable<Figure["budget"]>;

const atMost = (value: number): Budget => ({ kind: "atMost", value });
const atLeast = (value: number): Budget => ({ kind: "atLeast", value });

function figure(what: string, value: number, unit: string, budget: Budget | null = null): Figure {
  return { what, value, unit, budget };
}

const ORDER_WORKERS = 10;
const STEP_REPEATS = 3;

const signing: Bench = {
  name: "signing",
  about: "a signed request of ten orders, one thread",
  run: async () => {
    const detail = await benchSigning();
    return {
      detail,
      figures: [
        figure("build, hash, sign, write: p50", detail.ours.p50Us, "µs"),
        figure("the SDK with a viem wallet over ours", detail.viemOverOurs, "x"),
        figure("signer from signature: p50", detail.recover.p50Us, "µs"),
      ],
    };
  },
};

const bookMessage: Bench = {
  name: "bookMessage",
  about: "reading a book of 20 levels a side",
  run: async () => {
    const detail = await benchBookMessage();
    return {
      detail,
      figures: [
        figure("by hand: p50", detail.handBook.p50Us, "µs"),
        figure("the schema library over it", detail.zodOverHand, "x"),
      ],
    };
  },
};

const step: Bench = {
  name: "step",
  about: "one durable step: event to commit, file, 30 working orders",
  run: () => {
    const runs = Array.from({ length: STEP_REPEATS }, () => benchStep());
    const of = (pick: (run: (typeof runs)[number]) => number) => round(median(runs.map(pick)));
    return Promise.resolve({
      detail: runs,
      figures: [
        figure(
          "p50",
          of(({ p50Us }) => p50Us),
          "µs",
          atMost(60),
        ),
        figure(
          "p99.9",
          of(({ p999Us }) => p999Us / 1000),
          "ms",
          atMost(1),
        ),
      ],
    });
  },
};

const DECISION_LEVELS = [15, 100];

const decision: Bench = {
  name: "decision",
  about:
    "one book event to approved commands: handler, risk check, record; 15 and 100 levels a side",
  run: () => {
    const detail = DECISION_LEVELS.map((levels) => benchDecision(levels));
    return Promise.resolve({
      detail,
      figures: detail.flatMap(({ orders, looking, moving, placing }) => [
        figure(`${orders} orders rest, nothing to do: p50`, looking.p50Us, "µs"),
        figure(`${orders} orders rest, nothing to do: p99`, looking.p99Us, "µs"),
        figure(`${moving.commands} changes, the market moved: p50`, moving.p50Us, "µs"),
        figure(`${moving.commands} changes, the market moved: p99`, moving.p99Us, "µs"),
        figure(`${placing.commands} orders, none rests yet: p50`, placing.p50Us, "µs"),
        figure(`${placing.commands} orders, none rests yet: p99`, placing.p99Us, "µs"),
      ]),
    });
  },
};

const eventToWire: Bench = {
  name: "eventToWire",
  about: "book message received to signed request, the whole bot, a touch every 20 ms",
  run: async () => {
    const detail = await benchEventToWire();
    const { inside, outside, outsideCold, floor } = detail;
    return {
      detail,
      figures: [
        figure("seen by the bot: p50", inside.p50, "ms", atMost(0.6)),
        figure("seen by the bot: p99", inside.p99, "ms", atMost(3)),
        figure("seen by the exchange, two ways more: p50", outside.p50, "ms"),
        figure("seen by the exchange, two ways more: p99", outside.p99, "ms"),
        figure("the same with no bot between: p50", floor.p50, "ms"),
        figure("the same with no bot between: p99", floor.p99, "ms"),
        figure("first 20 touches, seen by the exchange: p50", outsideCold.p50, "ms"),
      ],
    };
  },
};

function pool(delayMs: number, repeats: number, ratioMax: number): Bench {
  return {
    name: `pool${delayMs}`,
    about: `200 orders in 20 batches, an exchange that answers after ${delayMs} ms`,
    run: async () => {
      const detail = await benchPool({
        delayMs,
        repeats,
        workers: ORDER_WORKERS,
        singleOrders: false,
      });
      return {
        detail,
        figures: [
          figure("last answer over a single post's", detail.poolRatio, "x", atMost(ratioMax)),
          figure("one batch after another over the pool", detail.speedUp, "x", atLeast(15)),
          figure("one thread, all posts at once, over a single's", detail.oneThreadRatio, "x"),
          figure("the pool over that thread", round(detail.pool / detail.oneThread), "x"),
        ],
      };
    },
  };
}

const simulation: Bench = {
  name: "simulation",
  about: "3.6 simulated hours of US500 from the opening on, exchange and bot in one process",
  run: async () => {
    const detail = await benchSimulation();
    return {
      detail,
      figures: [
        figure(
          "processor time of a week of such hours, extrapolated",
          detail.weekCpuMinutesExtrapolated,
          "min",
          atMost(10),
        ),
        figure("resident memory", detail.rssMb, "MB", atMost(350)),
        figure("of it since half time", detail.rssGrowthMb, "MB"),
      ],
    };
  },
};

const venueCore: Bench = {
  name: "venueCore",
  about: "orders of two accounts that trade with each other, the exchange's core alone",
  run: () => {
    const detail = benchVenueCore();
    return Promise.resolve({
      detail,
      figures: [
        figure("orders", detail.ordersPerSecond, "/s"),
        figure("matched pairs", detail.matchesPerSecond, "/s"),
      ],
    });
  },
};

const venueHttp: Bench = {
  name: "venueHttp",
  about: "signed orders through the exchange's HTTP door",
  run: async () => {
    const detail = await benchVenueHttp();
    return {
      detail,
      figures: [
        figure("one order an action", detail.singlesPerSecond, "/s"),
        figure("ten orders an action", detail.tensPerSecond, "/s"),
        figure("one client's ten threads, ten orders an action", detail.poolPerSecond, "/s"),
      ],
    };
  },
};

const venueSockets: Bench = {
  name: "venueSockets",
  about: "changes of the touch to 1 and 100 subscribers of the exchange",
  run: async () => {
    const detail = await benchVenueSockets();
    return {
      detail,
      figures: detail.flatMap(({ subscribers, framesPerSecond, p50Ms, p99Ms }) => [
        figure(`frames to ${subscribers}`, framesPerSecond, "/s"),
        figure(`order to the frame at each of ${subscribers}: p50`, p50Ms, "ms"),
        figure(`order to the frame at each of ${subscribers}: p99`, p99Ms, "ms"),
      ]),
    };
  },
};

const door: Bench = {
  name: "door",
  about: "quoting beside a thousand requests a second at the bot's own door",
  run: async () => {
    const { alone, busy, ratio, pairs } = await benchDoor();
    return {
      detail: pairs,
      figures: [
        figure("book to signed request, alone: p99", alone.p99, "ms", atMost(3)),
        figure("the same under the requests: p99", busy.p99, "ms", atMost(3)),
        figure("under them over alone, pair by pair: p50", ratio.p50, "x"),
        figure("under them over alone, pair by pair: p99", ratio.p99, "x"),
      ],
    };
  },
};

const volatility: Bench = {
  name: "volatility",
  about: "quoting beside a training, a forecast, and a training of five networks",
  run: async () => {
    const detail = await benchVolatility();
    const { eventToWireMs: wire } = detail;
    return {
      detail,
      figures: [
        figure("forecast: p50", detail.refresh.p50Us, "µs"),
        figure("forecast beside a training: p99", detail.refreshBesideTraining.p99Us, "µs"),
        figure("fit of a HAR, in a thread of its own: p50", detail.localFit.p50Us / 1000, "ms"),
        figure("book to signed request, alone: p99", wire.alone.p99, "ms", atMost(3)),
        figure("the same beside a training: p99", wire.busy.p99, "ms", atMost(3)),
        figure("beside over alone, pair by pair: p99", wire.ratio.p99, "x"),
        figure("five networks of ten epochs", detail.training.seconds, "s", atMost(120)),
        figure(
          "their memory on 60 days of minutes",
          detail.training.peakMemoryMb,
          "MB",
          atMost(300),
        ),
      ],
    };
  },
};

/** In this order: those that need a quiet machine first. */
export const BENCHES: readonly Bench[] = [
  eventToWire,
  step,
  decision,
  pool(20, 15, 1.25),
  pool(100, 7, 1.15),
  signing,
  bookMessage,
  venueCore,
  venueHttp,
  venueSockets,
  simulation,
  door,
  volatility,
];
