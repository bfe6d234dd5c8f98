import { existsSync, readFileSync } from "node:fs";
import { FaultPlanError, parseFaultText } from "../venue/server/faults/plan.ts";
import type { FaultPlan } from "../venue/server/faults/plan.ts";
import { UsageError } from "./command.ts";

/** The plan in the file that `--faults` names. @throws UsageError with the flag, the field and what is allowed */
export function readFaultsFile(path: string): FaultPlan {
  if (!existsSync(path)) throw new UsageError(`--faults "${path}" does not exist`);
  try {
    return parseFaultText(readFileSync(path, "utf8"));
  } catch (error) {
    if (!(error instanceof FaultPlanError)) throw error;
    throw new UsageError(`--faults ${path}: ${error.message}`, { cause: error });
  }
}
