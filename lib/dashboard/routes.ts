import { Hono } from "hono";
import { bundlePage } from "./bundle.ts";
import type { PageFiles } from "./bundle.ts";
import { ledgerRoutes } from "./ledgerRoutes.ts";
import type { DashboardFeed } from "./model.ts";
import type { Ledger } from "./stories.ts";
import { StreamHub } from "./stream.ts";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * The page and its sources of data, all read-only: `/`, `/assets/*`, `/api/snapshot`, `/api/stream`, and with a ledger
 * `/api/why` and `/api/past`. The page is bundled at the first request.
 */
export function dashboardRoutes(feed: DashboardFeed, ledger?: Ledger): Hono {
  const hub = new StreamHub(feed);
  let files: Promise<PageFiles> | null = null;
  const app = new Hono();

  app.use("*", async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  });

  const serve = async (path: string, known: string | undefined): Promise<Response> => {
    files ??= bundlePage();
    const file = (await files).get(path);
    if (file === undefined) return new Response("not found\n", { status: 404 });
    const headers = { "content-type": file.type, etag: file.etag, "cache-control": "no-cache" };
    if (known === file.etag) return new Response(null, { status: 304, headers });
    return new Response(file.body, { headers });
  };

  app.get("/", (context) => serve("", context.req.header("if-none-match")));
  app.get("/assets/:name", (context) =>
    serve(`assets/${context.req.param("name")}`, context.req.header("if-none-match")),
  );

  app.get("/api/snapshot", (context) => {
    context.header("cache-control", "no-store");
    return context.json(feed.snapshot());
  });

  app.get("/api/stream", (context) => {
    const body = hub.open();
    if (body === null) return context.json({ error: "too many pages are open" }, 503);
    return context.body(body, 200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
  });

  if (ledger !== undefined) ledgerRoutes(app, ledger);
  return app;
}
