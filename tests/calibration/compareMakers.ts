import type { MarketRun } from "./marketRun.ts";
import { recordedQuoter, RECORDED, readRecording } from "./recordings.ts";
import type { Recording } from "./recordings.ts";
import { absoluteAutocorrelation, groupedMean } from "./statistics.ts";
import { binSweeps, estimate, sweepsOf } from "./sweepStudy.ts";
import type { SweepBin } from "./sweepStudy.ts";
import { near, within } from "./targets.ts";
import type { Comparison } from "./targets.ts";
import { medianKurtosis, sessionReturns } from "./weekStudy.ts";

export const MARKOUT_HORIZONS_MS = [1000, 10_000, 60_000, 600_000] as const;
/** The fee that the published markouts assume; nobody pays it here. */
const ASSUMED_FEE_BPS = 1.5;

export type MakerMarkouts = {
  readonly distanceBps: number;
  readonly fillsPerHour: number;
  /** One for each of the horizons, before fees. */
  readonly markouts: readonly { readonly mean: number; readonly error: number }[];
};

/** What naive makers earned over many regular sessions; a session is one observation. */
export function makerMarkouts(sessions: readonly MarketRun[]): readonly MakerMarkouts[] {
  const hours = sessions.reduce((sum, run) => sum + run.durationMs, 0) / 3_600_000;
  return (sessions[0]?.quoters ?? []).map(({ distanceBps }, i) => {
    const fills = sessions.reduce((sum, run) => sum + (run.quoters[i]?.fills.length ?? 0), 0);
    const markouts = MARKOUT_HORIZONS_MS.map((horizonMs) =>
      groupedMean(
        sessions.map((run) =>
          (run.quoters[i]?.markouts(run.log, horizonMs) ?? []).map(({ bps }) => bps),
        ),
      ),
    );
    return { distanceBps, fillsPerHour: fills / hours, markouts };
  });
}

/** The naive maker at the touch against the published numbers, and the minute returns of regular hours. */
export function compareSessions(
  sessions: readonly MarketRun[],
  makers: readonly MakerMarkouts[],
): readonly Comparison[] {
  const days = sessions.map(sessionReturns);
  const touch = makers.find(({ distanceBps }) => distanceBps === 0)?.markouts ?? [];
  const names = ["1 s", "10 s", "60 s", "600 s"];
  return [
    ...names.map((name, i) =>
      within(
        `touch maker after ${name}, 1.5 bp fee taken`,
        [-2.6, -1.9],
        (touch[i]?.mean ?? Number.NaN) - ASSUMED_FEE_BPS,
        touch[i]?.error ?? 0,
        2,
        " bp",
      ),
    ),
    near(
      "|minute return|: autocorrelation, lag 1",
      0.11,
      absoluteAutocorrelation(days, 1, 30),
      0.5,
      2,
    ),
    near(
      "|minute return|: autocorrelation, lag 5",
      0.13,
      absoluteAutocorrelation(days, 5, 30),
      0.5,
      2,
    ),
    near(
      "|minute return|: autocorrelation, lag 30",
      0.09,
      absoluteAutocorrelation(days, 30, 30),
      0.6,
      2,
    ),
    near("minute return: kurtosis of a day", 4.7, medianKurtosis(days), 0.3, 1),
  ];
}

/** Sweeps of the simulated market. */
export function simulatedSweeps(sessions: readonly MarketRun[]): readonly SweepBin[] {
  const sweeps = sessions.flatMap((run) => {
    const midAt = (timeMs: number): number | null => {
      const doubleMid = run.log.doubleMidAt(timeMs);
      return Number.isNaN(doubleMid) ? null : doubleMid / 2;
    };
    const prints = run.trades.map(({ timeMs, side, px }) => ({
      timeMs,
      isBuy: side === "bid",
      px,
    }));
    const touchBefore = (timeMs: number) =>
      midAt(timeMs - 1) === null ? null : run.log.touchAt(timeMs - 1);
    return sweepsOf({ prints, midAt, touchBefore });
  });
  return binSweeps(sweeps);
}

export type RecordedEvidence = {
  readonly name: string;
  readonly volBpsPerSqrtMin: number;
  readonly sweeps: readonly SweepBin[];
  readonly makers: readonly {
    readonly distanceBps: number;
    readonly markouts: readonly ReturnType<typeof estimate>[];
  }[];
};

/** The same questions put to real recordings; empty where they are absent. */
export function recordedEvidence(): readonly RecordedEvidence[] {
  return RECORDED.flatMap((name) => {
    const recording = readRecording(name);
    return recording === null ? [] : [evidenceOf(recording)];
  });
}

function evidenceOf(recording: Recording): RecordedEvidence {
  const makers = [0.5, 1, 2, 4, 8].map((distanceBps) => ({
    distanceBps,
    markouts: MARKOUT_HORIZONS_MS.slice(0, 3).map((horizonMs) =>
      estimate(recordedQuoter(recording, distanceBps, horizonMs)),
    ),
  }));
  const { name, volBpsPerSqrtMin } = recording;
  return { name, volBpsPerSqrtMin, sweeps: binSweeps(sweepsOf(recording)), makers };
}
