import { pause } from "./accountReader.ts";
import type { AccountReader } from "./accountReader.ts";
import type { Sequencer } from "./sequencer.ts";
import { isOurCloid } from "../core/cloid.ts";
import { closePnl } from "../core/pnl.ts";
import type { ClosedPnl } from "../core/pnl.ts";
import type { AccountInfo } from "../hyperliquid/infoClient.ts";
import type { AccountReading } from "../messages/orders.ts";
import type { Clock } from "../units/time.ts";
import { counted } from "../units/counted.ts";

/** What the venue said at the very end. */
export type ShutdownReport = {
  /** Orders of ours still open on the venue; null when it could not be asked. */
  readonly openOrders: number | null;
  readonly reading: AccountReading | null;
  readonly pnl: ClosedPnl | null;
  readonly errors: readonly string[];
};

export type ShutdownDeps = {
  readonly reason: string;
  readonly clock: Clock;
  readonly sequencer: Sequencer;
  readonly reader: AccountReader;
  readonly info: AccountInfo;
  readonly nextId: (kind: string) => string;
};

const FIRST_LOOK_MS = 250;
/** Each look asks for everything: the request limit allows about ten a minute. */
const LOOK_EVERY_MS_MAX = 4_000;
const GIVE_UP_AFTER_MS = 15_000;

/**
 * Asks for the end, then looks at the venue's own list until nothing of ours is on it. Each look is a reconciliation:
 * an order that is still there is cancelled again, a fill that came in meanwhile is booked.
 */
export async function shutDown(deps: ShutdownDeps): Promise<ShutdownReport> {
  const { clock, sequencer, reader, reason, nextId } = deps;
  await sequencer.ask({ kind: "runStopping", id: nextId("runStopping"), reason });
  // Of the wall: a market that runs faster does not make answers come faster.
  const deadlineMs = clock.monotonicMs() + GIVE_UP_AFTER_MS;
  let open: number | Error;
  let waitMs = FIRST_LOOK_MS;
  do {
    await pause(clock, waitMs);
    await reader.reconcile();
    open = await ourOpenOrders(deps);
    waitMs = Math.min(2 * waitMs, LOOK_EVERY_MS_MAX);
  } while (clock.monotonicMs() < deadlineMs && !(open === 0 && isSettled(deps)));
  const errors: string[] = [];
  if (open instanceof Error) errors.push(`open orders could not be read: ${open.message}`);
  else if (open > 0) errors.push(`still open on the venue: ${counted(open, "order")} of ours`);
  const { reading, failure } = sequencer.state.account;
  if (failure !== null) errors.push(`the account could not be read: ${failure}`);
  const { reconcileFailure } = sequencer.state.run;
  if (reconcileFailure !== null) errors.push(reconcileFailure);
  const pnl = reading === null ? null : closePnl(sequencer.state.ledger, reading);
  return { openOrders: open instanceof Error ? null : open, reading, pnl, errors };
}

/** Nothing in flight here, and the venue's position is ours. */
function isSettled({ sequencer }: ShutdownDeps): boolean {
  const { orders, account, ledger, run } = sequencer.state;
  return (
    Object.keys(orders.working).length === 0 &&
    orders.strays.length === 0 &&
    run.reconcileFailure === null &&
    account.reading?.positionLots === ledger.positionLots
  );
}

/** An answer that did not come is looked at like one that did: only the last look counts. */
async function ourOpenOrders(deps: ShutdownDeps): Promise<number | Error> {
  const market = deps.sequencer.state.run.spec?.market ?? "";
  try {
    const open = await deps.info.openOrders();
    return open.filter(({ cloid }) => isOurCloid(cloid, market)).length;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
