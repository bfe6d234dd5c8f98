import { SQLiteError } from "bun:sqlite";
import { ApprovalRefused } from "../hyperliquid/approveAgent.ts";
import { InfoError } from "../hyperliquid/infoClient.ts";
import { LeverageRefused } from "../hyperliquid/leverage.ts";
import { WireError } from "../hyperliquid/schemas/wire.ts";
import { TransportError } from "../hyperliquid/transport.ts";
import { KeyError } from "../runtime/keyFile.ts";
import { CanaryError } from "../runtime/live/canary.ts";
import { PhaseError } from "../runtime/live/phases.ts";
import { LocalExchangeError } from "../runtime/localExchange.ts";
import { OpenError } from "../runtime/openMarket.ts";
import { PortError } from "../runtime/serveLoopback.ts";
import { WatchdogError } from "../runtime/watchdog/child.ts";
import { DatabaseError, DataFolderError } from "../store/errors.ts";
import { VenueThreadError } from "../venue/server/thread.ts";
import { CommandFailure, UsageError } from "./command.ts";

/** An error of a start or a run as the user is told it: what he can mend is a wrong use; the rest failed. */
export function explained(error: unknown): unknown {
  const { message } = error instanceof Error ? error : { message: String(error) };
  const usage = [OpenError, PortError, DataFolderError, DatabaseError, KeyError, PhaseError];
  const wrongUse = error instanceof VenueThreadError && error.wrongUse;
  if (wrongUse || usage.some((type) => error instanceof type))
    return new UsageError(message, { cause: error });
  const failure = [
    ApprovalRefused,
    CanaryError,
    InfoError,
    LeverageRefused,
    LocalExchangeError,
    TransportError,
    VenueThreadError,
    WatchdogError,
    WireError,
  ];
  if (isDiskFull(error))
    return new CommandFailure(
      `${message}. Make room, then start it again: what is in the data folder is whole`,
      { cause: error },
    );
  if (failure.some((type) => error instanceof type))
    return new CommandFailure(message, { cause: error });
  return error;
}

/** Somewhere on the way to this error the disk was full. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof SQLiteError && error.code === "SQLITE_FULL") return true;
  return ("code" in error && error.code === "ENOSPC") || isDiskFull(error.cause);
}
