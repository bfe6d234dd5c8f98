import type { Connected } from "../tradeSession.ts";
import { deriveCloid } from "../../core/cloid.ts";
import { minimumLots } from "../../core/sizing.ts";
import { InfoClient } from "../../hyperliquid/infoClient.ts";
import type { AccountInfo } from "../../hyperliquid/infoClient.ts";
import type { PlannedBatch } from "../../messages/audit.ts";
import type { Approved, OrderCommand } from "../../messages/commands.ts";
import type { CommandOutcome } from "../../messages/events.ts";
import { formatPx, formatSize, parsePx } from "../../units/decimal.ts";
import { snapDown } from "../../units/grid.ts";
import { ms, sizeLots } from "../../units/numbers.ts";
import type { PxTicks } from "../../units/numbers.ts";
import type { Cloid } from "../../messages/orders.ts";

/** The first order did not go its way; the sentence says at which step. Nothing was quoted. */
export class CanaryError extends Error {
  override readonly name = "CanaryError";
}

export type CanaryReport = {
  readonly cloid: Cloid;
  readonly oid: number;
  readonly px: string;
  readonly size: string;
  readonly placedMs: number;
  readonly goneMs: number;
};

/** Below the best bid by this share: nobody trades there while it rests for a second. */
const FAR_AWAY = 0.1;
const LOOKS_MAX = 20;
const LOOK_EVERY_MS = 500;

/**
 * The first order of a live run: the least that the venue takes, post-only, far below the market. It is looked up in the
 * venue's list and by its id, cancelled, and looked up again. Only what has gone this whole way is trusted with quotes.
 * It goes through the order workers, as every later order does.
 * @throws CanaryError, TransportError, InfoError, WireError
 */
export async function flyCanary(connected: Connected): Promise<CanaryReport> {
  const { clock, spec, account, patient, params } = connected;
  const info = new InfoClient(patient);
  const own = info.account(spec, account);
  const pxTicks = await farBid(info, connected);
  const lots = minimumLots(pxTicks);
  const cloid = deriveCloid(spec.market, clock.nowMs(), 0);
  const placedMs = clock.nowMs();
  const expiresMs = ms(placedMs + params.orderExpiryMs);
  const order = { cloid, side: "bid", pxTicks, sizeLots: sizeLots(lots), expiresMs } as const;
  const place = { kind: "place", ...order, tif: "Alo", reduceOnly: false, reason: null } as const;
  const placed = await send(connected, place, expiresMs);
  if (placed.result === "rejected")
    throw new CanaryError(`the first order was refused: ${"text" in placed ? placed.text : ""}`);
  try {
    const oid = await seenOpen(own, connected, cloid);
    await send(connected, { kind: "cancel", cloid }, null);
    await seenGone(own, connected, cloid);
    const px = formatPx(pxTicks, spec.szDecimals);
    const size = formatSize(sizeLots(lots), spec.szDecimals);
    return { cloid, oid, px, size, placedMs, goneMs: clock.nowMs() };
  } catch (error) {
    // Whatever went wrong, it must not stay there.
    await send(connected, { kind: "cancel", cloid }, null);
    throw error;
  }
}

async function farBid(info: InfoClient, { spec }: Connected): Promise<PxTicks> {
  const { bids } = await info.l2Book(spec.market);
  const best = parsePx(bids[0]?.px ?? "", spec.szDecimals);
  if (best === null)
    throw new CanaryError(`nobody bids on ${spec.market}: there is no price to stay away from`);
  return snapDown(best * (1 - FAR_AWAY), spec.szDecimals);
}

async function send(
  { submitter, nonces }: Connected,
  command: OrderCommand,
  expiresMs: number | null,
): Promise<CommandOutcome> {
  const { kind } = command;
  const commands = [command as Approved<OrderCommand>];
  const lane = kind === "cancel" ? "urgent" : "quotes";
  const batch: PlannedBatch = { nonce: nonces.next(), lane, kind, commands, expiresMs };
  const { outcomes } = await submitter.submit(batch);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new CanaryError("the first order got no answer of its own");
  return outcome;
}

/** In the list of open orders, and by its id, with the same number. @returns the venue's id */
async function seenOpen(own: AccountInfo, { clock }: Connected, cloid: Cloid): Promise<number> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const listed = (await own.openOrders()).find((order) => order.cloid === cloid);
    const status = await own.orderStatus(cloid);
    if (listed !== undefined && status?.status === "open") return listed.oid;
    await pause(clock);
  }
  throw new CanaryError(
    "the first order was sent, but the exchange does not show it in openOrders and by orderStatus",
  );
}

async function seenGone(own: AccountInfo, { clock }: Connected, cloid: Cloid): Promise<void> {
  let last = "";
  for (let look = 0; look < LOOKS_MAX; look++) {
    const listed = (await own.openOrders()).some((order) => order.cloid === cloid);
    const status = await own.orderStatus(cloid);
    last = status?.status ?? "unknown";
    if (!listed && last === "canceled") return;
    if (last === "filled")
      throw new CanaryError("the first order, far from the market, was filled");
    await pause(clock);
  }
  throw new CanaryError(`the first order was cancelled, but the exchange still says "${last}"`);
}

function pause(clock: Connected["clock"]): Promise<void> {
  return new Promise((resolve) => {
    clock.at(ms(clock.nowMs() + LOOK_EVERY_MS), resolve);
  });
}
