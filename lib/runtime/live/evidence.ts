import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { evidenceOf, DAYS_NEEDED } from "./phases.ts";
import type { Evidence, PhaseRecord } from "./phases.ts";
import { readReportData } from "../report/reportData.ts";
import { reportOf } from "../report/report.ts";
import { DATABASE_FILE } from "../../store/database.ts";
import { DatabaseError } from "../../store/errors.ts";
import { openReader } from "../../store/readModel.ts";
import type { ReadModel } from "../../store/readModel.ts";
import type { Store } from "../../store/store.ts";

const PHASES_META = "livePhases";

const Records = z.array(
  z.looseObject({
    atMs: z.number(),
    step: z.number(),
    capitalMicroUsd: z.number(),
    basis: z.enum(["evidence", "override"]),
    reason: z.string().nullable(),
    evidence: z.unknown(),
  }),
);

/** The last seven days of a database; null when nothing was traded there. */
export function evidenceIn(read: ReadModel): Evidence | null {
  const data = readReportData(read, DAYS_NEEDED);
  if (data === null) return null;
  const halts = data.modeChanges.filter(({ reason }) => reason === "halted");
  const alarms = read.decisionsUntil(data.toMs, "alarm", ALARMS_MAX);
  const stops = [...halts, ...alarms].map(({ atMs }) => atMs);
  return evidenceOf(reportOf(data), stops);
}

const ALARMS_MAX = 10_000;

/** The same of a folder; null when it holds no database. @throws DatabaseError when the database cannot be read */
export function evidenceOfFolder(dataDir: string): Evidence | null {
  if (!existsSync(join(dataDir, DATABASE_FILE))) return null;
  const reader = openReader(dataDir);
  try {
    return evidenceIn(reader);
  } finally {
    reader.close();
  }
}

/** Openings of capital steps, oldest first. @throws DatabaseError when they are damaged */
export function phaseHistory(read: Pick<ReadModel, "meta">): readonly PhaseRecord[] {
  const text = read.meta(PHASES_META);
  if (text === null) return [];
  try {
    return Records.parse(JSON.parse(text)) as unknown as readonly PhaseRecord[];
  } catch (cause) {
    throw new DatabaseError(`the record of live steps is damaged: ${String(cause)}`, { cause });
  }
}

/** Keeps an opening for ever. */
export function recordPhase(store: Store, record: PhaseRecord): void {
  store.putMeta(PHASES_META, JSON.stringify([...phaseHistory(store.read), record]));
}
