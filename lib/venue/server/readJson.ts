import { refuseRepeated } from "./repeatedFields.ts";

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
 * @throws NotJsonError when there is none.
 */
export function readJson(text: string): unknown {
  try {
    return refuseRepeated(text, JSON.parse(text));
  } catch {
    const end = endOfFirstValue(text);
    if (end === null) throw new NotJsonError("no JSON value");
    const first = text.slice(0, end);
    return refuseRepeated(first, parseOrRefuse(first));
  }
}

function parseOrRefuse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotJsonError("no JSON value");
  }
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
