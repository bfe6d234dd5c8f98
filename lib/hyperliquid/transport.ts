/** An answer of the venue as text; interpreting the status is the caller's work. */
export type HttpAnswer = { readonly status: number; readonly text: string };

export type SocketHandlers = {
  readonly onOpen: () => void;
  readonly onMessage: (text: string) => void;
  /** Called once, whatever the cause: refusal, cut, or our own close. */
  readonly onClose: (reason: string) => void;
};

export type Socket = {
  readonly send: (text: string) => void;
  readonly close: () => void;
};

/**
 * The way to the venue. Real: HTTP and WebSocket. In a simulation: the local exchange's gateway in the same process,
 * with the same texts.
 */
export interface Transport {
  /** @throws TransportError when there is no answer. */
  info(body: string): Promise<HttpAnswer>;
  /** @throws TransportError when there is no answer: the action may or may not have acted. */
  exchange(body: string): Promise<HttpAnswer>;
  openSocket(handlers: SocketHandlers): Socket;
}

/** No answer from the venue: refused, cut or timed out. The cause is kept. */
export class TransportError extends Error {
  override readonly name = "TransportError";
}
