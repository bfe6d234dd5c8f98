import type { DashboardFeed } from "./model.ts";
import type { Delta } from "./types.ts";

/** A client that lets this much pile up is dropped; it comes back by itself and reads a fresh snapshot. */
const BACKLOG_BYTES = 1 << 20;
const PUBLISH_EVERY_MS = 250;
const HEARTBEAT_EVERY_MS = 4000;
const CLIENTS_MAX = 16;

type Client = { readonly send: (text: string) => void };

/** Server-sent events for any number of pages. One timer drives the feed while anybody watches. */
export class StreamHub {
  private readonly feed: DashboardFeed;
  private readonly clients = new Set<Client>();
  private stop: (() => void) | null = null;

  constructor(feed: DashboardFeed) {
    this.feed = feed;
  }

  /** How many pages are watching. */
  get watching(): number {
    return this.clients.size;
  }

  private start(): void {
    const unsubscribe = this.feed.subscribe((delta: Delta) => {
      const text = `data: ${JSON.stringify(delta)}\n\n`;
      for (const client of this.clients) client.send(text);
    });
    const publish = setInterval(() => this.feed.publish(), PUBLISH_EVERY_MS);
    const beat = setInterval(() => {
      for (const client of this.clients) client.send("event: beat\ndata: 1\n\n");
    }, HEARTBEAT_EVERY_MS);
    this.stop = () => {
      unsubscribe();
      clearInterval(publish);
      clearInterval(beat);
    };
  }

  private leave(client: Client): void {
    this.clients.delete(client);
    if (this.clients.size > 0) return;
    this.stop?.();
    this.stop = null;
  }

  /** The body of one answer; null when as many as allowed are watching. */
  open(): ReadableStream<Uint8Array> | null {
    if (this.clients.size >= CLIENTS_MAX) return null;
    const encoder = new TextEncoder();
    let client: Client | null = null;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const own: Client = {
            send: (text) => {
              if ((controller.desiredSize ?? 0) <= 0) {
                this.leave(own);
                controller.error(new Error("the client reads too slowly"));
                return;
              }
              controller.enqueue(encoder.encode(text));
            },
          };
          client = own;
          this.clients.add(own);
          if (this.stop === null) this.start();
          own.send("retry: 1000\nevent: hello\ndata: 1\n\n");
        },
        cancel: () => {
          if (client !== null) this.leave(client);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: BACKLOG_BYTES }),
    );
  }
}
