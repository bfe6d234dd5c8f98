import type { Reply } from "../exchangeDesk.ts";
import { CUT } from "../front.ts";
import type { Front } from "../front.ts";
import type { Gateway, OpenSession } from "../gateway.ts";
import type { Answer, LocalRequest } from "../localDesk.ts";
import { ReleaseQueue } from "../releaseQueue.ts";
import { Dice } from "./dice.ts";
import { FaultySocket } from "./faultySocket.ts";
import { MarketFaults } from "./marketFaults.ts";
import type { FaultPlan, RequestKind } from "./plan.ts";
import { actionKind } from "./requestKind.ts";

/** How often each fault has struck. */
export type FaultCounts = Record<
  | "delayed"
  | "dropped"
  | "refused429"
  | "refused5xx"
  | "blind"
  | "cut"
  | "halfOpen"
  | "duplicated"
  | "late",
  number
>;

const ABNORMAL_CLOSURE = 1006;
const UNKNOWN_ORDER = '{"status":"unknownOid"}';

/**
 * Stands between a network and the exchange and lets go wrong what a plan says. The exchange itself is untouched: an
 * action whose answer is dropped has been executed by the rules. All chances are drawn from the plan's seed; in virtual
 * time a run with faults repeats to the byte.
 */
export class FaultLayer implements Front {
  readonly #gateway: Gateway;
  readonly #queue = new ReleaseQueue();
  readonly #sockets = new Set<FaultySocket>();
  readonly #market: MarketFaults;
  readonly counts: FaultCounts = {
    delayed: 0,
    dropped: 0,
    refused429: 0,
    refused5xx: 0,
    blind: 0,
    cut: 0,
    halfOpen: 0,
    duplicated: 0,
    late: 0,
  };
  #plan: FaultPlan;
  #dice: Dice;
  #startMs: number;
  #nowMs: number;
  #nextCutMs = Infinity;

  constructor(gateway: Gateway, plan: FaultPlan) {
    this.#gateway = gateway;
    this.#plan = plan;
    this.#dice = new Dice(plan.seed);
    this.#nowMs = gateway.nowMs();
    this.#startMs = this.#nowMs;
    this.#market = new MarketFaults(gateway.venue);
    this.plan(plan);
  }

  get current(): FaultPlan {
    return this.#plan;
  }

  /** Another plan from now on; its times count from now. @throws FaultPlanError for a coin that is not listed */
  plan(plan: FaultPlan): void {
    this.#market.check(plan.market);
    this.#plan = plan;
    this.#dice = new Dice(plan.seed);
    this.#startMs = this.#nowMs;
    this.#nextCutMs = this.#nowMs + (plan.sockets?.cutEveryMs ?? Infinity);
    this.#market.plan(plan.market, this.#startMs);
  }

  /** Everybody else's time: the exchange's own is ahead of it by the plan's skew. */
  nowMs(): number {
    return this.#nowMs;
  }

  nextWorkMs(): number {
    return Math.min(
      this.#gateway.nextWorkMs() - this.#plan.clockSkewMs,
      this.#queue.nextMs(),
      this.#nextCutMs,
      this.#market.nextMs(),
    );
  }

  advanceTo(nowMs: number): void {
    for (let next = this.nextWorkMs(); next <= nowMs; next = this.nextWorkMs()) this.#step(next);
    this.#step(nowMs);
  }

  #step(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.#market.runTo(this.#nowMs);
    this.#gateway.advanceTo(this.#nowMs + this.#plan.clockSkewMs);
    this.#queue.runTo(this.#nowMs);
    if (this.#nextCutMs > this.#nowMs) return;
    this.#nextCutMs = this.#nowMs + (this.#plan.sockets?.cutEveryMs ?? Infinity);
    this.cutSockets();
  }

  local(request: LocalRequest): Answer {
    return this.#gateway.local(request);
  }

  ask(body: string, contentType: string | null, reply: Reply): void {
    this.#take("info", reply, (answer) =>
      this.#gateway.ask(body, contentType, (status, text) => answer(status, this.#blinded(text))),
    );
  }

  /** What a look-up is answered: perhaps that there is no such order, if it has just changed. */
  #blinded(answer: string): string {
    const { blindLookups } = this.#plan;
    if (blindLookups === undefined) return answer;
    const changedMs = changeOfOrder(answer);
    if (changedMs === null || this.#gateway.nowMs() >= changedMs + blindLookups.forMs)
      return answer;
    if (!this.#dice.chance("blind", blindLookups.chance)) return answer;
    this.counts.blind++;
    return UNKNOWN_ORDER;
  }

  exchange(body: string, contentType: string | null, reply: Reply): void {
    const kind = actionKind(body);
    this.#take(kind, reply, (answer) => this.#gateway.exchange(body, contentType, answer));
  }

  /** A request of a kind over HTTP. Posts over a socket share the socket's fate alone. */
  #take(kind: RequestKind, reply: Reply, act: (reply: Reply) => void): void {
    const waitMs = this.#dice.waitMs(`latency ${kind}`, this.#plan.latency[kind]);
    if (waitMs === 0) return this.#arrive(kind, reply, act);
    this.counts.delayed++;
    this.#queue.push(this.#nowMs + waitMs, () => this.#arrive(kind, reply, act));
  }

  #arrive(kind: RequestKind, reply: Reply, act: (reply: Reply) => void): void {
    const { droppedAcks, serverErrors } = this.#plan;
    if (this.#storms(kind)) {
      this.counts.refused429++;
      return reply(429, "null");
    }
    const fails =
      serverErrors !== undefined &&
      includes(serverErrors.of, kind) &&
      this.#dice.chance("server errors", serverErrors.chance);
    if (fails) {
      this.counts.refused5xx++;
      const { status, executed } = serverErrors;
      return executed ? act(() => reply(status, "Bad Gateway")) : reply(status, "Bad Gateway");
    }
    const drops =
      droppedAcks !== undefined &&
      kind !== "info" &&
      includes(droppedAcks.of, kind) &&
      this.#dice.chance("dropped", droppedAcks.chance);
    if (!drops) return act(reply);
    this.counts.dropped++;
    act(() => reply(CUT, ""));
  }

  #storms(kind: RequestKind): boolean {
    const since = this.#nowMs - this.#startMs;
    return this.#plan.storms.some(({ fromMs, lastsMs, everyMs, of }) => {
      if (!includes(of, kind) || since < fromMs) return false;
      const inside = everyMs === undefined ? since - fromMs : (since - fromMs) % everyMs;
      return inside < lastsMs;
    });
  }

  openSession(
    send: (text: string) => void,
    close: (code: number, reason: string) => void,
  ): OpenSession {
    const socket = new FaultySocket(
      {
        plan: () => this.#plan,
        dice: () => this.#dice,
        counts: this.counts,
        nowMs: () => this.#nowMs,
        later: (dueMs, run) => this.#queue.push(dueMs, run),
      },
      send,
      close,
    );
    const session = this.#gateway.openSession(
      (text) => socket.deliver(text),
      (code, reason) => {
        this.#sockets.delete(socket);
        socket.close(code, reason);
      },
    );
    this.#sockets.add(socket);
    return {
      receive: (text) => {
        if (socket.isOpen) session.receive(text);
      },
      closed: () => {
        this.#sockets.delete(socket);
        socket.gone();
        session.closed();
      },
    };
  }

  /** Cuts every socket now, or lets it hang without a word with the plan's chance. */
  cutSockets(halfOpenChance: number = this.#plan.sockets?.halfOpenChance ?? 0): void {
    for (const socket of this.#sockets) {
      if (this.#dice.chance("half open", halfOpenChance)) {
        this.counts.halfOpen++;
        socket.hang();
      } else {
        this.counts.cut++;
        this.#sockets.delete(socket);
        socket.close(ABNORMAL_CLOSURE, "");
      }
    }
  }
}

/** When the order of an `orderStatus` answer last changed; null for any other answer. */
function changeOfOrder(answer: string): number | null {
  if (!answer.startsWith('{"status":"order"')) return null;
  const { order } = JSON.parse(answer) as { readonly order: { readonly statusTimestamp: number } };
  return order.statusTimestamp;
}

function includes(kinds: readonly RequestKind[] | undefined, kind: RequestKind): boolean {
  return kinds === undefined || kinds.includes(kind);
}
