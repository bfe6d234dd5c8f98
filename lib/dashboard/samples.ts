import type { SeriesRows } from "./series.ts";
import { SAMPLE_COLUMNS } from "./types.ts";
import type { SampleRows } from "./types.ts";

/** Names the columns of rows of the time series. */
export function sampleRows(rows: SeriesRows): SampleRows {
  const columns = Object.fromEntries(
    SAMPLE_COLUMNS.map((name, index) => [name, rows.columns[index] ?? []]),
  );
  return { t: rows.t, columns: columns as unknown as SampleRows["columns"] };
}
