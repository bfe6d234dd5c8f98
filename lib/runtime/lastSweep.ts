import type { Connected } from "./tradeSession.ts";
import { counted } from "../units/counted.ts";
import { sweep } from "./watchdog/sweep.ts";
import { InfoClient } from "../hyperliquid/infoClient.ts";
import type { Transport } from "../hyperliquid/transport.ts";
import { messageOf } from "../units/messageOf.ts";

export type LastSweepDeps = Pick<
  Connected,
  "signer" | "account" | "spec" | "params" | "nonces" | "clock"
> & {
  readonly transport: Transport;
  readonly error: unknown;
  readonly onWarning: (text: string) => void;
  /** Waits by the wall. */
  readonly pause: (delayMs: number) => Promise<void>;
};

/** Longer than an order can be on its way; an exchange that is gone must not keep the process for ever. */
const GIVE_UP_AFTER_MS = 20_000;

/**
 * After a contradiction inside nothing that is remembered can be trusted: takes every order of ours off the market by the
 * exchange's own list, and says what came of it. The bot must not send any more.
 * @returns true when the exchange has confirmed that nothing of ours is left
 */
export async function lastSweep(deps: LastSweepDeps): Promise<boolean> {
  const { error, onWarning, clock, account, spec, params, pause } = deps;
  const { market, dex, assetId } = spec;
  const what = messageOf(error);
  onWarning(`the run broke (${what}): cancelling our orders straight at the exchange`);
  const deadlineMs = clock.monotonicMs() + GIVE_UP_AFTER_MS;
  const { done, cancelled } = await sweep({
    place: { account, market, dex, assetId, orderExpiryMs: params.orderExpiryMs },
    transport: deps.transport,
    info: new InfoClient(deps.transport),
    signer: deps.signer,
    nextNonce: () => deps.nonces.next(),
    monotonicMs: () => clock.monotonicMs(),
    pause,
    isNeeded: () => clock.monotonicMs() < deadlineMs,
    tell: onWarning,
  });
  onWarning(
    done
      ? `${counted(cancelled, "order")} of ours ${cancelled === 1 ? "was" : "were"} cancelled, the exchange lists none; the position is left as it is`
      : `the exchange could not be brought to confirm within ${GIVE_UP_AFTER_MS / 1000} s that no order of ours is left ` +
          `(${cancelled} were cancelled): look there, bun run cancel --all`,
  );
  return done;
}
