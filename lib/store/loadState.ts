import type { Connection } from "./database.ts";
import { DatabaseError } from "./errors.ts";
import { LATER_SLICES, SLICE_NAMES, SLICE_SCHEMAS } from "./stateSchema.ts";
import { states } from "./tables.ts";
import { initialState } from "../core/initialState.ts";
import { STATE_SCHEMA_VERSION } from "../messages/state.ts";
import type { BotState, SliceName } from "../messages/state.ts";

/** How often each slice was written; 0: never, the folder is older than the slice. */
export type SliceVersions = { readonly [S in SliceName]: number };

export type LoadedState = { readonly state: BotState; readonly versions: SliceVersions };

/** @returns null when nothing was stored yet. @throws DatabaseError naming the slice that cannot be read. */
export function loadSlices({ query, label }: Connection): LoadedState | null {
  const rows = new Map(
    query
      .select()
      .from(states)
      .all()
      .map((row) => [row.slice, row]),
  );
  if (rows.size === 0) return null;
  const state: Partial<Record<SliceName, unknown>> = {};
  const versions: Partial<Record<SliceName, number>> = {};
  for (const slice of SLICE_NAMES) {
    const row = rows.get(slice);
    if (row === undefined && LATER_SLICES.has(slice)) {
      state[slice] = initialState[slice];
      versions[slice] = 0;
      continue;
    }
    if (row === undefined) throw damaged(label, slice, "it is missing");
    if (row.schemaVersion !== STATE_SCHEMA_VERSION)
      throw damaged(
        label,
        slice,
        `it has schema version ${row.schemaVersion}, this program reads ${STATE_SCHEMA_VERSION}`,
      );
    state[slice] = parseSlice(label, slice, row.body);
    versions[slice] = row.version;
  }
  return { state: state as BotState, versions: versions as SliceVersions };
}

function parseSlice(label: string, slice: SliceName, body: string): unknown {
  const value = parseJson(label, slice, body);
  const checked = SLICE_SCHEMAS[slice].safeParse(value);
  if (checked.success) return value;
  const issue = checked.error.issues[0];
  throw damaged(label, slice, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "bad shape"}`);
}

function parseJson(label: string, slice: SliceName, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw damaged(label, slice, "it is no JSON", cause);
  }
}

function damaged(label: string, slice: string, why: string, cause?: unknown): DatabaseError {
  return new DatabaseError(
    `the stored slice "${slice}" in "${label}" cannot be used: ${why}; move the database away to start anew`,
    { cause },
  );
}
