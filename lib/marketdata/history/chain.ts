import { cleanRows } from "../../vol/candles.ts";
import { annualSigma, barsExpected, scaleReturns } from "./scale.ts";
import { SourceError } from "./source.ts";
import type { Session } from "../../vol/bars.ts";
import type { CandleRow } from "../../vol/candles.ts";
import type { CandleStore } from "./candleStore.ts";
import type { HistoryRequest, HistorySource, SourceFailure, SourceName } from "./source.ts";

export type ChainRules = {
  readonly useXyz100Primary: boolean;
  /** Fresh bars that the primary must have. */
  readonly xyz100BarsMin: number;
  readonly btcFallbackEnabled: boolean;
};

/** How a source did. Kept with every result, so that no report hides where its data came from. */
export type SourceReport = {
  readonly source: SourceName;
  readonly instrument: string;
  /** Bars in the requested span, stored ones included. */
  readonly bars: number;
  readonly barsExpected: number;
  readonly barsNew: number;
  readonly gaps: number;
  readonly newestMs: number | null;
  /** Null for the source in use. */
  readonly passedOver: SourceFailure | null;
  readonly detail: string;
};

export type History = {
  readonly source: SourceName;
  readonly instrument: string;
  readonly session: Session;
  readonly barMs: number;
  readonly rows: readonly CandleRow[];
  /** What every log return was multiplied by; 1 unless BTC stands in. */
  readonly returnScale: number;
  readonly scaleFrom: string;
  readonly reports: readonly SourceReport[];
};

/** No source had enough. The reports say why, one by one. */
export class NoHistory extends Error {
  override readonly name = "NoHistory";
  readonly reports: readonly SourceReport[];

  constructor(reports: readonly SourceReport[]) {
    const lines = reports.map((r) => `${r.source} (${r.instrument}): ${r.passedOver}, ${r.detail}`);
    super(`no source has enough history: ${lines.join("; ")}`);
    this.reports = reports;
  }
}

/** The index's long-run volatility (S&P 500 since 1990, about 16 % a year): only when nothing of it can be measured. */
const INDEX_SIGMA_ASSUMED = 0.16;
/** Share of the bars asked for that the market's own history must have. */
const US500_SHARE_MIN = 0.5;
/** A long weekend with a holiday, from close to open, and a day for the source's delay. */
const SESSION_STALE_MS = 5 * 86_400_000;

type Tried = { readonly report: SourceReport; readonly rows: readonly CandleRow[] };

function gapsIn(rows: readonly CandleRow[], barMs: number, session: Session): number {
  let gaps = 0;
  for (let i = 1; i < rows.length; i++) {
    const distance = (rows[i]?.openMs ?? 0) - (rows[i - 1]?.openMs ?? 0);
    const sameSession = session === "always" || distance < 6 * 3_600_000;
    if (distance > barMs && sameSession) gaps++;
  }
  return gaps;
}

/** Asks one source for what is new, stores it, and reads back the whole span. A failure leaves what is stored. */
async function gather(
  source: HistorySource,
  request: HistoryRequest,
  store: CandleStore,
): Promise<Tried & { readonly failed: SourceError | null }> {
  const key = { instrument: source.instrument, barMs: request.barMs };
  const newest = store.newestMs(key);
  const covered = store.load(key, request.fromMs, request.fromMs + 4 * 86_400_000).length > 0;
  const fromMs = newest !== null && covered ? Math.max(request.fromMs, newest) : request.fromMs;
  let failed: SourceError | null = null;
  let barsNew = 0;
  try {
    barsNew = store.add(key, await source.fetch({ ...request, fromMs }));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failed = error;
  }
  const { rows } = cleanRows(store.load(key, request.fromMs, request.toMs));
  const report = {
    source: source.name,
    instrument: source.instrument,
    bars: rows.length,
    barsExpected: barsExpected(request.barMs, source.session, request.fromMs, request.toMs),
    barsNew,
    gaps: gapsIn(rows, request.barMs, source.session),
    newestMs: rows.at(-1)?.openMs ?? null,
    passedOver: null,
    detail: failed === null ? "" : failed.message,
  };
  return { report, rows, failed };
}

type Refusal = { readonly failure: SourceFailure; readonly detail: string };

/** Why a source that answered is still not used; null when it is. */
function refusalOf(
  tried: Tried & { readonly failed: SourceError | null },
  source: HistorySource,
  request: HistoryRequest,
  rules: ChainRules,
): Refusal | null {
  const { bars, newestMs, barsExpected: expected } = tried.report;
  if (bars === 0)
    return tried.failed === null
      ? { failure: "empty", detail: "no bars" }
      : { failure: tried.failed.failure, detail: tried.failed.message };
  const staleMs = source.session === "us-equity" ? SESSION_STALE_MS : 12 * request.barMs;
  const ageMs = request.toMs - ((newestMs ?? 0) + request.barMs);
  if (ageMs > staleMs) {
    const detail = `newest bar is ${Math.round(ageMs / 60_000)} min old, at most ${staleMs / 60_000} allowed`;
    const cause =
      tried.failed === null ? "" : ` (${tried.failed.failure}: ${tried.failed.message})`;
    return { failure: "stale", detail: detail + cause };
  }
  if (source.name === "xyz100" && bars < rules.xyz100BarsMin)
    return { failure: "tooFew", detail: `${bars} bars, XYZ100_MIN_BARS is ${rules.xyz100BarsMin}` };
  if (source.name === "us500" && bars < US500_SHARE_MIN * expected)
    return { failure: "tooFew", detail: `${bars} of ${expected} bars, half are needed` };
  return null;
}

function disabled(source: HistorySource, rules: ChainRules): string | null {
  if (source.name === "xyz100" && !rules.useXyz100Primary) return "USE_XYZ100_PRIMARY is false";
  if (source.name === "btc" && !rules.btcFallbackEnabled) return "BTC_FALLBACK_ENABLED is false";
  return null;
}

/** BTC's returns at the index's size: from bars of the index that were too few to train on, else from its long-run volatility. */
function scaleOf(
  rows: readonly CandleRow[],
  barMs: number,
  others: readonly { rows: readonly CandleRow[]; session: Session; instrument: string }[],
): { ratio: number; from: string } {
  const own = annualSigma(rows, barMs, "always");
  if (own === null || own === 0) return { ratio: 1, from: "not scaled: too few returns" };
  for (const other of others) {
    const sigma = annualSigma(other.rows, barMs, other.session);
    if (sigma !== null && sigma > 0)
      return { ratio: sigma / own, from: `measured on ${other.instrument}` };
  }
  return {
    ratio: INDEX_SIGMA_ASSUMED / own,
    from: `assumed ${100 * INDEX_SIGMA_ASSUMED} % a year for the index`,
  };
}

/**
 * The first source in the chain that has enough: the S&P 100 with its least number of fresh bars, the market itself with
 * half of the bars asked for, BTC scaled if allowed.
 * @throws NoHistory naming every source and why it was passed over.
 */
export async function fetchHistory(
  sources: readonly HistorySource[],
  request: HistoryRequest,
  rules: ChainRules,
  store: CandleStore,
  onSource: (name: SourceName, instrument: string) => void,
): Promise<History> {
  const reports: SourceReport[] = [];
  const seen: { rows: readonly CandleRow[]; session: Session; instrument: string }[] = [];
  for (const source of sources) {
    const off = disabled(source, rules);
    if (off !== null) {
      reports.push({
        source: source.name,
        instrument: source.instrument,
        bars: 0,
        barsExpected: 0,
        barsNew: 0,
        gaps: 0,
        newestMs: null,
        passedOver: "disabled",
        detail: off,
      });
      continue;
    }
    onSource(source.name, source.instrument);
    const tried = await gather(source, request, store);
    const refusal = refusalOf(tried, source, request, rules);
    if (refusal !== null) {
      reports.push({ ...tried.report, passedOver: refusal.failure, detail: refusal.detail });
      seen.push({ rows: tried.rows, session: source.session, instrument: source.instrument });
      continue;
    }
    reports.push(tried.report);
    const scale =
      source.name === "btc"
        ? scaleOf(tried.rows, request.barMs, seen)
        : { ratio: 1, from: "not scaled" };
    return {
      source: source.name,
      instrument: source.instrument,
      session: source.session,
      barMs: request.barMs,
      rows: scale.ratio === 1 ? tried.rows : scaleReturns(tried.rows, scale.ratio),
      returnScale: scale.ratio,
      scaleFrom: scale.from,
      reports,
    };
  }
  throw new NoHistory(reports);
}
