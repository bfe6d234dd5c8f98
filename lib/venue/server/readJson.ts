import { extentOf, refuseRepeated } from "./repeatedFields.ts";

/** How deep objects and arrays may lie in one another: what the venue's own JSON reader takes unless told otherwise (assumed). */
const DEPTH_MAX = 128;

/** The text is no JSON: HTTP 400. */
export class NotJsonError extends Error {
  override readonly name = "NotJsonError";
}

/** "application/json" or "application/*+json", parameters allowed. */
export function isJsonContentType(contentType: string | null): boolean {
  const essence = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  return essence === "application/json" || /^application\/[^\s/]+\+json$/.test(essence);
}

/**
 * First JSON value of a body; bytes after it are ignored (measured). A field that an object has twice throws ShapeError
 * when it is read.
 * @throws NotJsonError when there is none, or one that is nested too deep.
 */
export function readJson(text: string): unknown {
  const whole = parse(text);
  if (whole !== null) return checked(text, whole.value);
  const first = text.slice(0, endOfFirstValue(text) ?? 0);
  const found = parse(first);
  if (found === null) throw new NotJsonError("no JSON value");
  return checked(first, found.value);
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** What is nested deeper nobody can work on without an endless stack. */
function checked(text: string, value: unknown): unknown {
  const { depth, fields } = extentOf(value);
  if (depth > DEPTH_MAX) throw new NotJsonError(`nested ${depth} deep, at most ${DEPTH_MAX}`);
  return refuseRepeated(text, value, fields);
}

/** Index behind the bracket that closes the first object or array, if any. */
function endOfFirstValue(text: string): number | null {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      depth--;
      if (depth === 0) return i + 1;
      if (depth < 0) return null;
    }
  }
  return null;
}
