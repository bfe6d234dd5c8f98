import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import type { HttpAnswer, Socket } from "../../lib/hyperliquid/transport.ts";
import { serveTransport } from "./transportServer.ts";

/** A wire with a recorder on it. */
export type RecordingProxy = {
  readonly url: string;
  /** Bodies of every request to `/exchange`, as they were sent. */
  readonly actions: readonly string[];
  /** Actions are answered with this status until it is called with null. */
  readonly refuse: (status: number | null) => void;
  /** Closes every stream. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
};

/** Stands between a client and an exchange; everything passes unchanged. */
export function startRecordingProxy(target: string): RecordingProxy {
  const transport = new HttpTransport({ url: target, timeoutMs: 10_000 });
  const actions: string[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | null = null;
  const server = serveTransport(
    {
      info: (body) => transport.info(body),
      exchange: (body): Promise<HttpAnswer> => {
        actions.push(body);
        // What stands in front of an exchange may repeat the request in its refusal.
        const text = `refused: ${signatureIn(body)} of ${body}`;
        return refusal === null
          ? transport.exchange(body)
          : Promise.resolve({ status: refusal, text });
      },
      openSocket: (handlers) => {
        const socket = transport.openSocket(handlers);
        sockets.add(socket);
        return socket;
      },
    },
    target,
  );
  return {
    url: server.url,
    actions,
    refuse: (status) => {
      refusal = status;
    },
    cut: () => {
      for (const socket of sockets) socket.close();
      sockets.clear();
    },
    stop: server.stop,
  };
}

function signatureIn(body: string): string {
  return JSON.stringify((JSON.parse(body) as { readonly signature?: object }).signature ?? null);
}
