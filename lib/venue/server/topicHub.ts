import type { VenueOutput } from "../rules/types.ts";
import type { Topic } from "./channels/topic.ts";
import type { Subscription } from "./channels/subscription.ts";
import type { ReleaseQueue } from "./releaseQueue.ts";

/** Someone who follows topics. */
export type Follower = {
  readonly deliver: (text: string) => void;
  /** False once the follower has left the topic, or altogether. */
  readonly follows: (key: string) => boolean;
};

type Entry = {
  readonly key: string;
  readonly topic: Topic;
  /** Replaced, never changed: a frame goes to those who followed when it was made. */
  followers: readonly Follower[];
};

/** Topics with followers. Each frame is made once, in its block, and leaves when the block is committed. */
export class TopicHub {
  readonly #releases: ReleaseQueue;
  readonly #commitMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(releases: ReleaseQueue, commitMs: number) {
    this.#releases = releases;
    this.#commitMs = commitMs;
  }

  /** The follower gets the state now, released like a block's frame, and every later frame. */
  join(follower: Follower, subscription: Subscription, nowMs: number): void {
    const { key } = subscription;
    const entry = this.#entries.get(key) ?? { key, topic: subscription.create(), followers: [] };
    this.#entries.set(key, entry);
    this.#release(entry.topic.snapshot(nowMs), key, [follower], nowMs);
    entry.followers = [...entry.followers, follower];
  }

  leave(follower: Follower, key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.followers = entry.followers.filter((other) => other !== follower);
    if (entry.followers.length === 0) this.#entries.delete(key);
  }

  /** Makes frames of a block's outputs. */
  onBlock(timeMs: number, outputs: readonly VenueOutput[]): void {
    for (const entry of this.#entries.values())
      this.#release(entry.topic.frames(timeMs, outputs), entry.key, entry.followers, timeMs);
  }

  /** When a topic wants to send something even without a block. */
  nextMs(): number {
    let nextMs = Infinity;
    for (const { topic } of this.#entries.values()) nextMs = Math.min(nextMs, topic.nextMs());
    return nextMs;
  }

  /** Sends what is due without a block. */
  onTime(nowMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.topic.nextMs() > nowMs) continue;
      this.#release(entry.topic.frames(nowMs, []), entry.key, entry.followers, nowMs);
    }
  }

  #release(
    texts: readonly string[],
    key: string,
    followers: readonly Follower[],
    timeMs: number,
  ): void {
    if (texts.length === 0) return;
    this.#releases.push(timeMs + this.#commitMs, () => {
      for (const follower of followers) {
        for (const text of texts) if (follower.follows(key)) follower.deliver(text);
      }
    });
  }
}
