import type { HttpAnswer, Socket, Transport } from "../../lib/hyperliquid/transport.ts";

export type TransportServer = { readonly url: string; readonly stop: () => Promise<void> };

type Link = { socket: Socket | null; waiting: string[]; isOpen: boolean };

/**
 * Serves a transport over real HTTP and WebSocket: what a test puts between a bot and an exchange in the same process
 * can so stand between processes. An answer that does not come breaks the connection. `/local/` goes to `target`.
 */
export function serveTransport(transport: Transport, target: string): TransportServer {
  const answer = async (question: Promise<HttpAnswer>): Promise<Response> => {
    const { status, text } = await question;
    return new Response(text, { status, headers: { "content-type": "application/json" } });
  };
  const server = Bun.serve<Link>({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    reusePort: false,
    fetch: async (request, self) => {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/ws") {
        const data: Link = { socket: null, waiting: [], isOpen: false };
        return self.upgrade(request, { data }) ? undefined : new Response("no", { status: 400 });
      }
      const body = request.method === "POST" ? await request.text() : "";
      try {
        if (pathname === "/info") return await answer(transport.info(body));
        if (pathname === "/exchange") return await answer(transport.exchange(body));
      } catch {
        // What stands in front of an exchange says this when nothing came back.
        return new Response("no answer", { status: 504 });
      }
      const { method, headers } = request;
      const init = method === "POST" ? { method, headers, body } : { method };
      const passed = await fetch(`${target}${pathname}${search}`, init);
      return new Response(await passed.text(), { status: passed.status });
    },
    websocket: {
      open(client) {
        const link = client.data;
        link.socket = transport.openSocket({
          onOpen: () => {
            link.isOpen = true;
            for (const text of link.waiting.splice(0)) link.socket?.send(text);
          },
          onMessage: (text) => void client.send(text),
          onClose: () => client.close(),
        });
      },
      message(client, text) {
        const { isOpen, socket, waiting } = client.data;
        if (isOpen) socket?.send(String(text));
        else waiting.push(String(text));
      },
      close(client) {
        client.data.socket?.close();
      },
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}
