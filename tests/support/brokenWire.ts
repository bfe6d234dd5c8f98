import { TransportError } from "../../lib/hyperliquid/transport.ts";
import type {
  HttpAnswer,
  Socket,
  SocketHandlers,
  Transport,
} from "../../lib/hyperliquid/transport.ts";

type Line = { readonly handlers: SocketHandlers; readonly socket: Socket; open: boolean };

/** A wire that a test cuts, freezes and mends. */
export class BrokenWire implements Transport {
  #target: Transport | null;
  readonly #lines = new Set<Line>();
  /** Connections asked for so far. */
  opened = 0;
  #frozen = false;

  constructor(target: Transport) {
    this.#target = target;
  }

  info(body: string): Promise<HttpAnswer> {
    return this.#target?.info(body) ?? Promise.reject(new TransportError("nobody is there"));
  }

  exchange(): Promise<HttpAnswer> {
    return Promise.reject(new Error("a mirror sends no actions"));
  }

  openSocket(handlers: SocketHandlers): Socket {
    this.opened++;
    if (this.#target === null) {
      handlers.onClose("nobody is there");
      return { send: () => undefined, close: () => undefined };
    }
    const socket = this.#target.openSocket({
      onOpen: () => (this.#frozen ? undefined : handlers.onOpen()),
      onMessage: (text) => (line.open && !this.#frozen ? handlers.onMessage(text) : undefined),
      onClose: (reason) => this.#end(line, reason),
    });
    const line: Line = { handlers, socket, open: true };
    this.#lines.add(line);
    return {
      send: (text) => (this.#frozen ? undefined : socket.send(text)),
      close: () => {
        socket.close();
        this.#end(line, "closed by us");
      },
    };
  }

  /** Every connection breaks, and nobody answers until `connect`. */
  cut(): void {
    this.#target = null;
    for (const line of this.#lines) {
      line.socket.close();
      this.#end(line, "cut by the test");
    }
  }

  connect(target: Transport): void {
    this.#target = target;
  }

  /** Connections stay open and say nothing any more, and do not hear either. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
  }

  #end(line: Line, reason: string): void {
    if (!line.open) return;
    line.open = false;
    this.#lines.delete(line);
    line.handlers.onClose(reason);
  }
}
