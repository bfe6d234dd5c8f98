import type { AccountReading, OwnFill, VenueOrder } from "../messages/orders.ts";
import type { MarketSpec } from "../messages/market.ts";
import type { Ms } from "../units/numbers.ts";
import { z } from "zod";
import { accountSchemas } from "./schemas/account.ts";
import type { AccountSchemas, FundingPayment, OrderStatusAnswer } from "./schemas/account.ts";
import { DexAccount, L2Book, OpenOrders, SpotBalances } from "./schemas/anyMarket.ts";
import {
  Candles,
  ExchangeStatus,
  ExtraAgents,
  Meta,
  PerpDexs,
  SpotMeta,
  UserAbstraction,
  UserFees,
  UserRateLimit,
  UserRole,
} from "./schemas/info.ts";
import { parseJson, parseWire, wireError } from "./schemas/wire.ts";
import type { Transport } from "./transport.ts";

/** The venue answered an information request with something else than 200. */
export class InfoError extends Error {
  override readonly name = "InfoError";
  /** HTTP status; 429 means that the IP budget is spent. */
  readonly status: number;

  constructor(request: string, status: number, text: string) {
    super(`info request ${request} was answered with HTTP ${status}: ${text.slice(0, 200)}`);
    this.status = status;
  }
}

/** A page of fills is at most this long (venue rule). */
const FILLS_PAGE = 2000;
/** A page of funding payments is at most this long (venue rule). */
const FUNDING_PAGE = 500;
/** Ten thousand fills are all that the venue keeps in reach. */
const PAGES_MAX = 12;

const timed = z.array(z.looseObject({ time: z.int() }));
type Timed = z.output<typeof timed>;

/**
 * Questions to the venue, answered with checked types.
 *
 * Every method throws TransportError (no answer), InfoError (an answer that is not 200) or WireError (an answer that is
 * not understood).
 */
export class InfoClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async #ask(request: {
    readonly type: string;
    readonly [key: string]: unknown;
  }): Promise<unknown> {
    const { status, text } = await this.#transport.info(JSON.stringify(request));
    if (status !== 200) throw new InfoError(request.type, status, text);
    return parseJson(text, request.type);
  }

  async perpDexs(): Promise<PerpDexs> {
    return parseWire(PerpDexs, await this.#ask({ type: "perpDexs" }), "perpDexs");
  }

  /** @param dex "" for the validator-run one */
  async meta(dex: string): Promise<Meta> {
    return parseWire(Meta, await this.#ask({ type: "meta", dex }), `meta of "${dex}"`);
  }

  /** Universes of all dexes, in the order of `perpDexs`. */
  async allPerpMetas(): Promise<readonly Meta[]> {
    return parseWire(z.array(Meta), await this.#ask({ type: "allPerpMetas" }), "allPerpMetas");
  }

  async spotMeta(): Promise<SpotMeta> {
    return parseWire(SpotMeta, await this.#ask({ type: "spotMeta" }), "spotMeta");
  }

  async userFees(user: string): Promise<UserFees> {
    return parseWire(UserFees, await this.#ask({ type: "userFees", user }), "userFees");
  }

  async userAbstraction(user: string): Promise<UserAbstraction> {
    const answer = await this.#ask({ type: "userAbstraction", user });
    return parseWire(UserAbstraction, answer, "userAbstraction");
  }

  /** Costs 60 of the 1,200 weight per minute. */
  async userRole(user: string): Promise<UserRole> {
    return parseWire(UserRole, await this.#ask({ type: "userRole", user }), "userRole");
  }

  /** The account's named API wallets; the unnamed one is not among them. */
  async extraAgents(user: string): Promise<ExtraAgents> {
    return parseWire(ExtraAgents, await this.#ask({ type: "extraAgents", user }), "extraAgents");
  }

  async userRateLimit(user: string): Promise<UserRateLimit> {
    const answer = await this.#ask({ type: "userRateLimit", user });
    return parseWire(UserRateLimit, answer, "userRateLimit");
  }

  async exchangeStatus(): Promise<ExchangeStatus> {
    const answer = await this.#ask({ type: "exchangeStatus" });
    return parseWire(ExchangeStatus, answer, "exchangeStatus");
  }

  /** At most the newest 5,000 bars exist; the last one may still be forming. */
  async candleSnapshot(coin: string, interval: string, startMs: Ms, endMs: Ms): Promise<Candles> {
    const req = { coin, interval, startTime: startMs, endTime: endMs };
    return parseWire(Candles, await this.#ask({ type: "candleSnapshot", req }), "candleSnapshot");
  }

  /** Every open order of the account on one dex, whatever its market. */
  async openOrders(user: string, dex: string): Promise<OpenOrders> {
    const answer = await this.#ask({ type: "frontendOpenOrders", user, dex });
    return parseWire(OpenOrders, answer, `open orders on "${dex}"`);
  }

  /** Collateral and positions of the account on one dex. */
  async dexAccount(user: string, dex: string): Promise<DexAccount> {
    const answer = await this.#ask({ type: "clearinghouseState", user, dex });
    return parseWire(DexAccount, answer, `clearinghouse state of "${dex}"`);
  }

  async spotBalances(user: string): Promise<SpotBalances> {
    const answer = await this.#ask({ type: "spotClearinghouseState", user });
    return parseWire(SpotBalances, answer, "spot balances");
  }

  async l2Book(coin: string): Promise<L2Book> {
    return parseWire(L2Book, await this.#ask({ type: "l2Book", coin }), `book of ${coin}`);
  }

  /** The same questions about one account on one market. */
  account(spec: MarketSpec, user: string): AccountInfo {
    return new AccountInfo((request) => this.#ask(request), spec, user);
  }
}

type Ask = (request: {
  readonly type: string;
  readonly [key: string]: unknown;
}) => Promise<unknown>;

/** Questions about one account; answers are exact integers of one market. Errors as `InfoClient`. */
export class AccountInfo {
  readonly #ask: Ask;
  readonly #user: string;
  readonly #dex: string;
  readonly #schemas: AccountSchemas;

  constructor(ask: Ask, spec: MarketSpec, user: string) {
    this.#ask = ask;
    this.#user = user;
    this.#dex = spec.dex;
    this.#schemas = accountSchemas(spec);
  }

  async clearinghouseState(): Promise<AccountReading> {
    const request = { type: "clearinghouseState", user: this.#user, dex: this.#dex };
    return this.#schemas.clearinghouse(await this.#ask(request));
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    const request = { type: "frontendOpenOrders", user: this.#user, dex: this.#dex };
    return this.#schemas.openOrders(await this.#ask(request));
  }

  /** @param id our cloid or the venue's oid. Null: unknown to the venue. */
  async orderStatus(id: string | number): Promise<OrderStatusAnswer> {
    const request = { type: "orderStatus", user: this.#user, dex: this.#dex, oid: id };
    return this.#schemas.orderStatus(await this.#ask(request));
  }

  /** Every fill of the market from `startMs` on, oldest first, however many pages that takes. */
  async fillsSince(startMs: Ms): Promise<readonly OwnFill[]> {
    const rows = await this.#pages("userFillsByTime", startMs, FILLS_PAGE, (row) =>
      [row.time, row["coin"], row["tid"], row["oid"]].join(),
    );
    return this.#schemas.fills(rows);
  }

  /** Every funding payment of the market from `startMs` on, oldest first. */
  async fundingsSince(startMs: Ms): Promise<readonly FundingPayment[]> {
    const rows = await this.#pages("userFunding", startMs, FUNDING_PAGE, (row) =>
      [row.time, JSON.stringify(row["delta"])].join(),
    );
    return this.#schemas.fundings(rows);
  }

  async rateLimit(): Promise<UserRateLimit> {
    const answer = await this.#ask({ type: "userRateLimit", user: this.#user });
    return parseWire(UserRateLimit, answer, "userRateLimit");
  }

  /** Bounds are inclusive, so the next page starts at the last time seen and what was seen is left out. */
  async #pages(
    type: string,
    startMs: Ms,
    pageMax: number,
    keyOf: (row: Timed[number]) => string,
  ): Promise<Timed> {
    const seen = new Set<string>();
    const rows: Timed = [];
    let startTime: number = startMs;
    for (let page = 0; page < PAGES_MAX; page++) {
      const request = { type, user: this.#user, dex: this.#dex, startTime };
      const answer = parseWire(timed, await this.#ask(request), type);
      let fresh = 0;
      for (const row of answer) {
        const key = keyOf(row);
        if (seen.has(key)) continue;
        seen.add(key);
        rows.push(row);
        fresh++;
      }
      if (answer.length < pageMax) return rows.toSorted((a, b) => a.time - b.time);
      if (fresh === 0) throw wireError(type, `a page of ${pageMax} brought nothing new`, startTime);
      startTime = answer.reduce((newest, row) => Math.max(newest, row.time), startTime);
    }
    throw wireError(type, `more than ${PAGES_MAX} pages`, startMs);
  }
}
