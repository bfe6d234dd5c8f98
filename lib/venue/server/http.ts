import type { Server, ServerWebSocket } from "bun";
import type { Clock } from "../../units/time.ts";
import { Driver } from "./driver.ts";
import { CUT } from "./front.ts";
import type { Front } from "./front.ts";
import type { OpenSession } from "./gateway.ts";
import type { Answer } from "./localDesk.ts";

export type ServeOptions = {
  /** The gateway, or one with faults before it. */
  readonly front: Front;
  readonly clock: Clock;
  /** 0 takes a free one. */
  readonly port: number;
  readonly hostname: string;
};

export type RunningServer = {
  readonly port: number;
  readonly url: string;
  /** Something came in beside the wire: the exchange looks when it next has work. */
  readonly wake: () => void;
  /** Ends time, connections and the port. */
  readonly stop: () => Promise<void>;
};

/** The exchange cannot start; the sentence says why. */
export class ServeError extends Error {
  override readonly name = "ServeError";
}

/** Largest body that is read; larger ones are refused with 413. */
const BODY_BYTES_MAX = 1024 * 1024;
/** Seconds without traffic after which Bun drops a request; answers take fractions of one. */
const REQUEST_IDLE_S = 60;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
  vary: "origin, access-control-request-method, access-control-request-headers",
};
const PREFLIGHT = {
  ...CORS,
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "content-type",
  "access-control-max-age": "600",
};

type SocketData = { session: OpenSession | null };

/** One port for `/info`, `/exchange`, `/ws` and `/local/*`. @throws ServeError when the port cannot be had. */
export function serveGateway(options: ServeOptions): RunningServer {
  const driver = new Driver(options.front, options.clock);
  try {
    const server = listen(options, driver);
    const { port, hostname } = server;
    return {
      port: port ?? 0,
      url: `http://${hostname ?? options.hostname}:${port ?? 0}`,
      wake: () => driver.run(() => undefined),
      stop: async () => {
        driver.stop();
        await server.stop(true);
      },
    };
  } catch (error) {
    driver.stop();
    throw startError(error, options);
  }
}

function startError(error: unknown, { port, hostname }: ServeOptions): Error {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const place = `${hostname}:${port}`;
  if (code === "EADDRINUSE")
    return new ServeError(`${place} is in use: choose another port, or 0 for any free one`);
  if (code === "EACCES") return new ServeError(`${place} is not allowed: choose a port above 1023`);
  return error instanceof Error ? error : new Error(String(error));
}

function listen(options: ServeOptions, driver: Driver): Server<SocketData> {
  return Bun.serve<SocketData>({
    port: options.port,
    hostname: options.hostname,
    development: false,
    // Without this a second exchange would share the port in silence and get half of the requests.
    reusePort: false,
    maxRequestBodySize: BODY_BYTES_MAX,
    idleTimeout: REQUEST_IDLE_S,
    fetch: (request, server) => route(request, server, driver),
    websocket: {
      perMessageDeflate: false,
      maxPayloadLength: BODY_BYTES_MAX,
      idleTimeout: 0,
      sendPings: false,
      closeOnBackpressureLimit: true,
      open: (socket) => {
        socket.data.session = driver.run((front) =>
          front.openSession(
            (text) => void socket.send(text),
            (code, reason) => socket.close(code, reason),
          ),
        );
      },
      message: (socket, message) => {
        const text = typeof message === "string" ? message : message.toString();
        driver.run(() => socket.data.session?.receive(text));
      },
      close: (socket: ServerWebSocket<SocketData>) => {
        driver.run(() => socket.data.session?.closed());
      },
    },
  });
}

async function route(
  request: Request,
  server: Server<SocketData>,
  driver: Driver,
): Promise<Response | undefined> {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method === "OPTIONS") return new Response(null, { status: 200, headers: PREFLIGHT });
  if (pathname === "/ws") {
    if (server.upgrade(request, { data: { session: null } })) return undefined;
    return respond({ status: 400, body: "Expected a WebSocket upgrade" });
  }
  if (pathname.startsWith("/local/")) {
    const path = pathname.slice("/local/".length);
    const body = await request.text();
    const answer = driver.run((front) =>
      front.local({ method: request.method, path, query: searchParams, body }),
    );
    return answerWith(answer.status, answer.body, "application/json");
  }
  if (pathname !== "/info" && pathname !== "/exchange")
    return respond({ status: 404, body: "Not Found" });
  if (request.method !== "POST") return respond({ status: 405, body: "Method Not Allowed" });
  const contentType = request.headers.get("content-type");
  const body = await request.text();
  return new Promise((resolve) => {
    const reply = (status: number, text: string) => {
      // The connection is dropped without a word, as soon as the server can.
      if (status === CUT) server.timeout(request, 1);
      else resolve(respond({ status, body: text }));
    };
    driver.run((front) =>
      pathname === "/info"
        ? front.ask(body, contentType, reply)
        : front.exchange(body, contentType, reply),
    );
  });
}

/** Answers are JSON; refusals of the wire are plain sentences, except for a bare `null` (measured). */
function respond({ status, body }: Answer): Response {
  const isJson = status === 200 || status === 429 || status === 500;
  return answerWith(status, body, isJson ? "application/json" : "text/plain; charset=utf-8");
}

function answerWith(status: number, body: string, contentType: string): Response {
  return new Response(body, { status, headers: { ...CORS, "content-type": contentType } });
}
