import type { MakerMarkouts, RecordedEvidence } from "./compareMakers.ts";
import type { Jumps } from "./jumps.ts";
import type { NullResult } from "./nullTests.ts";
import type { Estimate, SweepBin } from "./sweepStudy.ts";

const shown = (value: Estimate | { mean: number; error: number } | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value.mean)
    ? "-".padStart(14)
    : `${value.mean.toFixed(2)} ± ${value.error.toFixed(2)}`.padStart(14);

/** Naive makers and sweeps, simulated and recorded, as text. */
export function compareMakersText(
  makers: readonly MakerMarkouts[],
  sweeps: readonly SweepBin[],
  recorded: readonly RecordedEvidence[],
): string {
  const lines = [
    "naive makers, simulated: bp before fees after 1 s, 10 s, 60 s, 600 s (± standard error)",
  ];
  for (const { distanceBps, fillsPerHour, markouts } of makers)
    lines.push(
      `  ${`${distanceBps} bp`.padEnd(7)} ${fillsPerHour.toFixed(1).padStart(6)} fills/h ${markouts.map(shown).join("")}`,
    );
  for (const { name, volBpsPerSqrtMin, makers: real } of recorded) {
    lines.push(`naive makers in ${name} (${volBpsPerSqrtMin.toFixed(1)} bp/√min): 1 s, 10 s, 60 s`);
    for (const { distanceBps, markouts } of real)
      lines.push(
        `  ${`${distanceBps} bp`.padEnd(7)} ${String(markouts[0]?.count ?? 0).padStart(6)} fills   ${markouts.map(shown).join("")}`,
      );
  }
  for (const { name, sweeps: bins } of [{ name: "simulated US500", sweeps }, ...recorded]) {
    lines.push(`mid after takers in ${name}: 0.2 s, 1 s, 10 s, 60 s`);
    for (const { label, count, depthBps, moves } of bins)
      lines.push(
        `  ${label.padEnd(11)} ${String(count).padStart(7)} takers, depth ${depthBps.toFixed(2).padStart(5)} ${moves.map(shown).join("")}`,
      );
  }
  if (recorded.length === 0) lines.push("skipped: real recordings, because they are absent");
  return `${lines.join("\n")}\n`;
}

/** The null tests as text. */
export function nullText(tests: Readonly<Record<string, readonly NullResult[]>>): string {
  return Object.entries(tests)
    .flatMap(([name, results]) => [
      `null test "${name}", 20 seeds: fills, US dollars a seed before fees, its lower 95 % bound, 10 s markout in bp`,
      ...results.map(
        ({ distanceBps, fills, meanUsd, lowerUsd, markoutBps }) =>
          `  ${`${distanceBps} bp`.padEnd(7)} ${String(fills).padStart(6)} ${meanUsd.toFixed(3).padStart(10)} ${lowerUsd.toFixed(3).padStart(10)} ${Number.isNaN(markoutBps) ? "-" : markoutBps.toFixed(2)}`,
      ),
    ])
    .join("\n");
}

/** Jumps of the mid and what became of them, as text. */
export function jumpsText(simulated: readonly Jumps[], logged: readonly Jumps[] | null): string {
  const rows = [
    { name: "simulated, regular hours", jumps: simulated },
    { name: "log of 2026-01-15", jumps: logged ?? [] },
  ].flatMap(({ name, jumps }) =>
    jumps.map(
      (bin) =>
        `  ${name.padEnd(25)} ${bin.atLeastBps} bp: ${bin.jumps} of ${bin.samples} samples, undone ${bin.undone}, next move ${bin.nextShare.toFixed(2)} of it`,
    ),
  );
  const missing =
    logged === null ? ["  skipped: the log of the real market, because it is absent"] : [];
  return `${["jumps of the mid between two samples, at least", ...rows, ...missing].join("\n")}\n`;
}
