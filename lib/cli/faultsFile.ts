import { readFileSync, statSync } from "node:fs";
import { FaultPlanError, parseFaultText } from "../venue/server/faults/plan.ts";
import type { FaultPlan } from "../venue/server/faults/plan.ts";
import { messageOf } from "../units/messageOf.ts";
import { UsageError } from "./command.ts";

/** The plan in the file that `--faults` names. @throws UsageError with the flag, the field and what is allowed */
export function readFaultsFile(path: string): FaultPlan {
  try {
    return parseFaultText(textOf(path));
  } catch (error) {
    if (!(error instanceof FaultPlanError)) throw error;
    throw new UsageError(`--faults ${path}: ${error.message}`, { cause: error });
  }
}

function textOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`--faults "${path}" does not exist`);
  if (!found.isFile()) throw new UsageError(`--faults "${path}" is no file`);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--faults "${path}" cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
