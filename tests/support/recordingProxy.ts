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

type Link = { upstream: WebSocket; waiting: string[] };

function signatureIn(body: string): string {
  return JSON.stringify((JSON.parse(body) as { readonly signature?: object }).signature ?? null);
}

/** Stands between a client and an exchange; everything passes unchanged. */
export function startRecordingProxy(target: string): RecordingProxy {
  const actions: string[] = [];
  let refusal: number | null = null;
  const links = new Set<Bun.ServerWebSocket<Link>>();
  const server = Bun.serve<Link>({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    reusePort: false,
    fetch: async (request, self) => {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/ws") {
        const upstream = new WebSocket(`ws${target.slice("http".length)}/ws`);
        const upgraded = self.upgrade(request, { data: { upstream, waiting: [] } });
        return upgraded ? undefined : new Response("no upgrade", { status: 400 });
      }
      const body = request.method === "POST" ? await request.text() : null;
      if (pathname === "/exchange" && body !== null) {
        actions.push(body);
        // What stands in front of an exchange may repeat the request in its refusal.
        if (refusal !== null)
          return new Response(`refused: ${signatureIn(body)} of ${body}`, { status: refusal });
      }
      const { method, headers } = request;
      const answer = await fetch(`${target}${pathname}${search}`, { method, headers, body });
      return new Response(await answer.text(), {
        status: answer.status,
        headers: { "content-type": answer.headers.get("content-type") ?? "application/json" },
      });
    },
    websocket: {
      open(socket) {
        links.add(socket);
        const { upstream, waiting } = socket.data;
        upstream.addEventListener("open", () => {
          for (const text of waiting.splice(0)) upstream.send(text);
        });
        upstream.addEventListener("message", (event: MessageEvent<string>) => {
          socket.send(event.data);
        });
        upstream.addEventListener("close", () => socket.close());
      },
      message(socket, text) {
        const { upstream, waiting } = socket.data;
        if (upstream.readyState === WebSocket.OPEN) upstream.send(String(text));
        else waiting.push(String(text));
      },
      close(socket) {
        links.delete(socket);
        socket.data.upstream.close();
      },
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    actions,
    refuse: (status) => {
      refusal = status;
    },
    cut: () => {
      for (const link of links) link.close();
    },
    stop: () => server.stop(true),
  };
}
