import { SetupError } from "./compose.ts";
import { FaultPlanError } from "./faults/plan.ts";
import { ServeError } from "./http.ts";
import { TapeError } from "../../marketdata/tape/layout.ts";

/** True for an exchange that cannot start as asked, though another market, tape, port or plan of faults would do. */
export function isWrongUse(error: unknown): error is Error {
  return [SetupError, ServeError, TapeError, FaultPlanError].some((type) => error instanceof type);
}
