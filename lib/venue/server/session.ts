import type { Subscription } from "./channels/subscription.ts";
import { parseSubscription } from "./channels/subscription.ts";
import type { InfoContext } from "./info/context.ts";
import type { Reply } from "./exchangeDesk.ts";
import type { PendingPosts } from "./pendingPosts.ts";
import { NotJsonError, readJson } from "./readJson.ts";
import { objectAt, ShapeError, unsignedAt, wordAt } from "./shape.ts";
import type { JsonObject } from "./shape.ts";
import type { Follower, TopicHub } from "./topicHub.ts";

/** What a connection needs from the exchange behind it. */
export type SessionHost = {
  readonly context: InfoContext;
  readonly hub: TopicHub;
  readonly nowMs: () => number;
  readonly answerInfo: (body: unknown, reply: Reply) => void;
  readonly takeAction: (body: unknown, reply: Reply) => void;
  /** Posts without an answer, of all connections together. */
  readonly pendingPosts: PendingPosts;
  /** A reason to refuse another subscription, or null. */
  readonly refuseSubscription: (subscription: Subscription) => string | null;
};

/** The venue closes a connection to which it has sent nothing for so long (documented). */
const IDLE_MS = 60_000;

/** One WebSocket connection: subscriptions, pings and posts, as JSON texts. */
export class Session implements Follower {
  readonly #host: SessionHost;
  readonly #send: (text: string) => void;
  readonly #topics = new Map<string, Subscription>();
  #sentMs: number;
  #open = true;

  constructor(host: SessionHost, send: (text: string) => void) {
    this.#host = host;
    this.#send = send;
    this.#sentMs = host.nowMs();
  }

  /** When the venue gives up on a silent connection. */
  get idleMs(): number {
    return this.#sentMs + IDLE_MS;
  }

  get subscriptions(): Iterable<Subscription> {
    return this.#topics.values();
  }

  follows(key: string): boolean {
    return this.#open && this.#topics.has(key);
  }

  deliver(text: string): void {
    if (!this.#open) return;
    this.#sentMs = this.#host.nowMs();
    this.#send(text);
  }

  /** Leaves all topics. Nothing is sent any more; actions already taken stand. */
  end(): void {
    if (!this.#open) return;
    for (const key of this.#topics.keys()) this.#host.hub.leave(this, key);
    this.#topics.clear();
    this.#open = false;
  }

  /** Says why a message was not read. */
  refuse(text: string): void {
    this.#error(text);
  }

  receive(text: string): void {
    if (!this.#open) return;
    try {
      this.#dispatch(objectAt(readJson(text), "message"));
    } catch (error) {
      if (!(error instanceof ShapeError || error instanceof NotJsonError)) throw error;
      this.#error(`Error parsing JSON into valid websocket request: ${text}`);
    }
  }

  #dispatch(message: JsonObject): void {
    const method = wordAt(message["method"], "method", [
      "subscribe",
      "unsubscribe",
      "ping",
      "post",
    ]);
    switch (method) {
      case "ping":
        this.deliver('{"channel":"pong"}');
        return;
      case "post":
        this.#post(message);
        return;
      case "subscribe":
      case "unsubscribe":
        this.#follow(method, objectAt(message["subscription"], "subscription"));
    }
  }

  #follow(method: "subscribe" | "unsubscribe", raw: JsonObject): void {
    const parsed = parseSubscription(raw, this.#host.context);
    if (parsed.outcome === "unreadable") throw new ShapeError("no such subscription");
    if (parsed.outcome === "invalid")
      return this.#error(`Invalid subscription ${JSON.stringify(raw)}`);
    const { subscription } = parsed;
    const echo = { ...raw, ...subscription.defaults };
    const isFollowed = this.#topics.has(subscription.key);
    if (method === "subscribe") {
      if (isFollowed) return this.#error(`Already subscribed: ${JSON.stringify(echo)}`);
      const refusal = this.#host.refuseSubscription(subscription);
      if (refusal !== null) return this.#error(refusal);
      this.#confirm(method, echo);
      this.#topics.set(subscription.key, subscription);
      this.#host.hub.join(this, subscription, this.#host.nowMs());
    } else {
      if (!isFollowed) return this.#error(`Already unsubscribed: ${JSON.stringify(echo)}`);
      this.#topics.delete(subscription.key);
      this.#host.hub.leave(this, subscription.key);
      this.#confirm(method, echo);
    }
  }

  /** The echo is what was received, with what was left out at its default (captured): clients look for every key that they sent. */
  #confirm(method: string, raw: JsonObject): void {
    this.deliver(
      JSON.stringify({ channel: "subscriptionResponse", data: { method, subscription: raw } }),
    );
  }

  #post(message: JsonObject): void {
    const id = unsignedAt(message["id"], "id");
    const request = objectAt(message["request"], "request");
    const type = wordAt(request["type"], "request.type", ["info", "action"]);
    const payload = objectAt(request["payload"], "request.payload");
    const { pendingPosts } = this.#host;
    if (!pendingPosts.begin()) return this.#error(`too many pending post requests id=${id}`);
    const reply: Reply = (status, body) => {
      pendingPosts.end();
      this.deliver(postAnswer(id, type, payload, status, body));
    };
    if (type === "info") this.#host.answerInfo(payload, reply);
    else this.#host.takeAction(payload, reply);
  }

  #error(text: string): void {
    this.deliver(JSON.stringify({ channel: "error", data: text }));
  }
}

/** The body is JSON already, so the frame is put together around it. */
function postAnswer(
  id: number,
  type: "info" | "action",
  payload: JsonObject,
  status: number,
  body: string,
): string {
  const response =
    status !== 200
      ? JSON.stringify({ type: "error", payload: `${status} ${body}` })
      : type === "info"
        ? `{"type":"info","payload":{"type":${JSON.stringify(payload["type"])},"data":${body}}}`
        : `{"type":"action","payload":${body}}`;
  return `{"channel":"post","data":{"id":${id},"response":${response}}}`;
}
