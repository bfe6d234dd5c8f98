import { blankState, bookEvent, countUp, placeBatch } from "../support/botFixtures.ts";
import { openStore } from "../../lib/store/store.ts";

/** Commits steps until it is killed, and writes each number once it is acknowledged. */
const store = openStore(process.argv[2] ?? "");
let { state, versions } = store.loadState(blankState());
for (let n = 1; ; n++) {
  const after = countUp(state);
  const result = store.commitStep({
    event: bookEvent(`b${n}`),
    before: state,
    after,
    versions,
    batches: [placeBatch(n)],
    refused: [],
  });
  if (result.kind === "duplicate") throw new Error("every event is new");
  state = after;
  versions = result.versions;
  await Bun.write(Bun.stdout, `${n}\n`);
}
