import { z } from "zod";
import type { ExchangeProcess } from "./exchangeProcess.ts";
import type { PaperProcess } from "./paperProcess.ts";
import type { StatusReport } from "../../lib/runtime/status.ts";
import { openReader } from "../../lib/store/readModel.ts";

/** What the exchange and the bot hold in common, seen at one moment. */
export type Agreement = {
  readonly openOrders: number;
  readonly positionLots: number;
  readonly fills: number;
  /** Empty when both say the same. */
  readonly problems: readonly string[];
};

/**
 * Compares open orders, position and every fill, once. What is in flight counts as a problem: look again. The exchange
 * is asked only when the bot has nothing in flight: questions cost of the budget that the bot lives on.
 */
export async function compare(
  exchange: ExchangeProcess,
  paper: PaperProcess,
  account: string,
): Promise<Agreement> {
  const before = await paper.status();
  const moving = before.orders.filter(({ phase }) => phase !== "resting");
  if (moving.length > 0) {
    const problems = moving.map(({ cloid, phase }) => `order ${cloid} is ${phase}`);
    return { openOrders: -1, positionLots: before.positionLots, fills: -1, problems };
  }
  const [open, positionLots, fills] = await Promise.all([
    exchange.openOrders(account),
    exchange.positionLots(account),
    exchange.fills(account),
  ]);
  const status = await paper.status();
  const stored = storedFills(paper.dataDir);
  const known = cloidsOf(status);
  const listed = open.map(({ cloid }) => cloid).toSorted();
  const problems: string[] = [];
  if (cloidsOf(before).join() !== known.join()) problems.push("the quotes moved meanwhile");
  problems.push(...missing(listed, known).map((cloid) => `the bot does not know ${cloid}`));
  problems.push(...missing(known, listed).map((cloid) => `the exchange does not list ${cloid}`));
  if (status.positionLots !== positionLots)
    problems.push(`position ${status.positionLots} here, ${positionLots} there`);
  const theirs = fills.map(({ time, tid, oid }) => `${time}:${tid}:${oid}`);
  problems.push(...missing(theirs, stored.keys).map((key) => `fill ${key} is missed`));
  problems.push(...missing(stored.keys, theirs).map((key) => `fill ${key} is invented`));
  problems.push(...twice(stored.keys).map((key) => `fill ${key} is stored twice`));
  if (stored.positionLots !== positionLots)
    problems.push(`stored fills add up to ${stored.positionLots}, the position is ${positionLots}`);
  return { openOrders: open.length, positionLots, fills: fills.length, problems };
}

function cloidsOf(status: StatusReport): readonly string[] {
  return status.orders.map(({ cloid }) => cloid).toSorted();
}

/** What of `wanted` is not in `there`. */
function missing(wanted: readonly string[], there: readonly string[]): readonly string[] {
  const set = new Set(there);
  return wanted.filter((item) => !set.has(item));
}

function twice(items: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return items.filter((item) => seen.size === seen.add(item).size);
}

const ALL = 1_000_000;

function storedFills(dataDir: string): { keys: readonly string[]; positionLots: number } {
  const reader = openReader(dataDir);
  try {
    const rows = reader.fills(0, ALL);
    const keys = rows.map(({ venueMs, tid, oid }) => `${venueMs}:${tid}:${oid}`);
    const signed = rows.map(({ side, sizeLots }) => (side === "bid" ? sizeLots : -sizeLots));
    return { keys, positionLots: signed.reduce((sum, lots) => sum + lots, 0) };
  } finally {
    reader.close();
  }
}

const Sent = z.array(z.looseObject({ kind: z.string(), cloid: z.string().optional() }));

/** Follows every order id from the bot's outbox to the exchange over the lives of a bot. */
export class CloidWatch {
  readonly #oidOf = new Map<string, number>();

  /** @returns what contradicts "stored before it is sent, and sent once" */
  async check(exchange: ExchangeProcess, dataDir: string, account: string): Promise<string[]> {
    const history = await exchange.history(account);
    const stored = storedCloids(dataDir);
    const problems = twice(stored).map((cloid) => `${cloid} is twice in the outbox`);
    const known = new Set(stored);
    for (const { order } of history) {
      const { cloid, oid } = order;
      if (!known.has(cloid)) problems.push(`${cloid} was sent without having been stored`);
      const first = this.#oidOf.get(cloid) ?? oid;
      if (first !== oid) problems.push(`${cloid} was accepted twice, as ${first} and ${oid}`);
      this.#oidOf.set(cloid, first);
    }
    return problems;
  }

  /** Orders that the exchange has taken so far. */
  get accepted(): number {
    return this.#oidOf.size;
  }
}

function storedCloids(dataDir: string): readonly string[] {
  const reader = openReader(dataDir);
  try {
    return reader
      .outbox(ALL)
      .filter(({ kind }) => kind === "place" || kind === "modify")
      .flatMap(({ body }) => Sent.parse(JSON.parse(body)).map(({ cloid }) => cloid ?? ""));
  } finally {
    reader.close();
  }
}
