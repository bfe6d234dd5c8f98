import { z } from "zod";
import { isOurCloid } from "../../core/cloid.ts";
import type { InfoClient } from "../../hyperliquid/infoClient.ts";
import { signedBody } from "../../hyperliquid/signedRequest.ts";
import type { Signer } from "../../hyperliquid/signedRequest.ts";
import type { WireValue } from "../../hyperliquid/signing/msgpack.ts";
import type { Transport } from "../../hyperliquid/transport.ts";
import type { AccountFile } from "../accountFile.ts";
import { messageOf } from "../../units/messageOf.ts";
import { counted } from "../../units/counted.ts";

export type SweepDeps = {
  readonly place: Pick<AccountFile, "account" | "market" | "dex" | "assetId" | "orderExpiryMs">;
  readonly transport: Transport;
  readonly info: InfoClient;
  readonly signer: Signer;
  readonly nextNonce: () => number;
  readonly monotonicMs: () => number;
  readonly pause: (delayMs: number) => Promise<void>;
  /** False once the bot, or another one, lives again: then it is its work. */
  readonly isNeeded: () => boolean;
  /**
   * A local exchange that has not answered for this long has ended, and its orders with it. Null: an exchange that goes on
   * without us is asked for as long as it takes.
   */
  readonly goneAfterMs?: number | null;
  readonly tell: (text: string) => void;
};

export type Swept = {
  /** False when the bot came back before it was done. */
  readonly done: boolean;
  /** Orders that were found and are gone. */
  readonly cancelled: number;
};

/** Items in one action: more cost the exchange's request budget more. */
const ITEMS_MAX = 40;
const AGAIN_MS = 100;
const LOOK_EVERY_MS = 1000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MS_MAX = 2000;
/** What an order may need on its way beyond its expiry, and clocks differ. */
const MARGIN_MS = 1000;

const Reply = z.union([
  z.object({ status: z.literal("err"), response: z.string() }),
  z.object({ status: z.literal("ok") }),
]);

/**
 * Cancels every order of ours on the market: asks the exchange what there is, cancels it, and looks again, until a look
 * finds nothing at a time when nothing that the bot had sent can still arrive. An exchange that does not answer, or
 * refuses, is asked again for as long as it takes.
 */
export async function sweep(deps: SweepDeps): Promise<Swept> {
  const { place, monotonicMs, pause, isNeeded, goneAfterMs = null, tell } = deps;
  const settledMs = monotonicMs() + place.orderExpiryMs + MARGIN_MS;
  const seen = new Set<number>();
  let failures = 0;
  let answeredMs = monotonicMs();
  while (isNeeded()) {
    try {
      const open = await ourOrders(deps);
      failures = 0;
      answeredMs = monotonicMs();
      if (open.length === 0) {
        if (monotonicMs() >= settledMs) return { done: true, cancelled: seen.size };
        await pause(Math.min(LOOK_EVERY_MS, Math.max(0, settledMs - monotonicMs())));
        continue;
      }
      const fresh = open.filter((oid) => !seen.has(oid)).length;
      if (fresh > 0) tell(`cancelling ${counted(fresh, "order")} of ${place.market}`);
      await cancel(open, deps);
      for (const oid of open) seen.add(oid);
      await pause(AGAIN_MS);
    } catch (error) {
      if (goneAfterMs !== null && monotonicMs() - answeredMs > goneAfterMs) {
        tell("the local exchange is gone, and its orders with it");
        return { done: true, cancelled: seen.size };
      }
      if (failures++ % 10 === 0) tell(`not yet: ${messageOf(error)}`);
      await pause(Math.min(BACKOFF_FIRST_MS * 2 ** failures, BACKOFF_MS_MAX));
    }
  }
  return { done: false, cancelled: seen.size };
}

/** Ours are those whose ids this program made for this market, in whichever run; other programs' stay. */
async function ourOrders({ info, place }: SweepDeps): Promise<readonly number[]> {
  const { account, dex, market } = place;
  const open = await info.openOrders(account, dex);
  return open.flatMap(({ cloid, oid }) => (isOurCloid(cloid, market) ? [oid] : []));
}

async function cancel(oids: readonly number[], deps: SweepDeps): Promise<void> {
  const { assetId } = deps.place;
  const actions: Promise<void>[] = [];
  for (let from = 0; from < oids.length; from += ITEMS_MAX) {
    const cancels = oids.slice(from, from + ITEMS_MAX).map((oid) => ({ a: assetId, o: oid }));
    actions.push(act({ type: "cancel", cancels }, deps));
  }
  await Promise.all(actions);
}

type ActDeps = Pick<SweepDeps, "transport" | "signer" | "nextNonce">;

/** @throws Error with the exchange's words when the whole action is refused; single items may fail, the next look tells. */
export async function act(
  action: WireValue,
  { transport, signer, nextNonce }: ActDeps,
): Promise<void> {
  const { status, text } = await transport.exchange(signedBody(action, nextNonce(), null, signer));
  if (status !== 200) throw new Error(`the exchange answered ${status}: ${text.slice(0, 200)}`);
  const reply = Reply.parse(JSON.parse(text));
  if (reply.status === "err") throw new Error(`the exchange refused: ${reply.response}`);
}
