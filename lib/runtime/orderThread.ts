export type OrderThreadHandlers = {
  readonly onMessage: (text: string) => void;
  /** Called once, whatever the cause. The thread is gone. */
  readonly onEnd: (reason: string) => void;
};

export type OrderThread = {
  readonly post: (text: string) => void;
  readonly terminate: () => void;
};

export type SpawnOrderThread = (handlers: OrderThreadHandlers) => OrderThread;

/** A real thread running `workers/orders.ts`. */
export const spawnOrderThread: SpawnOrderThread = (handlers) => {
  const worker = new Worker(new URL("../../workers/orders.ts", import.meta.url).href);
  let ended = false;
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    handlers.onEnd(reason);
  };
  worker.addEventListener("message", (event: MessageEvent<string>) => {
    if (!ended) handlers.onMessage(event.data);
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    end(event.message === "" ? "uncaught error" : event.message);
  });
  worker.addEventListener("close", () => end("thread ended"));
  return {
    post: (text) => {
      worker.postMessage(text);
    },
    terminate: () => {
      worker.terminate();
      end("terminated");
    },
  };
};
