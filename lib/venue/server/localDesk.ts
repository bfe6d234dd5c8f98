import { parseUsd } from "../../units/decimal.ts";
import { ms } from "../../units/numbers.ts";
import type { Venue } from "../rules/venue.ts";
import type { ExchangeTotals } from "./exchangeTotals.ts";
import { usd } from "./format.ts";
import { NotJsonError, readJson } from "./readJson.ts";
import { fillRow, marketOf } from "./rows.ts";
import { addressAt, objectAt, ShapeError, stringAt } from "./shape.ts";
import type { JsonObject } from "./shape.ts";

export type LocalRequest = {
  readonly method: string;
  /** Behind "/local/". */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
};

export type Answer = { readonly status: number; readonly body: string };

/** How venue time runs: `epochMs` plus `speed` times the wall time since then. */
export type VenueClock = { readonly epochMs: number; readonly speed: number };

const FAUCET_MAX_MICRO_USD = 1e9 * 1e6;
const FILLS_MAX = 10_000;

/** Paths beside the wire that only a local exchange has: money, time, and what the market and the fills really were. */
export class LocalDesk {
  readonly #venue: Venue;
  readonly #totals: ExchangeTotals;
  readonly #clock: VenueClock;

  constructor(venue: Venue, totals: ExchangeTotals, clock: VenueClock) {
    this.#venue = venue;
    this.#totals = totals;
    this.#clock = clock;
  }

  /** Errors are JSON with one sentence that names the field, the value and what is allowed. */
  answer(request: LocalRequest): Answer {
    const route = `${request.method} ${request.path}`;
    try {
      switch (route) {
        case "POST faucet":
          return ok(this.#faucet(request.body));
        case "GET clock":
          return ok({ ...this.#clock, nowMs: this.#venue.nowMs() });
        case "GET feeds":
          return ok(this.#feeds());
        case "GET fills":
          return ok(this.#fills(request.query));
        default:
          return refuse(
            404,
            `no ${route}; there are POST faucet, GET clock, GET feeds, GET fills?user=0x…`,
          );
      }
    } catch (error) {
      if (error instanceof NotJsonError) return refuse(400, "the body must be JSON");
      if (error instanceof ShapeError) return refuse(422, error.message);
      throw error;
    }
  }

  /** Credits collateral of a dex and makes the account known. @throws ShapeError */
  credit(user: string, dexName: string, microUsd: number): void {
    const dex = this.#venue.dex(dexName);
    if (dex === null) {
      const names = this.#venue.config.dexes.map(({ name }) => `"${name}"`).join(", ");
      throw new ShapeError(`dex "${dexName}" does not exist; allowed: ${names}`);
    }
    const amount = parseUsd(usd(microUsd));
    if (amount === null || amount <= 0 || amount > FAUCET_MAX_MICRO_USD)
      throw new ShapeError(`usd ${usd(microUsd)} is not allowed; above 0, at most 1000000000`);
    this.#venue.credit(user, dexName, amount);
    this.#totals.deposited(dexName, microUsd);
  }

  #faucet(body: string): object {
    const raw = objectAt(readJson(body), "the body");
    if (raw["dex"] === "spot") return this.#spotFaucet(raw);
    const user = addressAt(raw["user"], "user");
    const dex = raw["dex"] === undefined ? "" : stringAt(raw["dex"], "dex");
    const text = stringAt(raw["usd"], "usd");
    const amount = parseUsd(text);
    if (amount === null)
      throw new ShapeError(`usd "${text}" is no amount; a decimal such as "1000" is`);
    this.credit(user, dex, amount);
    const account = this.#venue.account(user, dex);
    return { user, dex, credited: usd(amount), accountValue: usd(account.accountValueMicroUsd) };
  }

  /** Into the spot balance of a token, USDC unless another is named. */
  #spotFaucet(raw: JsonObject): object {
    const user = addressAt(raw["user"], "user");
    const name = raw["token"] === undefined ? "USDC" : stringAt(raw["token"], "token");
    const token = this.#venue.config.tokens.find((each) => each.name === name);
    if (token === undefined) {
      const names = this.#venue.config.tokens.map((each) => each.name).join(", ");
      throw new ShapeError(`token "${name}" does not exist; allowed: ${names}`);
    }
    const text = stringAt(raw["usd"], "usd");
    const amount = parseUsd(text);
    if (amount === null || amount <= 0 || amount > FAUCET_MAX_MICRO_USD)
      throw new ShapeError(`usd "${text}" is not allowed; above 0, at most 1000000000`);
    this.#venue.creditSpot(user, token.index, amount);
    return { user, dex: "spot", token: name, credited: usd(amount) };
  }

  #feeds(): object {
    return Object.fromEntries(
      this.#venue.feeds().map((feed) => [
        feed.coin,
        {
          info: {
            ...feed.info,
            durationMs: Number.isFinite(feed.info.durationMs) ? feed.info.durationMs : null,
          },
          startMs: feed.startMs,
          positionMs: feed.positionMs,
          ended: feed.ended,
          gapCount: feed.gapCount,
          gaps: feed.gaps,
          bookKnown: feed.bookKnown,
          ...(feed.link === undefined ? {} : { link: feed.link }),
        },
      ]),
    );
  }

  /** Oldest first, with what the wire does not tell: why each fill happened. */
  #fills(query: URLSearchParams): object {
    const user = addressAt(query.get("user"), "user");
    return this.#venue
      .fills(user, { fromMs: ms(0), toMs: this.#venue.nowMs(), limit: FILLS_MAX })
      .map((fill) => ({
        ...fillRow(fill, marketOf(this.#venue, fill.coin).szDecimals),
        cause: fill.cause,
      }));
  }
}

function ok(body: object): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

function refuse(status: number, error: string): Answer {
  return { status, body: JSON.stringify({ error }) };
}
