import { dieboldMariano, hacLags } from "../evaluation/dieboldMariano.ts";
import { qlikes, score } from "../evaluation/losses.ts";
import type { DieboldMariano } from "../evaluation/dieboldMariano.ts";

/** A challenger must lower the QLIKE of the HAR by this share; a Diebold-Mariano of 2 to 3 alone is a hint, not proof. */
const MARGIN_SHARE = 0.01;
/** And its losses must differ from the HAR's by at least this many HAC standard errors. */
const DM_STAT_MAX = -2;

/** What was compared and what came of it. */
export type Verdict = {
  readonly promoted: "lstm" | "champion" | "har";
  readonly why: string;
  readonly lstmVsHar: DieboldMariano | null;
  readonly lstmVsChampion: DieboldMariano | null;
};

/** Forecasts of the same test samples; null where a model does not exist. */
export type Contest = {
  readonly realised: Float64Array;
  readonly har: Float64Array;
  readonly lstm: Float64Array | null;
  /** The model in use, when it is a network; a HAR in use has no standing of its own. */
  readonly champion: Float64Array | null;
  readonly horizonBars: number;
};

function percent(share: number): string {
  return `${share >= 0 ? "+" : ""}${(100 * share).toFixed(2)} %`;
}

type Duel = { readonly share: number; readonly dm: DieboldMariano };

/** `share`: by how much the first one's QLIKE differs from the second's; below zero is better. */
function duel(contest: Contest, first: Float64Array, second: Float64Array): Duel {
  const { realised, horizonBars } = contest;
  const dm = dieboldMariano(
    qlikes(realised, first),
    qlikes(realised, second),
    hacLags(realised.length, horizonBars),
  );
  return { share: score(realised, first).qlike / score(realised, second).qlike - 1, dm };
}

function earnsSeat(result: Duel): boolean {
  return result.share <= -MARGIN_SHARE && result.dm.stat <= DM_STAT_MAX;
}

/**
 * Who serves: a challenger only if it beats the HAR by the margin and the champion at all, on the same samples; else the
 * champion while it beats the HAR; else the HAR.
 */
export function judge(contest: Contest): Verdict {
  const { lstm, champion, har } = contest;
  const toHar = lstm === null ? null : duel(contest, lstm, har);
  const toChampion = lstm === null || champion === null ? null : duel(contest, lstm, champion);
  const championToHar = champion === null ? null : duel(contest, champion, har);
  const found = { lstmVsHar: toHar?.dm ?? null, lstmVsChampion: toChampion?.dm ?? null };
  const rule = `needed: ${percent(-MARGIN_SHARE)} QLIKE and DM at most ${DM_STAT_MAX}`;
  const seen =
    toHar === null
      ? "no network was trained"
      : `LSTM against HAR: ${percent(toHar.share)} QLIKE, DM ${toHar.dm.stat.toFixed(2)} (${rule})`;
  if (toHar !== null && earnsSeat(toHar)) {
    if (toChampion === null || toChampion.share < 0)
      return {
        promoted: "lstm",
        why:
          toChampion === null
            ? seen
            : `${seen}; against the champion: ${percent(toChampion.share)} QLIKE`,
        ...found,
      };
    const why = `${seen}, but not better than the champion: ${percent(toChampion.share)} QLIKE`;
    return { promoted: "champion", why, ...found };
  }
  if (championToHar !== null && championToHar.share < 0) {
    const why = `${seen}; the champion still beats HAR by ${percent(championToHar.share)} QLIKE`;
    return { promoted: "champion", why, ...found };
  }
  const gone =
    championToHar === null
      ? ""
      : `; the champion no longer beats HAR: ${percent(championToHar.share)} QLIKE`;
  return { promoted: "har", why: `${seen}${gone}: HAR serves`, ...found };
}
