import type { Hono } from "hono";
import { messageOf } from "../units/messageOf.ts";

/** The port cannot be listened on. The text names it. */
export class PortError extends Error {
  override readonly name = "PortError";
}

export type LoopbackServer = {
  readonly url: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
};

/** A client that neither sends nor takes is let go. A page's stream has a beat every four seconds. */
const IDLE_SECONDS = 10;
/** No request carries more; the routes have tighter limits of their own. */
const BODY_BYTES_MAX = 64 * 1024;

/** Serves on this machine alone. Port 0 takes any free one. @throws PortError when the port is taken. */
export function serveLoopback(app: Hono, port: number): LoopbackServer {
  try {
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port,
      development: false,
      // Without this, the line above lets a second process listen on the same port and take half of the requests.
      reusePort: false,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: BODY_BYTES_MAX,
      fetch: (request) => app.fetch(request),
    });
    const taken = server.port ?? port;
    return {
      url: `http://127.0.0.1:${taken}`,
      port: taken,
      stop: () => server.stop(true),
    };
  } catch (cause) {
    const text = messageOf(cause);
    throw new PortError(`port ${port} cannot be used (${text}); choose another with --port`, {
      cause,
    });
  }
}
