import { NotJsonError, readJson } from "../readJson.ts";
import { ShapeError } from "../shape.ts";
import type { RequestKind } from "./plan.ts";

/** What an `/exchange` body is for, as far as faults tell apart. Anything unreadable is `other`. */
export function actionKind(body: string): RequestKind {
  try {
    return kindOf(readJson(body));
  } catch (error) {
    if (error instanceof NotJsonError || error instanceof ShapeError) return "other";
    throw error;
  }
}

/** The same for a parsed body. */
function kindOf(body: unknown): RequestKind {
  const action = field(body, "action");
  switch (field(action, "type")) {
    case "order":
      return "place";
    case "modify":
    case "batchModify":
      return "modify";
    case "cancel":
    case "cancelByCloid":
      return "cancel";
    default:
      return "other";
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
