import type { DecisionRow, EquityRow, FillRow } from "../../lib/store/readModel.ts";

/** A reading that closes: books and account say the same. */
export function readingRow(atMs: number, changes: Partial<EquityRow> = {}): EquityRow {
  return {
    atMs,
    equityMicroUsd: 1_000_000_000,
    marginUsedMicroUsd: 0,
    positionLots: 0,
    positionValueMicroUsd: 0,
    midX2Ticks: 1_380_000,
    ledgerLots: 0,
    cashMicroUsd: 0,
    feesMicroUsd: 0,
    fundingMicroUsd: 0,
    spreadHalfMicro: 0,
    adverseHalfMicro: 0,
    bidMarkoutBps: null,
    askMarkoutBps: null,
    mode: "normal",
    restingBids: 3,
    restingAsks: 3,
    ...changes,
  };
}

export function fillRow(venueMs: number, changes: Partial<FillRow> = {}): FillRow {
  return {
    venueMs,
    tid: venueMs,
    oid: venueMs,
    cloid: null,
    side: "bid",
    pxTicks: 689_990,
    sizeLots: 20,
    taker: false,
    feeMicroUsd: 414,
    startPositionLots: 0,
    causeSeq: 1,
    midX2Ticks: 1_380_000,
    placement: "ladder",
    level: 0,
    edgeBps: 0.5,
    ...changes,
  };
}

export function modeRow(atMs: number, reason: string): DecisionRow {
  return { id: atMs, causeSeq: 1, atMs, kind: "mode", reason, detail: "why", count: 1 };
}
