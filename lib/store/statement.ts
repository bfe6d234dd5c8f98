import { Param, Placeholder, is } from "drizzle-orm";
import type { Changes, Database } from "bun:sqlite";
import { assert } from "../units/assert.ts";

type Bindable = string | number | null;

/** A drizzle query builder of any kind. */
type Buildable = { readonly toSQL: () => { readonly sql: string; readonly params: unknown[] } };

export type Statement<Names extends string> = {
  readonly run: (values: { readonly [N in Names]: Bindable }) => Changes;
  readonly get: (values: { readonly [N in Names]: Bindable }) => Record<string, Bindable> | null;
  readonly all: (values: { readonly [N in Names]: Bindable }) => Record<string, Bindable>[];
};

/**
 * Prepares a typed drizzle query as a bare statement: columns stay checked by the compiler, and the call costs half of
 * drizzle's own prepared query. Every placeholder is named in `names`.
 */
export function prepareStatement<Names extends string>(
  sqlite: Database,
  query: Buildable,
  names: readonly Names[],
): Statement<Names> {
  const { sql, params } = query.toSQL();
  const slots = params.map((param) => slotOf(param));
  const used = new Set(slots.flatMap((slot) => ("name" in slot ? [slot.name] : [])));
  assert(
    used.size === names.length && names.every((name) => used.has(name)),
    `the statement's placeholders are ${names.join(", ")}; found ${[...used].join(", ")}`,
  );
  const statement = sqlite.prepare<Record<string, Bindable>, Bindable[]>(sql);
  const bind = (values: { readonly [N in Names]: Bindable }): Bindable[] =>
    slots.map((slot) => ("name" in slot ? values[slot.name as Names] : slot.constant));
  return {
    run: (values) => statement.run(...bind(values)),
    get: (values) => statement.get(...bind(values)),
    all: (values) => statement.all(...bind(values)),
  };
}

type Slot = { readonly name: string } | { readonly constant: Bindable };

function slotOf(param: unknown): Slot {
  const inner = is(param, Param) ? param.value : param;
  if (is(inner, Placeholder)) return { name: inner.name };
  return { constant: inner as Bindable };
}
