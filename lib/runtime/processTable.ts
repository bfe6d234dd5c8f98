import { readFileSync } from "node:fs";

/** What is asked of the system about processes; tests pass their own. */
export type ProcessTable = {
  readonly own: number;
  readonly isAlive: (pid: number) => boolean;
  /** A mark of when the process started, which tells two lives of one id apart; null when unknown. */
  readonly startOf: (pid: number) => string | null;
};

export const SYSTEM_PROCESSES: ProcessTable = {
  own: process.pid,
  isAlive(pid) {
    // One that has ended and is not collected by its parent does nothing any more.
    if (statOf(pid)?.[0] === "Z") return false;
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // Another user's process cannot be signalled, but lives.
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  },
  // Field 22, counted after the command's name: ticks since boot (proc(5)).
  startOf: (pid) => statOf(pid)?.[19] ?? null,
};

/** Fields of `/proc/<pid>/stat` after the command's name, which may hold spaces; null where the system has none. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
