import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blankState, bookEvent, countUp, fillEvent } from "../../support/botFixtures.ts";
import type { Audit } from "../../../lib/messages/audit.ts";
import type { Event } from "../../../lib/messages/events.ts";
import type { BotState } from "../../../lib/messages/state.ts";
import { auditLog } from "../../../lib/runtime/log/auditLog.ts";
import { Logger, openLog } from "../../../lib/runtime/log/logger.ts";
import type { LogLevel } from "../../../lib/runtime/log/logger.ts";
import { RotatingFile } from "../../../lib/runtime/log/rotatingFile.ts";
import { slowSteps } from "../../../lib/runtime/log/slowSteps.ts";
import { redactor } from "../../../lib/runtime/redact.ts";
import { ms } from "../../../lib/units/numbers.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amm500-log-"));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe("the log's files", () => {
  test("are closed when full, shifted, and the oldest is deleted", () => {
    const file = new RotatingFile({ folder, bytesMax: 100, files: 3 });
    for (let n = 0; n < 12; n++) {
      file.add(`${n}`.padStart(40, "x"));
      file.flush();
    }
    file.close();
    const names = readdirSync(folder).toSorted();
    expect(names).toEqual(["bot.1.jsonl", "bot.2.jsonl", "bot.jsonl"]);
    const text = ["bot.2.jsonl", "bot.1.jsonl", "bot.jsonl"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    const numbers = text
      .join("")
      .trim()
      .split("\n")
      .map((line) => Number(line.replace(/x/g, "")));
    expect(numbers).toEqual([6, 7, 8, 9, 10, 11]);
    for (const name of names) {
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    }
    expect(file.lost).toBe(0);
  });

  test("are gone on with after a start, and fewer are kept when fewer are allowed", () => {
    const many = new RotatingFile({ folder, bytesMax: 10, files: 6 });
    for (let n = 0; n < 8; n++) {
      many.add(`line ${n} of many`);
      many.flush();
    }
    many.close();
    expect(readdirSync(folder).length).toBe(6);
    const few = new RotatingFile({ folder, bytesMax: 1000, files: 2 });
    few.add("one more");
    few.close();
    expect(readFileSync(join(folder, "bot.jsonl"), "utf8")).toBe("line 7 of many\none more\n");
    const fewer = new RotatingFile({ folder, bytesMax: 20, files: 2 });
    fewer.add("and one more");
    fewer.close();
    expect(readdirSync(folder).toSorted()).toEqual(["bot.1.jsonl", "bot.jsonl"]);
  });

  test("that cannot be written cost lines, which are counted and told once", () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "a file where a folder should be");
    const told: string[] = [];
    const settings = { LOG_LEVEL: "info", LOG_FILE_MB: 1, LOG_FILES: 2 } as const;
    const opened = openLog(
      blocked,
      settings,
      redactor([]),
      () => 0,
      (text) => told.push(text),
    );
    opened.log.write("info", "one");
    opened.log.flush();
    opened.log.write("info", "two");
    opened.close();
    expect(opened.log.lost).toBe(2);
    expect(told.length).toBe(1);
    expect(told[0]).toStartWith("the log cannot be written: ");
  });

  test("have a bound on what waits to be written", () => {
    const file = new RotatingFile({ folder, bytesMax: 1e9, files: 2 });
    const line = "y".repeat(100_000);
    for (let n = 0; n < 100; n++) file.add(line);
    expect(file.lost).toBeGreaterThan(50);
    file.flush();
    file.add("again");
    file.close();
    expect(readFileSync(join(folder, "bot.jsonl"), "utf8")).toEndWith("again\n");
  });
});

function logged(level: LogLevel | "off", write: (log: Logger) => void): readonly object[] {
  const file = new RotatingFile({ folder, bytesMax: 1e9, files: 2 });
  const log = new Logger({ file, level, nowMs: () => 1000, redact: redactor(["hidden-word"]) });
  write(log);
  file.close();
  const names = readdirSync(folder);
  if (names.length === 0) return [];
  const text = readFileSync(join(folder, "bot.jsonl"), "utf8").trim();
  return text.split("\n").map((line) => JSON.parse(line) as object);
}

describe("a line", () => {
  test("is one object with time, level, event and fields, without secrets, not endless", () => {
    const lines = logged("info", (log) => {
      log.write("warning", "trouble", { text: "a hidden-word\nin it", count: 2 }, 86_400_000);
      log.write("info", "long", { text: "z".repeat(10_000) });
      log.write("debug", "detail");
      expect(log.counts).toEqual({ error: 0, warning: 1, info: 1, debug: 0 });
    });
    expect(lines[0]).toEqual({
      time: "1970-01-02T00:00:00.000Z",
      level: "warning",
      event: "trouble",
      text: "a [secret]\nin it",
      count: 2,
    });
    expect(JSON.stringify(lines[1]).length).toBeLessThan(2200);
    expect(lines.length).toBe(2);
  });

  test("is not written when the log is off", () => {
    expect(logged("off", (log) => log.write("error", "worst"))).toEqual([]);
  });
});

function audit(event: Event, after: (state: BotState) => BotState): Audit {
  const before = blankState();
  return {
    stepSeq: 1,
    event,
    before,
    after: after(before),
    approved: [],
    refused: [],
    committed: true,
  };
}

describe("of the steps", () => {
  const base = { id: "x", atMs: ms(5000), view: null };
  const rows: readonly (readonly [string, Audit, object])[] = [
    [
      "a halt is a warning",
      audit(bookEvent("b"), (state) => ({
        ...state,
        risk: { ...state.risk, mode: "halted", reason: "operator: stop" },
      })),
      {
        level: "warning",
        event: "riskMode",
        from: "normal",
        mode: "halted",
        reason: "operator: stop",
      },
    ],
    [
      "a lost feed is a warning",
      audit(
        { ...base, kind: "feedState", feed: "market", state: "lost", detail: "cut" },
        (state) => state,
      ),
      { level: "warning", event: "feed", feed: "market", state: "lost", detail: "cut" },
    ],
    [
      "a failed reconciliation is a warning",
      audit(bookEvent("b"), (state) => ({
        ...state,
        run: { ...state.run, reconcileFailure: "no answer" },
      })),
      { level: "warning", event: "reconcileFailed", failure: "no answer" },
    ],
    [
      "an unanswered batch is a warning",
      audit(
        {
          ...base,
          kind: "outcome",
          nonce: 7,
          roundTripMs: null,
          outcomes: [{ cloid: "0x1", op: "place", result: "unresolved", text: "cut" }],
        },
        (state) => state,
      ),
      { level: "warning", event: "unresolved", nonce: 7, count: 1, text: "cut" },
    ],
    [
      "a fill is info",
      audit(fillEvent(3), (state) => ({ ...state, ledger: { ...state.ledger } })),
      { level: "info", event: "fill", tid: 3 },
    ],
    [
      "an operator's word is info",
      audit(
        { ...base, kind: "operator", order: { op: "reduceOnly", enabled: true }, reason: "why" },
        (state) => state,
      ),
      { level: "info", event: "operator", op: "reduceOnly", enabled: true, reason: "why" },
    ],
  ];
  test.each(rows)("%s", (_name, step, expected) => {
    const lines = logged("info", (log) => auditLog(log)(step));
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatchObject(expected);
  });

  test("books and repeated fills leave no line, outcomes only with debug", () => {
    expect(logged("debug", (log) => auditLog(log)(audit(bookEvent("b"), countUp)))).toEqual([]);
    expect(logged("debug", (log) => auditLog(log)(audit(fillEvent(3), (state) => state)))).toEqual(
      [],
    );
  });

  test("those over budget are gathered into one line", () => {
    let nowMs = 0;
    const step = (queuedMs: number) => ({
      queuedMs,
      handlerMs: 1,
      riskMs: 0,
      commitMs: 1,
      committed: true,
    });
    const lines = logged("info", (log) => {
      const slow = slowSteps(log, () => nowMs);
      for (const queuedMs of [0, 5, 9, 7, 0.5]) slow(step(queuedMs));
      nowMs = 10_000;
      slow(step(4));
    });
    expect(lines).toMatchObject([
      { event: "slowSteps", count: 1, queuedMs: 5 },
      { event: "slowSteps", count: 3, queuedMs: 9 },
    ]);
  });
});
