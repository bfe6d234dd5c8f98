import { batch, computed, effect, signal } from "@preact/signals";
import type { Level } from "../../messages/market.ts";
import type { BookRow, LiveView, OrderRow, PnlView, SampleColumn } from "../types.ts";
import { RISK_MODES } from "../types.ts";
import { sampleRows } from "../samples.ts";
import type { PastView } from "../stories.ts";
import { store, windowMs } from "./context.ts";
import { messageOf } from "../../units/messageOf.ts";

/** The moment that the page shows; null is now. */
export const pastMs = signal<number | null>(null);
/** What the ledger holds of it; null until it has answered. */
export const past = signal<PastView | null>(null);
export const pastFailure = signal<string | null>(null);
/** Right edge of the charts while looking back: what one looks at must not move away. */
const heldEndMs = signal<number | null>(null);

/** From where to where the charts show. */
export const shownRange = computed(() => {
  void store.revision.value;
  const last = heldEndMs.value ?? store.series.lastMs() ?? 0;
  const first = Math.min(store.series.firstMs() ?? last, last);
  const from = Math.max(first, last - windowMs.value);
  return { fromMs: Math.min(from, last - 10_000), toMs: last };
});

/** Shows the page as of a moment. */
export function lookAt(atMs: number): void {
  const last = store.series.lastMs() ?? atMs;
  batch(() => {
    const { fromMs, toMs } = shownRange.value;
    if (heldEndMs.value === null || atMs < fromMs || atMs > toMs) {
      const span = Math.min(windowMs.value, toMs - fromMs);
      heldEndMs.value = atMs >= last - span ? last : Math.min(last, atMs + span / 2);
    }
    pastMs.value = Math.round(Math.min(atMs, last));
  });
}

export function backToNow(): void {
  batch(() => {
    pastMs.value = null;
    past.value = null;
    pastFailure.value = null;
    heldEndMs.value = null;
  });
}

/** The answer, or the refusal's own words. */
export async function askLedger<T>(path: string, until?: AbortSignal): Promise<T> {
  const answer = await fetch(path, until === undefined ? {} : { signal: until });
  const body = (await answer.json()) as T & { readonly error?: string };
  if (!answer.ok) throw new Error(body.error ?? `the bot answered ${answer.status}`);
  return body;
}

/** Asks for each moment that is looked at; a newer one ends the older question. */
export function followPast(): void {
  let asking: AbortController | null = null;
  effect(() => {
    const atMs = pastMs.value;
    asking?.abort();
    if (atMs === null) return;
    const mine = new AbortController();
    asking = mine;
    // Somebody who drags asks for the last place, not for each one on the way.
    setTimeout(() => {
      if (!mine.signal.aborted) void read(atMs, mine.signal);
    }, 60);
  });
}

async function read(atMs: number, asked: AbortSignal): Promise<void> {
  try {
    const view = await askLedger<PastView>(`api/past?at=${atMs}`, asked);
    if (asked.aborted) return;
    batch(() => {
      past.value = view;
      pastFailure.value = null;
    });
  } catch (error) {
    if (asked.aborted) return;
    batch(() => {
      past.value = null;
      pastFailure.value = messageOf(error);
    });
  }
}

/** The newest row of the time series at or before the moment that is looked at. */
const sampleThen = computed((): Readonly<Record<SampleColumn, number | null>> | null => {
  const atMs = pastMs.value;
  if (atMs === null) return null;
  const rows = sampleRows(store.series.rows(atMs - 900_000));
  const index = rows.t.findLastIndex((t) => t <= atMs);
  if (index < 0) return null;
  const row = Object.entries(rows.columns).map(([name, values]) => [name, values[index] ?? null]);
  return Object.fromEntries(row) as Record<SampleColumn, number | null>;
});

type ShownMarket = Pick<NonNullable<LiveView["market"]>, "bids" | "asks" | "markPxTicks">;

/** The book as it is shown, now or then. */
export const shownMarket = computed((): ShownMarket | null => {
  if (pastMs.value === null) return store.live.market.value;
  const view = past.value;
  if (view === null || view.book === null) return null;
  const own = new Map<number, number>();
  for (const { pxTicks, leavesLots } of view.orders)
    own.set(pxTicks, (own.get(pxTicks) ?? 0) + leavesLots);
  const rows = (levels: readonly Level[]): readonly BookRow[] =>
    levels.map((level) => ({ ...level, ownLots: own.get(level.pxTicks) ?? 0 }));
  return {
    bids: rows(view.book.bids),
    asks: rows(view.book.asks),
    markPxTicks: view.market?.markPxTicks ?? null,
  };
});

/** Our orders, now or then. Where an order stood in its queue is not stored; what stood there when it was chosen is. */
export const shownOrders = computed((): readonly OrderRow[] => {
  if (pastMs.value === null) return store.live.orders.value ?? [];
  return (past.value?.orders ?? []).map(({ cloid, side, pxTicks, leavesLots, order }) => ({
    cloid,
    oid: null,
    side,
    pxTicks,
    leavesLots,
    origLots: order.sizeLots,
    phase: "resting",
    reduceOnly: order.reduceOnly,
    placedMs: 0,
    queueAheadLots: order.reason?.queueLots ?? null,
    why: order.reason,
  }));
});

/** The figures that a glance wants, now or then. */
export const shownFigures = computed(() => {
  const { ledger, account, risk } = store.live;
  const atMs = pastMs.value;
  const limit = ledger.value?.limitLots ?? null;
  if (atMs === null)
    return {
      position: ledger.value?.positionLots ?? null,
      limit,
      total: ledger.value?.pnl.total ?? null,
      equity: account.value?.reading?.equityMicroUsd ?? null,
      marginUse: account.value?.marginUse ?? null,
      fills: ledger.value?.fills.count ?? null,
      mode: risk.value?.mode ?? null,
      reason: risk.value?.reason ?? "",
      sinceMs: risk.value?.sinceMs ?? null,
    };
  const row = sampleThen.value;
  const then = past.value;
  const later = store.fills.value.filter((fill) => fill.atMs > atMs).length;
  const reading = then?.account ?? null;
  return {
    position: then?.positionLots ?? row?.position ?? null,
    limit: row?.limit ?? limit,
    total: row?.total ?? null,
    equity: reading?.equityMicroUsd ?? row?.equity ?? null,
    marginUse: reading === null ? null : reading.marginUsedMicroUsd / reading.equityMicroUsd,
    fills: ledger.value === null ? null : ledger.value.fills.count - later,
    mode: then?.mode?.mode ?? RISK_MODES[row?.mode ?? 0] ?? null,
    reason: then?.mode?.reason ?? "no change is recorded before",
    sinceMs: then?.mode?.sinceMs ?? null,
  };
});

/** Profit and its parts, now or then. */
export const shownPnl = computed((): PnlView | null => {
  if (pastMs.value === null) return store.live.ledger.value?.pnl ?? null;
  const row = sampleThen.value;
  if (row === null) return null;
  const { total, spread, adverse, inventory, funding, fees } = row;
  return {
    total: total ?? 0,
    spread: spread ?? 0,
    adverse: adverse ?? 0,
    inventory: inventory ?? 0,
    funding: funding ?? 0,
    fees: fees ?? 0,
  };
});

/** Twice the mid of the book as shown; null while a side is empty. */
export const shownMidX2 = computed(() => {
  const market = shownMarket.value;
  const bid = market?.bids[0]?.pxTicks;
  const ask = market?.asks[0]?.pxTicks;
  return bid === undefined || ask === undefined ? null : bid + ask;
});
