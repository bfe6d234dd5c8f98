import { pause } from "./accountReader.ts";
import type { AccountReader } from "./accountReader.ts";
import type { Sequencer } from "./sequencer.ts";
import { isOurCloid } from "../core/cloid.ts";
import { closePnl } from "../core/pnl.ts";
import type { ClosedPnl } from "../core/pnl.ts";
import type { AccountInfo } from "../hyperliquid/infoClient.ts";
import type { AccountReading } from "../messages/orders.ts";
import type { Clock } from "../units/time.ts";

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

const VERIFY_EVERY_MS = 250;
const GIVE_UP_AFTER_MS = 15_000;

/**
 * Asks for the end, then looks at the venue's own list until nothing of ours is on it. Each look is a reconciliation:
 * an order that is still there is cancelled again, a fill that came in meanwhile is booked.
 */
export async function shutDown(deps: ShutdownDeps): Promise<ShutdownReport> {
  const { clock, sequencer, reader, reason, nextId } = deps;
  const errors: string[] = [];
  await sequencer.ask({ kind: "runStopping", id: nextId("runStopping"), reason });
  const deadlineMs = clock.nowMs() + GIVE_UP_AFTER_MS;
  let openOrders: number | null = null;
  do {
    await pause(clock, VERIFY_EVERY_MS);
    await reader.reconcile();
    openOrders = await ourOpenOrders(deps, errors);
  } while (clock.nowMs() < deadlineMs && !(openOrders === 0 && isSettled(deps)));
  if (openOrders !== 0)
    errors.push(`${openOrders ?? "unknown"} orders of ours are still open on the venue`);
  const { reading, failure } = sequencer.state.account;
  if (failure !== null) errors.push(`the account could not be read: ${failure}`);
  const pnl = reading === null ? null : closePnl(sequencer.state.ledger, reading);
  return { openOrders, reading, pnl, errors: [...new Set(errors)] };
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

async function ourOpenOrders(deps: ShutdownDeps, errors: string[]): Promise<number | null> {
  const market = deps.sequencer.state.run.spec?.market ?? "";
  try {
    const open = await deps.info.openOrders();
    return open.filter(({ cloid }) => isOurCloid(cloid, market)).length;
  } catch (error) {
    errors.push(
      `open orders could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}
