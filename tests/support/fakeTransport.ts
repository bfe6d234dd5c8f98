import type {
  HttpAnswer,
  Socket,
  SocketHandlers,
  Transport,
} from "../../lib/hyperliquid/transport.ts";

export type FakeSocket = {
  readonly handlers: SocketHandlers;
  readonly sent: unknown[];
  closed: boolean;
};

/** A venue of which the test plays every part. */
export class FakeTransport implements Transport {
  readonly sockets: FakeSocket[] = [];
  answerInfo: (request: { readonly type: string; readonly [key: string]: unknown }) => unknown =
    () => null;

  info(body: string): Promise<HttpAnswer> {
    const request = JSON.parse(body) as { readonly type: string };
    return Promise.resolve({ status: 200, text: JSON.stringify(this.answerInfo(request)) });
  }

  exchange(): Promise<HttpAnswer> {
    return Promise.reject(new Error("this venue takes no actions"));
  }

  openSocket(handlers: SocketHandlers): Socket {
    const socket: FakeSocket = { handlers, sent: [], closed: false };
    this.sockets.push(socket);
    return {
      send: (text) => socket.sent.push(JSON.parse(text)),
      close: () => {
        if (socket.closed) return;
        socket.closed = true;
        handlers.onClose("closed by us");
      },
    };
  }

  socket(index: number): FakeSocket {
    const socket = this.sockets[index];
    if (socket === undefined) throw new Error(`no socket ${index}`);
    return socket;
  }

  say(index: number, message: unknown): void {
    this.socket(index).handlers.onMessage(JSON.stringify(message));
  }

  /** Opens the connection and confirms what was subscribed, as the venue does. */
  accept(index: number): void {
    const { handlers, sent } = this.socket(index);
    handlers.onOpen();
    for (const data of sent) this.say(index, { channel: "subscriptionResponse", data });
  }
}
