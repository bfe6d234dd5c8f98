import { z } from "zod";
import { assetIdOf } from "../hyperliquid/discovery.ts";
import { InfoError } from "../hyperliquid/infoClient.ts";
import type { InfoClient } from "../hyperliquid/infoClient.ts";
import type { OpenOrders } from "../hyperliquid/schemas/anyMarket.ts";
import { signedBody } from "../hyperliquid/signedRequest.ts";
import type { Signer } from "../hyperliquid/signedRequest.ts";
import type { WireValue } from "../hyperliquid/signing/msgpack.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import { parsePosition, parsePx, parseSize } from "../units/decimal.ts";
import { assert } from "../units/assert.ts";
import { flattenSlice, formatSlice } from "./flattenSlice.ts";
import { counted } from "../units/counted.ts";

/** The exchange refused an operator's action, or did not do what it was asked; the sentence says what is left. */
export class DeskError extends Error {
  override readonly name = "DeskError";
}

export type DeskOptions = {
  readonly transport: Transport;
  readonly info: InfoClient;
  /** Null: it can look and not act. */
  readonly signer: Signer | null;
  /** Address of the account, lower case. */
  readonly account: string;
  /** Waits between a word and the look at what it did. */
  readonly pause: () => Promise<void>;
};

export type DeskOrder = OpenOrders[number] & { readonly dex: string };
export type DeskPosition = { readonly dex: string; readonly coin: string; readonly lots: number };

type Asset = { readonly assetId: number; readonly szDecimals: number };

/** Items in one action: the default of the bot's batches when nothing is in a hurry. */
const ITEMS_MAX = 40;
/** Looks at the exchange before giving up. */
const LOOKS_MAX = 10;
/** The exchange counts requests by the minute, so this many pauses must be longer than one. */
const BUSY_ATTEMPTS_MAX = 300;

const Reply = z.union([
  z.object({ status: z.literal("err"), response: z.string() }),
  z.object({ status: z.literal("ok"), response: z.unknown() }),
]);

/**
 * An operator's hands without a bot: asks every dex what is there, acts, and looks again until it is so. Nothing is
 * taken from memory, so it works after a crash, from another machine, and against orders that nobody remembers.
 */
export class AccountDesk {
  readonly #options: DeskOptions;
  readonly #assets = new Map<string, Asset>();
  #dexes: readonly string[] | null = null;
  #lastNonce = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Every open order of the account, on every dex. */
  async openOrders(): Promise<readonly DeskOrder[]> {
    const { info, account } = this.#options;
    const found: DeskOrder[] = [];
    for (const dex of await this.#dexNames())
      for (const order of await this.#patient(() => info.openOrders(account, dex)))
        found.push({ ...order, dex });
    return found;
  }

  /** Every position of the account, on every dex. */
  async positions(): Promise<readonly DeskPosition[]> {
    const { info, account } = this.#options;
    const found: DeskPosition[] = [];
    for (const dex of await this.#dexNames()) {
      const { positions } = await this.#patient(() => info.dexAccount(account, dex));
      for (const { coin, szi } of positions) {
        const { szDecimals } = await this.#asset(coin);
        const lots = parsePosition(szi, szDecimals);
        if (lots === null) throw new DeskError(`the position in ${coin} is unreadable: "${szi}"`);
        if (lots !== 0) found.push({ dex, coin, lots });
      }
    }
    return found;
  }

  /**
   * Cancels until the exchange lists nothing any more.
   * @returns the exchange's ids of what was found; @throws DeskError when some are left after several looks.
   */
  async cancelAll(): Promise<readonly number[]> {
    const seen = new Set<number>();
    for (let look = 0; look < LOOKS_MAX; look++) {
      const open = await this.openOrders();
      if (open.length === 0) return [...seen];
      for (const { oid } of open) seen.add(oid);
      await this.#cancel(open);
      await this.#options.pause();
    }
    const left = await this.openOrders();
    if (left.length === 0) return [...seen];
    throw new DeskError(
      `still open: ${counted(left.length, "order")}, ${left.map(({ coin, oid }) => `${coin} ${oid}`).join(", ")}`,
    );
  }

  /** Cancels one order that is open, by the exchange's id or ours. @returns false when there is no such order. */
  async cancelOne(id: string | number): Promise<boolean> {
    const matches = ({ oid, cloid }: DeskOrder): boolean => oid === id || cloid === id;
    for (let look = 0; look < LOOKS_MAX; look++) {
      const open = (await this.openOrders()).filter(matches);
      if (open.length === 0) return look > 0;
      await this.#cancel(open);
      await this.#options.pause();
    }
    throw new DeskError(`the order ${id} is still open after ${LOOKS_MAX} attempts`);
  }

  /**
   * Closes every position with reduce-only orders that never rest, each sized from a fresh reading, so that it cannot
   * turn over. Open orders go first: they could add to the position meanwhile.
   * @returns the positions that there were; @throws DeskError saying what is left and why.
   */
  async flatten(slippageBps: number): Promise<readonly DeskPosition[]> {
    await this.cancelAll();
    const before = await this.positions();
    let open = before;
    let idle = 0;
    const refusals = new Set<string>();
    while (open.length > 0 && idle < LOOKS_MAX) {
      for (const position of open) {
        const refusal = await this.#reduce(position, slippageBps);
        if (refusal !== null) refusals.add(`${position.coin}: ${refusal}`);
      }
      await this.#options.pause();
      const now = await this.positions();
      idle = sizeOf(now) < sizeOf(open) ? 0 : idle + 1;
      open = now;
    }
    if (open.length === 0) return before;
    const left = await Promise.all(open.map((position) => this.#describe(position)));
    const why = refusals.size === 0 ? "" : ` (${[...refusals].join("; ")})`;
    throw new DeskError(`not flat, left: ${left.join(", ")}${why}`);
  }

  /** @returns why nothing was sent or the exchange refused; null when an order was taken */
  async #reduce({ coin, lots }: DeskPosition, slippageBps: number): Promise<string | null> {
    const { assetId, szDecimals } = await this.#asset(coin);
    const book = await this.#patient(() => this.#options.info.l2Book(coin));
    const buying = lots < 0;
    const levels = (buying ? book.asks : book.bids).map(({ px, sz }) => ({
      pxTicks: parsePx(px, szDecimals) ?? 0,
      lots: parseSize(sz, szDecimals) ?? 0,
    }));
    const slice = flattenSlice(lots, levels, slippageBps, szDecimals);
    if (slice === null) return "nobody stands on the other side of the book";
    const { p, s } = formatSlice(slice, szDecimals);
    const order = { a: assetId, b: buying, p, s, r: true, t: { limit: { tif: "Ioc" } } };
    const response = await this.#act({ type: "order", orders: [order], grouping: "na" });
    return errorIn(response);
  }

  async #cancel(orders: readonly DeskOrder[]): Promise<void> {
    for (let from = 0; from < orders.length; from += ITEMS_MAX) {
      const cancels = [];
      for (const { coin, oid } of orders.slice(from, from + ITEMS_MAX))
        cancels.push({ a: (await this.#asset(coin)).assetId, o: oid });
      // An order that is gone meanwhile is refused by itself: the next look is what counts.
      await this.#act({ type: "cancel", cancels });
    }
  }

  /** @throws DeskError when the exchange refuses the whole action */
  async #act(action: WireValue): Promise<unknown> {
    const { transport, signer, info } = this.#options;
    if (signer === null)
      throw new DeskError(
        "there is no key to act with: set HL_PRIVATE_KEY, or name a file with --key-file",
      );
    const { time } = await this.#patient(() => info.exchangeStatus());
    this.#lastNonce = Math.max(time, this.#lastNonce + 1);
    const answer = await transport.exchange(signedBody(action, this.#lastNonce, null, signer));
    if (answer.status !== 200)
      throw new DeskError(`the exchange answered ${answer.status}: ${answer.text.slice(0, 200)}`);
    const reply = Reply.parse(JSON.parse(answer.text));
    if (reply.status === "err") throw new DeskError(`the exchange refused: ${reply.response}`);
    return reply.response;
  }

  /** The budget of requests is the address's, shared with a bot beside us: a refusal for it is waited out. */
  async #patient<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        const busy = error instanceof InfoError && error.status === 429;
        if (!busy || attempt === BUSY_ATTEMPTS_MAX) throw error;
        await this.#options.pause();
      }
    }
  }

  async #describe({ coin, lots }: DeskPosition): Promise<string> {
    const { szDecimals } = await this.#asset(coin);
    return `${(lots / 10 ** szDecimals).toFixed(szDecimals)} ${coin}`;
  }

  async #dexNames(): Promise<readonly string[]> {
    if (this.#dexes !== null) return this.#dexes;
    const { info } = this.#options;
    const dexes = await this.#patient(() => info.perpDexs());
    const names = dexes.map((dex, index) => (index === 0 ? "" : dex?.name));
    const found: string[] = [];
    for (const [dexIndex, dex] of names.entries()) {
      if (dex === undefined) continue;
      found.push(dex);
      const { universe } = await this.#patient(() => info.meta(dex));
      for (const [index, { name, szDecimals }] of universe.entries())
        this.#assets.set(name, { assetId: assetIdOf(dexIndex, index), szDecimals });
    }
    this.#dexes = found;
    return found;
  }

  async #asset(coin: string): Promise<Asset> {
    await this.#dexNames();
    const asset = this.#assets.get(coin);
    assert(asset !== undefined, `an open order's or position's market is listed, got ${coin}`);
    return asset;
  }
}

function sizeOf(positions: readonly DeskPosition[]): number {
  return positions.reduce((sum, { lots }) => sum + Math.abs(lots), 0);
}

const Statuses = z.object({
  data: z.object({ statuses: z.array(z.union([z.string(), z.looseObject({})])) }),
});

function errorIn(response: unknown): string | null {
  const parsed = Statuses.safeParse(response);
  const status = parsed.success ? parsed.data.data.statuses[0] : undefined;
  if (status === undefined) return "an answer that is not understood";
  return typeof status === "object" && typeof status["error"] === "string" ? status["error"] : null;
}
