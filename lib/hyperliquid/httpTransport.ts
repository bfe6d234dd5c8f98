import type { HttpAnswer, Socket, SocketHandlers, Transport } from "./transport.ts";
import { TransportError } from "./transport.ts";

/** Where the venue is, and how long an answer may take. */
export type Endpoint = {
  /** "https://api.hyperliquid.xyz", "http://127.0.0.1:3001": without a slash at the end or with one. */
  readonly url: string;
  /** An answer that takes longer does not come. */
  readonly timeoutMs: number;
};

const HTTP_URL = /^https?:\/\/[^/]+(?:\/.*)?$/;

/** @throws Error naming the url unless it is http or https. */
function baseUrl(url: string): string {
  if (!HTTP_URL.test(url)) {
    throw new Error(`exchange url "${url}" is not allowed: it begins with http:// or https://`);
  }
  return url.replace(/\/+$/, "");
}

/**
 * One POST with JSON. Never repeated: whether a lost request acted is for the caller to find out.
 * @throws TransportError when there is no answer; the cause is kept.
 */
async function postJson(url: string, body: string, timeoutMs: number): Promise<HttpAnswer> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new TransportError(`no answer from ${url} (${reason})`, { cause });
  }
}

/** The real way to the venue: HTTP and WebSocket, no retries of any kind. */
export class HttpTransport implements Transport {
  readonly #url: string;
  readonly #timeoutMs: number;

  constructor(endpoint: Endpoint) {
    this.#url = baseUrl(endpoint.url);
    this.#timeoutMs = endpoint.timeoutMs;
  }

  info(body: string): Promise<HttpAnswer> {
    return postJson(`${this.#url}/info`, body, this.#timeoutMs);
  }

  exchange(body: string): Promise<HttpAnswer> {
    return postJson(`${this.#url}/exchange`, body, this.#timeoutMs);
  }

  openSocket(handlers: SocketHandlers): Socket {
    const socket = new WebSocket(`ws${this.#url.slice("http".length)}/ws`);
    let closed = false;
    const end = (reason: string): void => {
      if (closed) return;
      closed = true;
      handlers.onClose(reason);
    };
    socket.addEventListener("open", () => {
      if (!closed) handlers.onOpen();
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (!closed && typeof event.data === "string") handlers.onMessage(event.data);
    });
    socket.addEventListener("close", (event) => {
      end(
        `closed by the venue (code ${event.code}${event.reason === "" ? "" : `, ${event.reason}`})`,
      );
    });
    socket.addEventListener("error", () => end("connection failed"));
    return {
      send: (text) => {
        if (!closed && socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => {
        socket.close();
        end("closed by us");
      },
    };
  }
}
