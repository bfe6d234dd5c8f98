import type { Handler } from "../lib/messages/step.ts";

/** Price history was fetched, or was not: what each source gave is kept for status and reports. Quoting goes on as it was. */
export const onDataFetch: Handler<"dataFetch"> = (event, state) => {
  const { atMs, used, failure, returnScale, scaleFrom, reports } = event;
  const lastFetch = { atMs, used, failure, returnScale, scaleFrom, reports };
  const fetchFailures = used === null ? state.vol.fetchFailures + 1 : 0;
  return { state: { ...state, vol: { ...state.vol, lastFetch, fetchFailures } }, commands: [] };
};
