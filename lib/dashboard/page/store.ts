import { batch, signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { TieredSeries } from "../series.ts";
import { SAMPLE_COLUMNS } from "../types.ts";
import type {
  Decision,
  Delta,
  FillRow,
  LiveView,
  RunInfo,
  SampleRows,
  Snapshot,
} from "../types.ts";

const FILLS_KEPT = 4096;
const DECISIONS_KEPT = 1000;

export type Link = "connecting" | "open" | "cut";

type Sections = { readonly [S in keyof LiveView]: Signal<LiveView[S] | null> };

/** Everything the page shows, kept as bounded as on the other side. Deltas may overlap with the snapshot. */
export class PageStore {
  readonly link = signal<Link>("connecting");
  /** How long the market has said nothing, once that is long; null while it talks. */
  readonly quietMs = signal<number | null>(null);
  readonly run = signal<RunInfo | null>(null);
  readonly live: Sections = {
    clock: signal(null),
    run: signal(null),
    market: signal(null),
    orders: signal(null),
    ledger: signal(null),
    risk: signal(null),
    account: signal(null),
    budget: signal(null),
    markouts: signal(null),
    vol: signal(null),
    runtime: signal(null),
  };
  readonly fills = signal<readonly FillRow[]>([]);
  /** Oldest first. */
  readonly decisions = signal<readonly Decision[]>([]);
  /** Counts up when the series or the fills changed: what charts follow. */
  readonly revision = signal(0);
  series = new TieredSeries(SAMPLE_COLUMNS.length);
  private bySeq = new Map<number, Decision>();

  private pushSamples(rows: SampleRows): void {
    const values = new Float64Array(SAMPLE_COLUMNS.length);
    for (let n = 0; n < rows.t.length; n++) {
      SAMPLE_COLUMNS.forEach((name, index) => {
        values[index] = rows.columns[name][n] ?? Number.NaN;
      });
      this.series.push(rows.t[n] ?? 0, values);
    }
  }

  private set(live: Partial<LiveView>): void {
    for (const name of Object.keys(live) as (keyof LiveView)[]) {
      const target = this.live[name] as Signal<unknown>;
      target.value = live[name] ?? null;
    }
  }

  private addDecisions(decisions: readonly Decision[]): void {
    if (decisions.length === 0) return;
    for (const decision of decisions) {
      const known = this.bySeq.get(decision.seq);
      if (known === undefined || known.times <= decision.times)
        this.bySeq.set(decision.seq, decision);
    }
    const all = [...this.bySeq.values()].toSorted((a, b) => a.seq - b.seq);
    const kept = all.slice(-DECISIONS_KEPT);
    if (kept.length < all.length)
      this.bySeq = new Map(kept.map((decision) => [decision.seq, decision]));
    this.decisions.value = kept;
  }

  /** Starts over from everything the other side has kept. */
  onSnapshot(snapshot: Snapshot): void {
    batch(() => {
      this.series = new TieredSeries(SAMPLE_COLUMNS.length);
      this.bySeq = new Map();
      this.run.value = snapshot.run;
      if (snapshot.live !== null) this.set(snapshot.live);
      this.pushSamples(snapshot.samples);
      this.fills.value = snapshot.fills;
      this.decisions.value = [];
      this.addDecisions(snapshot.decisions);
      this.revision.value++;
    });
  }

  /** Takes a change in. One that is older than what is shown is left out. */
  onDelta(delta: Delta): void {
    const shown = this.live.clock.value?.stepSeq ?? 0;
    batch(() => {
      if (delta.live.clock.stepSeq >= shown) this.set(delta.live);
      this.pushSamples(delta.samples);
      const lastSeq = this.fills.value.at(-1)?.seq ?? 0;
      const fresh = delta.fills.filter((fill) => fill.seq > lastSeq);
      if (fresh.length > 0) this.fills.value = [...this.fills.value, ...fresh].slice(-FILLS_KEPT);
      this.addDecisions(delta.decisions);
      if (delta.samples.t.length > 0 || fresh.length > 0) this.revision.value++;
    });
  }
}
