import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SYSTEM_PROCESSES } from "../../lib/runtime/processTable.ts";
import {
  lastWatchdogDone,
  livingWatchdog,
  sayWatching,
} from "../../lib/runtime/watchdog/watchdogFile.ts";

const dataDir = mkdtempSync(join(tmpdir(), "amm500-watchdog-file-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

/** As a watchdog with this process id would have written it. */
function said(pid: number, started: string | null, bot: number): void {
  writeFileSync(join(dataDir, "watchdog.json"), JSON.stringify({ pid, started, bot }));
}

test("who watches, by process id and start", () => {
  expect(livingWatchdog(dataDir)).toBeNull();
  sayWatching(dataDir, 77);
  expect(livingWatchdog(dataDir)).toEqual({ pid: process.pid, bot: 77 });
  // A process id is used again: another process with it is no watchdog.
  said(process.pid, "an earlier start", 77);
  expect(livingWatchdog(dataDir)).toBeNull();
  writeFileSync(join(dataDir, "watchdog.json"), "{");
  expect(livingWatchdog(dataDir)).toBeNull();
});

test("the watchdog of a bot that died is waited for, ours is not", async () => {
  const other = Bun.spawn(["sleep", "60"]);
  const started = SYSTEM_PROCESSES.startOf(other.pid);
  said(other.pid, started, process.pid);
  expect(await lastWatchdogDone(dataDir, 60_000)).toBeNull();
  said(other.pid, started, 77);
  expect(await lastWatchdogDone(dataDir, 0)).toBe(other.pid);
  const waited = lastWatchdogDone(dataDir, 60_000);
  other.kill();
  expect(await waited).toBeNull();
});
