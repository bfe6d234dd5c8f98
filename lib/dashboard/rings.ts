import type { Audit } from "../messages/audit.ts";
import type { DecisionDraft } from "./decisions.ts";
import type { Decision, DecisionKind } from "./types.ts";

/** Keeps the newest `capacity` items. */
export class Ring<T> {
  private readonly capacity: number;
  private items: T[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  push(item: T): void {
    this.items.push(item);
    if (this.items.length > this.capacity * 2) this.items = this.items.slice(-this.capacity);
  }

  replaceLast(item: T): void {
    this.items[this.items.length - 1] = item;
  }

  last(): T | undefined {
    return this.items.at(-1);
  }

  /** Oldest first. */
  all(): readonly T[] {
    return this.items.slice(-this.capacity);
  }
}

/** What the log can be narrowed to. Each keeps its own history, so that requotes never push the fills out. */
export type DecisionTopic = "orders" | "fills" | "refusals" | "risk";

export const TOPIC_OF: Readonly<Record<DecisionKind, DecisionTopic>> = {
  place: "orders",
  modify: "orders",
  cancel: "orders",
  fill: "fills",
  funding: "fills",
  refusal: "refusals",
  reject: "refusals",
  risk: "risk",
  feed: "risk",
  run: "risk",
  operator: "risk",
  account: "risk",
  volatility: "risk",
};

const TOPICS: readonly DecisionTopic[] = ["orders", "fills", "refusals", "risk"];

/** The last decisions of each topic. A refusal that repeats is one line with a count. */
export class DecisionLog {
  private readonly rings: Readonly<Record<DecisionTopic, Ring<Decision>>>;
  private nextSeq = 1;
  private readonly changed = new Map<number, Decision>();
  private newest: Decision | null = null;

  constructor(perTopic: number) {
    this.rings = {
      orders: new Ring(perTopic),
      fills: new Ring(perTopic),
      refusals: new Ring(perTopic),
      risk: new Ring(perTopic),
    };
  }

  add(draft: DecisionDraft, audit: Audit): void {
    const ring = this.rings[TOPIC_OF[draft.kind]];
    const previous = ring.last();
    const atMs = audit.event.atMs;
    if (previous !== undefined && draft.kind === "refusal" && repeats(previous, draft)) {
      const again = { ...previous, ...draft, atMs, times: previous.times + 1 };
      ring.replaceLast(again);
      this.note(again);
      return;
    }
    const decision: Decision = {
      ...draft,
      seq: this.nextSeq++,
      atMs,
      cause: audit.event.kind,
      times: 1,
      firstMs: atMs,
    };
    ring.push(decision);
    this.note(decision);
  }

  private note(decision: Decision): void {
    this.changed.set(decision.seq, decision);
    if (this.changed.size > 1000) {
      const oldest = this.changed.keys().next().value;
      if (oldest !== undefined) this.changed.delete(oldest);
    }
    this.newest = decision;
  }

  /** Of all topics, in the order in which they began. */
  all(): readonly Decision[] {
    return TOPICS.flatMap((topic) => this.rings[topic].all()).toSorted((a, b) => a.seq - b.seq);
  }

  latest(): Decision | null {
    return this.newest;
  }

  /** New and repeated ones since the last call. */
  takeChanged(): readonly Decision[] {
    const out = [...this.changed.values()];
    this.changed.clear();
    return out;
  }
}

/** The text before the figures is the reason; the figures change from step to step. */
function repeats(previous: Decision, draft: DecisionDraft): boolean {
  const head = (text: string): string => text.split(" (")[0] ?? text;
  return previous.kind === draft.kind && head(previous.text) === head(draft.text);
}
