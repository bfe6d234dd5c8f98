import type { Report } from "../report/report.ts";
import { formatUsd } from "../../units/decimal.ts";
import { microUsd } from "../../units/numbers.ts";

/** More capital than the evidence allows; the sentence says what is missing. */
export class PhaseError extends Error {
  override readonly name = "PhaseError";
}

/** A step of live capital (design: from paper to live). */
export type Phase = {
  readonly step: 1 | 2 | 3;
  /** Most capital of the step. */
  readonly capMicroUsd: number;
  /** What has to be in the database before it opens. */
  readonly needs: "paper" | "live";
};

const DOLLAR = 1_000_000;

const PHASES: readonly Phase[] = [
  { step: 1, capMicroUsd: 500 * DOLLAR, needs: "paper" },
  { step: 2, capMicroUsd: 1000 * DOLLAR, needs: "live" },
  { step: 3, capMicroUsd: 5000 * DOLLAR, needs: "live" },
];

/** Clean days that a step asks for. */
export const DAYS_NEEDED = 7;

/** A day of evidence: 24 hours of a database's own time. */
export type EvidenceDay = {
  readonly fromMs: number;
  readonly clean: boolean;
  /** Why not; empty when it is clean. */
  readonly faults: readonly string[];
};

/** What a database shows about its last seven days. */
export type Evidence = {
  readonly mode: string;
  readonly market: string;
  readonly feed: string;
  readonly speed: number;
  readonly days: readonly EvidenceDay[];
  /** The gates of the report, as they stood. */
  readonly gates: readonly string[];
};

/** One opening of a step, as it is kept for ever. */
export type PhaseRecord = {
  readonly atMs: number;
  readonly step: number;
  readonly capitalMicroUsd: number;
  readonly basis: "evidence" | "override";
  /** The operator's words for an override; null where evidence was enough. */
  readonly reason: string | null;
  readonly evidence: Evidence | null;
};

/** The first step whose cap the capital fits; null beyond the last one. */
export function phaseOf(capitalMicroUsd: number): Phase | null {
  return PHASES.find(({ capMicroUsd }) => capitalMicroUsd <= capMicroUsd) ?? null;
}

/** A day is clean that was covered, whose books close to the micro-dollar, and on which nothing had to be stopped. */
export function evidenceOf(report: Report, alarmsAt: readonly number[]): Evidence | null {
  const { stamp } = report;
  if (stamp === null) return null;
  const days = report.days.map((day): EvidenceDay => {
    const faults: string[] = [];
    if (!day.complete) faults.push(`only ${(100 * day.uptime).toFixed(0)} % covered`);
    const residual = day.pnl?.residual ?? null;
    if (day.complete && residual === null) faults.push("its books cannot be closed");
    if (residual !== null && residual !== 0) faults.push(`${residual} micro-USD are unexplained`);
    const { drawdown } = day;
    if (drawdown !== null && drawdown >= DRAWDOWN_MAX)
      faults.push(`a drawdown of ${(100 * drawdown).toFixed(2)} %`);
    const alarms = alarmsAt.filter((atMs) => atMs >= day.fromMs && atMs < day.toMs).length;
    if (alarms > 0) faults.push(`${alarms} halts or alarms`);
    return { fromMs: day.fromMs, clean: faults.length === 0, faults };
  });
  return {
    mode: stamp.mode,
    market: stamp.market,
    feed: stamp.feed,
    speed: stamp.speed,
    days,
    gates: report.gates.map(({ name, value, verdict }) => `${name} ${value}: ${verdict}`),
  };
}

/** Beyond this the run itself would have halted. */
const DRAWDOWN_MAX = 0.05;

export type PhaseQuestion = {
  readonly capitalMicroUsd: number;
  readonly market: string;
  /** Of the paper folder, for the first step. */
  readonly paper: Evidence | null;
  /** Of the live folder itself, for the later ones. */
  readonly live: Evidence | null;
  /** Openings so far, oldest first. */
  readonly history: readonly PhaseRecord[];
};

export type PhaseAnswer = {
  readonly phase: Phase | null;
  readonly evidence: Evidence | null;
  /** What is missing, one sentence each; empty: the step is open. */
  readonly missing: readonly string[];
  /** It was opened before, for this capital or more: nothing new has to be shown. */
  readonly openedBefore: boolean;
};

/** Whether the evidence opens the step that the capital needs. Says all that is missing. */
export function judgePhase(question: PhaseQuestion): PhaseAnswer {
  const { capitalMicroUsd, history } = question;
  const phase = phaseOf(capitalMicroUsd);
  if (history.some((record) => record.capitalMicroUsd >= capitalMicroUsd))
    return { phase, evidence: null, missing: [], openedBefore: true };
  if (phase === null) {
    const last = dollars(PHASES.at(-1)?.capMicroUsd ?? 0);
    const missing = [`no step goes beyond ${last}`];
    return { phase, evidence: null, missing, openedBefore: false };
  }
  const evidence = phase.needs === "paper" ? question.paper : question.live;
  const missing: string[] = [];
  if (evidence === null)
    missing.push(
      phase.needs === "paper"
        ? `${DAYS_NEEDED} clean paper days: there is no paper run to look at (--evidence <folder>)`
        : `${DAYS_NEEDED} clean live days: nothing was traded from this folder yet`,
    );
  else missing.push(...faultsOf(evidence, phase, question.market));
  if (phase.step > 1 && !history.some(({ step }) => step === phase.step - 1))
    missing.push(`step ${phase.step - 1} was never opened in this folder`);
  return { phase, evidence, missing, openedBefore: false };
}

function faultsOf(evidence: Evidence, { needs }: Phase, market: string): string[] {
  const faults: string[] = [];
  if (evidence.mode !== needs)
    faults.push(`evidence of a ${needs} run; this one was "${evidence.mode}"`);
  if (evidence.speed !== 1) faults.push(`evidence in real time; this ran at ${evidence.speed}×`);
  if (nameOf(evidence.market) !== nameOf(market))
    faults.push(`evidence of ${nameOf(market)}; this is of ${evidence.market}`);
  const clean = evidence.days.filter((day) => day.clean).length;
  if (clean < DAYS_NEEDED) {
    const first = evidence.days.find((day) => !day.clean);
    const why = first === undefined ? "" : `, such as ${dayText(first)}`;
    faults.push(`${DAYS_NEEDED} clean ${needs} days; there are ${clean}${why}`);
  }
  return faults;
}

function dayText({ fromMs, faults }: EvidenceDay): string {
  return `${new Date(fromMs).toISOString().slice(0, 10)}: ${faults.join(", ")}`;
}

/** "US500" of "km:US500": the same index on another dex is the same market to learn. */
function nameOf(market: string): string {
  return market.slice(market.indexOf(":") + 1);
}

/** @throws PhaseError saying what is missing and how a step is opened all the same */
export function phaseRefusal(capitalMicroUsd: number, answer: PhaseAnswer): PhaseError {
  const step = answer.phase === null ? "" : ` (step ${answer.phase.step})`;
  return new PhaseError(
    `capital ${dollars(capitalMicroUsd)}${step} is not open yet. Missing: ${answer.missing.join("; ")}. Less capital, more days, or, recorded for ever: --override "<why>"`,
  );
}

function dollars(value: number): string {
  return `$${formatUsd(microUsd(value))}`;
}
