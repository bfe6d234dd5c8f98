import type { Lane, PlannedBatch } from "../../lib/messages/audit.ts";
import type {
  Approved,
  CancelCommand,
  ModifyCommand,
  OrderCommand,
  PlaceCommand,
} from "../../lib/messages/commands.ts";
import type { MarketSpec } from "../../lib/messages/market.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";

/** The market of the tests: US500 on the USDH dex, as the local exchange lists it. */
export const US500: MarketSpec = {
  market: "km:US500",
  dex: "km",
  assetId: 110_000,
  szDecimals: 3,
  maxLeverage: 25,
  onlyIsolated: false,
  collateralToken: 360,
  collateralName: "USDH",
  growthMode: true,
  deployerFeeScale: 1,
  makerFeeBps: 0.3,
  takerFeeBps: 0.9,
};

export const TEST_KEY = `0x${"0123456789".repeat(6)}0123`;

const FAR_MS = ms(4_000_000_000_000);

export function cloid(seq: number): string {
  return `0xa500${seq.toString(16).padStart(28, "0")}`;
}

export function place(seq: number, change: Partial<PlaceCommand> = {}): Approved<PlaceCommand> {
  return {
    kind: "place",
    cloid: cloid(seq),
    side: "bid",
    pxTicks: pxTicks(690_120),
    sizeLots: sizeLots(145),
    tif: "Alo",
    reduceOnly: false,
    expiresMs: FAR_MS,
    reason: null,
    ...change,
  } as Approved<PlaceCommand>;
}

export function modify(seq: number, replaces: number): Approved<ModifyCommand> {
  return { ...place(seq), kind: "modify", replaces: cloid(replaces) };
}

export function cancel(seq: number): Approved<CancelCommand> {
  return { kind: "cancel", cloid: cloid(seq) } as Approved<CancelCommand>;
}

export function cancelOid(oid: number): Approved<OrderCommand> {
  return { kind: "cancelOid", oid } as Approved<OrderCommand>;
}

export function batchOf(
  nonce: number,
  commands: readonly Approved<OrderCommand>[],
  lane: Lane = "quotes",
): PlannedBatch {
  const kind = commands[0]?.kind ?? "place";
  const expires = kind === "place" || kind === "modify";
  return { nonce, lane, kind, commands, expiresMs: expires ? FAR_MS : null };
}

/** Ten places with ids of their own. */
export function tenPlaces(nonce: number): PlannedBatch {
  return batchOf(
    nonce,
    Array.from({ length: 10 }, (_, index) => place(nonce * 10 + index)),
  );
}
