/** What values at one place of JSON looked like, over all of them. */
export type Shape = {
  readonly kinds: ReadonlySet<string>;
  /** Of objects. */
  readonly keys: ReadonlyMap<string, Shape>;
  /** Of lists: all elements together. */
  readonly items: Shape | null;
};

const FORMATS: readonly (readonly [RegExp, string])[] = [
  [/^-?\d+\.\d+$/, "decimal text"],
  [/^-?\d+$/, "whole number text"],
  [/^0x[0-9a-fA-F]{40}$/, "address"],
  [/^0x[0-9a-fA-F]{64}$/, "hash"],
  [/^0x[0-9a-fA-F]{32}$/, "16-byte hex"],
];

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string")
    return FORMATS.find(([pattern]) => pattern.test(value))?.[1] ?? "text";
  return typeof value;
}

/** @param named whether the keys of an object at this path are names (coins) rather than fields */
export function shapeOf(
  values: readonly unknown[],
  named: (path: string) => boolean,
  path = "",
): Shape {
  const objects = values.filter(isObject);
  const lists = values.filter((value): value is unknown[] => Array.isArray(value));
  const below = new Map<string, unknown[]>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      const key = named(path) ? "*" : name;
      below.set(key, [...(below.get(key) ?? []), value]);
    }
  }
  const items = lists.flat();
  return {
    kinds: new Set(values.map(kindOf)),
    keys: new Map([...below].map(([key, all]) => [key, shapeOf(all, named, `${path}.${key}`)])),
    items: items.length === 0 ? null : shapeOf(items, named, `${path}[]`),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One place where the answer is not what was captured. */
export type Difference = { readonly path: string; readonly what: string };

/** Keys that one has and the other has not, and kinds of ours that were never seen there. Empty lists say nothing. */
export function differences(theirs: Shape, ours: Shape, path = ""): readonly Difference[] {
  const found: Difference[] = [];
  for (const kind of ours.kinds) {
    if (theirs.kinds.has(kind)) continue;
    found.push({ path, what: `${kind} here, ${[...theirs.kinds].join(" or ")} there` });
  }
  if (theirs.keys.size > 0 && ours.keys.size > 0) {
    for (const [key, shape] of theirs.keys) {
      const mine = ours.keys.get(key);
      if (mine === undefined) found.push({ path: `${path}.${key}`, what: "missing here" });
      else found.push(...differences(shape, mine, `${path}.${key}`));
    }
    for (const key of ours.keys.keys()) {
      if (!theirs.keys.has(key)) found.push({ path: `${path}.${key}`, what: "only here" });
    }
  }
  if (theirs.items !== null && ours.items !== null)
    found.push(...differences(theirs.items, ours.items, `${path}[]`));
  return found;
}
