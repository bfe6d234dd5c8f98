import { ms } from "../../units/numbers.ts";
import type { VenueConfig, VenueOutput } from "../rules/types.ts";
import { Venue } from "../rules/venue.ts";
import type { Subscription } from "./channels/subscription.ts";
import { BAD_CONTENT_TYPE, BAD_JSON, BAD_SHAPE, ExchangeDesk } from "./exchangeDesk.ts";
import type { Reply } from "./exchangeDesk.ts";
import { ExchangeTotals } from "./exchangeTotals.ts";
import { InfoRefusal } from "./info/context.ts";
import type { InfoContext } from "./info/context.ts";
import { answerInfo, infoTypeOf } from "./info/registry.ts";
import { infoWeight, IpBudget, rowsWeight } from "./ipBudget.ts";
import { LocalDesk } from "./localDesk.ts";
import type { Answer, LocalRequest, VenueClock } from "./localDesk.ts";
import { isJsonContentType, NotJsonError, readJson } from "./readJson.ts";
import { MinuteLimit } from "./minuteLimit.ts";
import { PendingPosts } from "./pendingPosts.ts";
import { ReleaseQueue } from "./releaseQueue.ts";
import { Session } from "./session.ts";
import { ShapeError } from "./shape.ts";
import { TopicHub } from "./topicHub.ts";

/** One open connection, from the server's side. */
export type OpenSession = {
  readonly receive: (text: string) => void;
  /** The connection is gone. */
  readonly closed: () => void;
};

/** Limits per IP address (documented); everybody here comes from one. */
const CONNECTIONS_MAX = 10;
const SUBSCRIPTIONS_MAX = 1000;
const USERS_MAX = 10;
const MESSAGES_A_MINUTE = 2000;
const NEW_CONNECTIONS_A_MINUTE = 30;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

/**
 * The local exchange as JSON texts, without network, clock or timers: time comes in through `advanceTo`, before each
 * call. `/info` answers show the state after the last block that ran. What blocks bring about (answers to actions,
 * frames) leaves `commitMs` after the block, in order.
 */
export class Gateway {
  readonly venue: Venue;
  readonly #releases = new ReleaseQueue();
  readonly #totals = new ExchangeTotals();
  readonly #context: InfoContext;
  readonly #ip: IpBudget;
  readonly #desk: ExchangeDesk;
  readonly #hub: TopicHub;
  readonly #localDesk: LocalDesk;
  readonly #messages = new MinuteLimit(MESSAGES_A_MINUTE);
  readonly #newConnections = new MinuteLimit(NEW_CONNECTIONS_A_MINUTE);
  readonly #pendingPosts: PendingPosts;
  readonly #sessions = new Map<Session, (code: number, reason: string) => void>();
  #outputs: VenueOutput[] = [];
  #nowMs: number;

  constructor(config: VenueConfig, clock: VenueClock) {
    this.#nowMs = clock.epochMs;
    this.venue = new Venue(config, (output) => this.#observe(output));
    this.#context = { venue: this.venue, totals: this.#totals };
    this.#ip = new IpBudget(config.limits);
    this.#pendingPosts = new PendingPosts(config.limits);
    this.#desk = new ExchangeDesk(this.venue, this.#releases, this.#ip);
    this.#hub = new TopicHub(this.#releases, config.commitMs);
    this.#localDesk = new LocalDesk(this.venue, this.#totals, clock);
  }

  /** Venue time reached. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** `POST /info`. */
  info(body: string, contentType: string | null): Answer {
    const read = this.#read(body, contentType);
    return "status" in read ? read : this.#answerInfo(read.value);
  }

  /** `POST /info` for those who take answers as they come. */
  ask(body: string, contentType: string | null, reply: Reply): void {
    const answer = this.info(body, contentType);
    reply(answer.status, answer.body);
  }

  /** `POST /exchange`. Refusals before the core are answered at once, all else after its block is committed. */
  exchange(body: string, contentType: string | null, reply: Reply): void {
    const read = this.#read(body, contentType);
    if ("status" in read) reply(read.status, read.body);
    else this.#desk.take(read.value, this.#nowMs, reply);
  }

  /** Paths under `/local/`. */
  local(request: LocalRequest): Answer {
    return this.#localDesk.answer(request);
  }

  /** Gives an account collateral in a dex. @throws ShapeError for an unknown dex or a sum that is not allowed. */
  credit(user: string, dex: string, microUsd: number): void {
    this.#localDesk.credit(user, dex, microUsd);
  }

  /** A connection to `/ws`. `close` is called when the venue ends it. */
  openSession(
    send: (text: string) => void,
    close: (code: number, reason: string) => void,
  ): OpenSession {
    const refusal = this.#refuseConnection();
    if (refusal !== null) {
      close(POLICY_VIOLATION, refusal);
      return { receive: () => undefined, closed: () => undefined };
    }
    const session = new Session(
      {
        context: this.#context,
        hub: this.#hub,
        nowMs: () => this.#nowMs,
        answerInfo: (body, reply) => {
          const answer = this.#answerInfo(body);
          reply(answer.status, answer.body);
        },
        takeAction: (body, reply) => this.#desk.take(body, this.#nowMs, reply),
        pendingPosts: this.#pendingPosts,
        refuseSubscription: (subscription) => this.#refuseSubscription(subscription),
      },
      send,
    );
    this.#sessions.set(session, close);
    return {
      receive: (text) => {
        if (!this.venue.config.limits || this.#messages.admit(this.#nowMs)) session.receive(text);
        else session.refuse(`Too many messages, at most ${MESSAGES_A_MINUTE} a minute.`);
      },
      closed: () => {
        session.end();
        this.#sessions.delete(session);
      },
    };
  }

  #refuseConnection(): string | null {
    if (!this.venue.config.limits) return null;
    if (this.#sessions.size >= CONNECTIONS_MAX)
      return `Cannot open more than ${CONNECTIONS_MAX} connections.`;
    return this.#newConnections.admit(this.#nowMs)
      ? null
      : `Cannot open more than ${NEW_CONNECTIONS_A_MINUTE} connections a minute.`;
  }

  /** When `advanceTo` is next needed; Infinity when nothing is pending. */
  nextWorkMs(): number {
    let nextMs = this.#nextEventMs();
    for (const session of this.#sessions.keys()) nextMs = Math.min(nextMs, session.idleMs);
    return nextMs;
  }

  /**
   * Runs blocks, sends what is due and closes silent connections, in order of time. A block comes before what is
   * released at the same moment, so that who reacts at once acts in the block after it.
   */
  advanceTo(nowMs: number): void {
    for (;;) {
      const blockMs = this.venue.nextWorkMs() ?? Infinity;
      const nextMs = Math.min(blockMs, this.#releases.nextMs(), this.#hub.nextMs());
      if (nextMs > nowMs) break;
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      if (blockMs <= nextMs) this.venue.advanceTo(ms(nextMs));
      this.#hub.onTime(nextMs);
      this.#releases.runTo(nextMs);
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.venue.advanceTo(ms(this.#nowMs));
    this.#closeIdle();
  }

  #nextEventMs(): number {
    const block = this.venue.nextWorkMs() ?? Infinity;
    return Math.min(block, this.#releases.nextMs(), this.#hub.nextMs());
  }

  /** Blocks end with their own output; what came before it belongs to the block. */
  #observe(output: VenueOutput): void {
    this.#totals.observe(output);
    if (output.kind !== "block") {
      this.#outputs.push(output);
      return;
    }
    const outputs = this.#outputs;
    this.#outputs = [];
    this.#hub.onBlock(output.timeMs, outputs);
  }

  #closeIdle(): void {
    for (const [session, close] of this.#sessions) {
      if (session.idleMs > this.#nowMs) continue;
      session.end();
      this.#sessions.delete(session);
      close(GOING_AWAY, "Inactive");
    }
  }

  #read(body: string, contentType: string | null): Answer | { readonly value: unknown } {
    if (!isJsonContentType(contentType)) return { status: 415, body: BAD_CONTENT_TYPE };
    try {
      return { value: readJson(body) };
    } catch (error) {
      if (!(error instanceof NotJsonError)) throw error;
      return { status: 400, body: BAD_JSON };
    }
  }

  #answerInfo(body: unknown): Answer {
    try {
      const type = infoTypeOf(body);
      if (!this.#ip.admit(infoWeight(type), this.#nowMs)) return { status: 429, body: "null" };
      const answer = answerInfo(body, this.#context);
      this.#ip.charge(rowsWeight(type, answer));
      return { status: 200, body: JSON.stringify(answer) };
    } catch (error) {
      if (error instanceof ShapeError) return { status: 422, body: BAD_SHAPE };
      if (error instanceof InfoRefusal) return { status: 500, body: "null" };
      throw error;
    }
  }

  #refuseSubscription(subscription: Subscription): string | null {
    if (!this.venue.config.limits) return null;
    const users = new Set(subscription.user === null ? [] : [subscription.user]);
    let count = 1;
    for (const session of this.#sessions.keys()) {
      for (const { user } of session.subscriptions) {
        count++;
        if (user !== null) users.add(user);
      }
    }
    if (users.size > USERS_MAX) return `Cannot track more than ${USERS_MAX} total users.`;
    return count > SUBSCRIPTIONS_MAX
      ? `Cannot track more than ${SUBSCRIPTIONS_MAX} total subscriptions.`
      : null;
  }
}
