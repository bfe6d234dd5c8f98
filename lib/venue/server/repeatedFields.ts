import { ShapeError } from "./shape.ts";

/*
 * A field that a JSON object has twice is a shape error as soon as somebody reads it; one that nobody knows does no harm
 * (both measured). JSON.parse keeps the last one silently, so the fields of the text are counted against those of the value,
 * and only a text that has more is read once more, slowly.
 */

/**
 * The value, or where fields are repeated one whose repeated fields throw ShapeError when they are read.
 * @param text valid JSON @param fields how many the value has
 */
export function refuseRepeated(text: string, value: unknown, fields: number): unknown {
  return countColons(text) === fields ? value : readMarking(text);
}

function countColons(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x3a) count++;
    else if (code === 0x22) index = endOfString(text, index);
  }
  return count;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return index;
    if (code === 0x5c) index++;
  }
  return text.length;
}

/** How many fields the objects of a value have, and how deep objects and arrays lie in one another. */
export function extentOf(value: unknown): { readonly fields: number; readonly depth: number } {
  let fields = 0;
  let depth = 0;
  for (let level = [value].filter(isContainer); level.length > 0; depth++) {
    const next: object[] = [];
    for (const container of level) {
      const inner: unknown[] = Object.values(container);
      if (!Array.isArray(container)) fields += inner.length;
      for (const each of inner) if (isContainer(each)) next.push(each);
    }
    level = next;
  }
  return { fields, depth };
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

type Open = { readonly into: object; key: string | null };

/** Reads valid JSON with a stack of its own, so that nesting has no bound but the text's length. */
function readMarking(text: string): unknown {
  const open: Open[] = [];
  let whole: unknown;
  const put = (value: unknown): void => {
    const last = open.at(-1);
    if (last === undefined) whole = value;
    else if (Array.isArray(last.into)) last.into.push(value);
    else {
      putField(last.into, last.key ?? "", value);
      last.key = null;
    }
  };
  for (const [token] of text.matchAll(TOKEN)) {
    const last = open.at(-1);
    if (token === "{" || token === "[") {
      const into = token === "{" ? {} : [];
      put(into);
      open.push({ into, key: null });
    } else if (token === "}" || token === "]") open.pop();
    else if (token === "," || token === ":") continue;
    else {
      const value: unknown = JSON.parse(token);
      const isKey = last !== undefined && !Array.isArray(last.into) && last.key === null;
      if (isKey) last.key = String(value);
      else put(value);
    }
  }
  return whole;
}

function putField(object: object, key: string, value: unknown): void {
  const isRepeated = Object.hasOwn(object, key);
  const how: PropertyDescriptor = isRepeated
    ? {
        get: () => {
          throw new ShapeError(`field ${key} is repeated`);
        },
      }
    : { value };
  Object.defineProperty(object, key, { ...how, enumerable: true, configurable: true });
}
