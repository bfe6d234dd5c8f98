import { dashboardRoutes } from "../../lib/dashboard/routes.ts";
import type { Ledger, LedgerQuestion, OrderStory, PastView } from "../../lib/dashboard/stories.ts";
import { playedRun } from "./fixture.ts";
import type { FakeRun } from "./fixture.ts";

export type Served = {
  readonly url: string;
  readonly run: FakeRun;
  /** What the page has asked the ledger, oldest first. */
  readonly asked: readonly LedgerQuestion[];
  readonly stop: () => Promise<void>;
};

/** A page over a made-up run on a free port (or the one that is given). Nothing is stored of it, and `asked` says of what. */
export function serveFixture(run: FakeRun, port = 0): Served {
  const asked: LedgerQuestion[] = [];
  const ledger: Ledger = {
    ask: async (question) => {
      asked.push(question);
      return { found: true, body: JSON.stringify(emptyAnswer(question)) };
    },
  };
  const routes = dashboardRoutes(run.feed, ledger);
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: (r) => routes.fetch(r) });
  return { url: `${server.url}`, run, asked, stop: () => server.stop(true) };
}

function emptyAnswer(question: LedgerQuestion): OrderStory | PastView {
  if (question.kind !== "past")
    return {
      cloid: null,
      oid: null,
      order: null,
      cause: null,
      market: null,
      distanceBps: null,
      happenings: [],
      fills: [],
      missing: ["Nothing is stored of a made-up run."],
    };
  return {
    atMs: question.atMs,
    book: null,
    market: null,
    orders: [],
    silence: { bid: null, ask: null },
    mode: null,
    refusals: [],
    positionLots: null,
    account: null,
    fills: [],
    missing: ["Nothing is stored of a made-up run."],
  };
}

if (import.meta.main) {
  const served = serveFixture(
    playedRun(7, Number(process.argv[3] ?? 20)),
    Number(process.argv[2] ?? 0),
  );
  setInterval(() => served.run.tick(), 250);
  process.stdout.write(`${served.url}\n`);
}
