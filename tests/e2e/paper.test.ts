import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../support/cliProcess.ts";
import { startPaperProcess } from "../support/paperProcess.ts";
import { summaryOf } from "../support/summarySchema.ts";
import { openReader } from "../../lib/store/readModel.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "amm500-paper-"));
afterAll(async () => {
  await endProcesses();
  rmSync(folder, { recursive: true });
});

/** When the first quote was signed, and when its rest was known, in market time since the start of the run. */
function firstQuote(dataDir: string): { readonly sentMs: number; readonly restedMs: number } {
  const reader = openReader(dataDir);
  try {
    const events = Array.from({ length: reader.counts()["inbox"] ?? 0 }, (_, n) =>
      reader.event(n + 1),
    );
    const started = events.find((event) => event?.kind === "runStarted")?.atMs ?? Number.NaN;
    const rested = events.find((event) => event?.kind === "outcome")?.atMs ?? Number.NaN;
    const sent = reader.outbox(1_000_000).at(-1)?.sentMs ?? Number.NaN;
    return { sentMs: sent - started, restedMs: rested - started };
  } finally {
    reader.close();
  }
}

test("a short paper run quotes, shows itself, ends by itself, and its books close", async () => {
  const dataDir = join(folder, "data");
  const words = ["--duration", "24s", "--speed", "4", "--seed", "7"];
  const paper = await startPaperProcess(dataDir, words);
  const quoting = await paper.untilQuoting();
  expect(quoting).toMatchObject({ running: true, phase: "quoting", spec: { market: "km:US500" } });

  const page = await fetch(paper.url);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(await page.text()).toContain("<script");
  const health = await fetch(`${paper.url}/health`);
  expect(await health.json()).toMatchObject({ ok: true });
  const metrics = await fetch(`${paper.url}/metrics`);
  expect(metrics.headers.get("content-type")).toContain("text/plain");
  expect(await metrics.text()).toMatch(/^amm500_event_to_wire_seconds\{quantile="0.5"\} /m);

  const { code, stdout, stderr } = await paper.process.ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const summary = summaryOf(stdout);
  expect(summary).toMatchObject({
    mode: "paper",
    market: "km:US500",
    collateral: "USDH",
    seed: 7,
    openOrdersAtEnd: 0,
    errors: [],
    pnl: { residualMicroUsd: 0 },
  });
  expect(summary.durationMs).toBeGreaterThanOrEqual(24_000);
  expect(summary.orders.placed).toBeGreaterThan(0);
  expect(summary.position.lots).toBe(summary.position.venueLots);
  expect(summary.fills.maker + summary.fills.taker).toBe(summary.fills.count);
  const { queue, through, taker } = summary.fills.byCause;
  expect(queue + through + taker).toBe(summary.fills.count);
  expect(stderr).toContain("km:US500");
  const { sentMs, restedMs } = firstQuote(dataDir);
  console.log(
    `first quote: sent ${sentMs} ms and known to rest ${restedMs} ms of market time (4 times the wall's) after the start; ${summary.fills.count} fills`,
  );
  for (const left of ["run.json", "bot.lock"])
    expect({ left, exists: existsSync(join(dataDir, left)) }).toEqual({ left, exists: false });
});
