import { endOfString, refuseRepeated } from "./repeatedFields.ts";

/** How deep objects and arrays may lie in one another: what the venue's own JSON reader takes unless told otherwise (assumed). */
const DEPTH_MAX = 128;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

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
  if (whole !== null) return refuseRepeated(text, whole.value);
  const first = text.slice(0, endOfFirstValue(text) ?? 0);
  const found = parse(first);
  if (found === null) throw new NotJsonError("no JSON value");
  return refuseRepeated(first, found.value);
}

/** Null when the text is no JSON. @throws NotJsonError for one that nobody can work on without an endless stack */
function parse(text: string): { readonly value: unknown } | null {
  if (isTooDeep(text)) throw new NotJsonError(`nested deeper than ${DEPTH_MAX}`);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Of the first value: what comes after it is not looked at. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++;
      if (depth > DEPTH_MAX) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
      if (depth <= 0) return false;
    }
  }
  return false;
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
