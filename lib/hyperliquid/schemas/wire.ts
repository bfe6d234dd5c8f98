import { z } from "zod";

const EXCERPT_MAX = 300;

/** The venue said something we do not understand. Nothing of the message is used. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** @throws WireError naming what was read, the fields at fault and the beginning of the text. */
export function wireError(what: string, reason: string, value: unknown): WireError {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const excerpt = text.length > EXCERPT_MAX ? `${text.slice(0, EXCERPT_MAX)}…` : text;
  return new WireError(`${what}: ${reason}; got ${excerpt}`);
}

/** @throws WireError when the text is no JSON. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw wireError(what, "not JSON", text);
  }
}

/** @throws WireError when the value does not have the schema's shape. */
export function parseWire<S extends z.ZodType>(
  schema: S,
  value: unknown,
  what: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "the whole"}: ${issue.message}`);
  throw wireError(what, issues.join(", "), value);
}
