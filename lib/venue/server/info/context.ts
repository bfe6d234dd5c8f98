import type { Venue } from "../../rules/venue.ts";
import type { DexDef, MarketDef } from "../../rules/types.ts";
import type { ExchangeTotals } from "../exchangeTotals.ts";
import { addressAt, ShapeError, stringAt, unsignedAt } from "../shape.ts";
import type { JsonObject } from "../shape.ts";

/** What the answers are made from. Answers show the state after the last block that ran. */
export type InfoContext = { readonly venue: Venue; readonly totals: ExchangeTotals };

/** One type of `/info` request. @throws ShapeError (422) or InfoRefusal (500). */
export type InfoHandler = (request: JsonObject, context: InfoContext) => unknown;

/** Well-typed but not allowed: HTTP 500 with body `null` (measured). */
export class InfoRefusal extends Error {
  override readonly name = "InfoRefusal";
}

export function userOf(request: JsonObject): string {
  return addressAt(request["user"], "user");
}

/** The dex named by the request; absent, null or "" is the main one. @throws InfoRefusal for an unknown name (captured). */
export function dexOf(request: JsonObject, { venue }: InfoContext): DexDef {
  const raw = request["dex"];
  const name = raw === undefined || raw === null ? "" : stringAt(raw, "dex");
  const dex = venue.dex(name);
  if (dex === null) throw new InfoRefusal(`unknown dex ${name}`);
  return dex;
}

/** @throws InfoRefusal for a coin that is not listed. */
export function coinOf(request: JsonObject, { venue }: InfoContext): MarketDef {
  const coin = stringAt(request["coin"], "coin");
  const market = venue.market(coin);
  if (market === null) throw new InfoRefusal(`unknown coin ${coin}`);
  return market;
}

/** `startTime` and `endTime`; absent ones stand for the beginning and the end of time. */
export function timeRangeOf(request: JsonObject): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  const start = request["startTime"] ?? null;
  const end = request["endTime"] ?? null;
  return {
    fromMs: start === null ? 0 : unsignedAt(start, "startTime"),
    toMs: end === null ? Number.MAX_SAFE_INTEGER : unsignedAt(end, "endTime"),
  };
}

/** Absent or a boolean; null is a shape error (measured). */
export function switchOf(request: JsonObject, key: string): boolean {
  const value = request[key];
  if (value === undefined) return false;
  if (typeof value !== "boolean") throw new ShapeError(`${key} must be true or false`);
  return value;
}
