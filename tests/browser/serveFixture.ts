import { dashboardRoutes } from "../../lib/dashboard/routes.ts";
import { playedRun } from "./fixture.ts";
import type { FakeRun } from "./fixture.ts";

export type Served = {
  readonly url: string;
  readonly run: FakeRun;
  readonly stop: () => Promise<void>;
};

/** A page over a made-up run on a free port (or the one that is given). */
export function serveFixture(run: FakeRun, port = 0): Served {
  const routes = dashboardRoutes(run.feed);
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: (r) => routes.fetch(r) });
  return { url: `${server.url}`, run, stop: () => server.stop(true) };
}

if (import.meta.main) {
  const served = serveFixture(
    playedRun(7, Number(process.argv[3] ?? 20)),
    Number(process.argv[2] ?? 0),
  );
  setInterval(() => served.run.tick(), 250);
  process.stdout.write(`${served.url}\n`);
}
