import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";

type Item = { readonly c?: string; readonly order?: { readonly c?: string } };
type Body = {
  readonly action: {
    readonly type: string;
    readonly orders?: readonly Item[];
    readonly modifies?: readonly Item[];
    readonly cancels?: readonly WireValue[];
  };
  readonly nonce: number;
  readonly signature: { readonly r: string; readonly s: string; readonly v: number };
  readonly expiresAfter?: number;
};

export type StubBehaviour = (body: Body) => Response | Promise<Response>;

/** What the venue says when everything rests, or every cancel finds its order. */
export function allGood({ action }: Body): Response {
  const placed = action.orders ?? action.modifies;
  const statuses =
    placed?.map((item, index) => ({
      resting: { oid: 1000 + index, cloid: item.c ?? item.order?.c },
    })) ?? action.cancels?.map(() => "success");
  const type = placed === undefined ? "cancel" : "order";
  return Response.json({ status: "ok", response: { type, data: { statuses } } });
}

/** An `/exchange` that answers as told and remembers what it was sent. */
export function stubExchange(behaviour: StubBehaviour = allGood) {
  const received: Body[] = [];
  const stub = { behaviour, received, url: "", stop: () => {} };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    development: false,
    fetch: async (request) => {
      const body = (await request.json()) as Body;
      received.push(body);
      return stub.behaviour(body);
    },
  });
  stub.url = `http://127.0.0.1:${server.port}`;
  stub.stop = () => void server.stop(true);
  return stub;
}

/** A TCP server that takes the request and then resets the connection. */
export function resettingServer() {
  let requests = 0;
  const server = Bun.listen({
    port: 0,
    hostname: "127.0.0.1",
    socket: {
      data: (socket) => {
        requests++;
        socket.terminate();
      },
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests: () => requests,
    stop: () => server.stop(true),
  };
}
