import type { OthersBook } from "./othersBook.ts";

export type FairValue =
  | { readonly ok: true; readonly fairTicks: number }
  | { readonly ok: false; readonly reason: string };

/**
 * Microprice of the others' touch: (bid px x ask size + ask px x bid size) / (bid size + ask size), in ticks.
 * It leans towards the thinner side and, as a weighted mean, never leaves the touch.
 * There is no substitute: with a side missing, or a crossed touch, the value is unknown and nothing is quoted.
 * Source: Stoikov, "The micro-price" (2018), first-order form.
 */
export function fairValue(book: OthersBook): FairValue {
  const bid = book.bids[0];
  const ask = book.asks[0];
  if (bid === undefined) return { ok: false, reason: "nobody else bids" };
  if (ask === undefined) return { ok: false, reason: "nobody else offers" };
  if (bid.pxTicks >= ask.pxTicks) return { ok: false, reason: "the others' touch is crossed" };
  const total = bid.sizeLots + ask.sizeLots;
  const micro = (bid.pxTicks * ask.sizeLots + ask.pxTicks * bid.sizeLots) / total;
  return { ok: true, fairTicks: Math.max(bid.pxTicks, Math.min(ask.pxTicks, micro)) };
}
