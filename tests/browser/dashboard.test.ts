import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { until } from "../support/until.ts";
import { chromiumFound, launchChromium, openDashboard } from "./chromium.ts";
import { playedRun } from "./fixture.ts";
import { serveFixture } from "./serveFixture.ts";
import type { Served } from "./serveFixture.ts";

// A browser answers in its own time; nothing is measured.
setDefaultTimeout(30_000);

describe.skipIf(!chromiumFound)("the page in a browser", () => {
  let browser: Browser;
  let served: Served;
  const complaints: string[] = [];

  const openPage = (options: BrowserContextOptions = {}): Promise<Page> =>
    openDashboard(browser, served.url, complaints, options);

  beforeAll(async () => {
    served = serveFixture(playedRun(7, 10));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await served.stop();
  });

  test("says plainly that it is paper, shows every part, and complains of nothing", async () => {
    const page = await openPage();
    expect(await page.title()).toBe("PAPER km:US500");
    await page.locator("header").getByText("PAPER · simulated market, seed 7").waitFor();
    await page.locator("header").getByText("SIMULATED", { exact: true }).waitFor();
    const titles = await page.getByRole("heading", { level: 2 }).allTextContents();
    expect(titles).toEqual([
      "Price",
      "Position",
      "PnL",
      "Equity and drawdown",
      "Volatility",
      "Order book",
      "Risk",
      "Markouts, bp",
      "PnL, paper USDH",
      "Margin, paper USDH",
      "Action budget",
      "Latency and workers",
      "Event log: what it did, and why",
    ]);
    expect(await page.locator("body").textContent()).not.toContain("$");
    await page.getByText("No real money and no real orders").waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("follows the run without being reloaded", async () => {
    const page = await openPage();
    served.run.risk("widened", "a reason to see");
    await page.locator(".notices").getByText("Risk mode widened: a reason to see").waitFor();
    served.run.risk("normal", "back again");
    await page.getByText("Risk widened → normal: back again").waitFor();
    await page.context().close();
  });

  test("a chart stays the same chart while it moves, and tells what the pointer is over", async () => {
    const page = await openPage();
    const over = await page.waitForSelector(".u-over");
    const box = await over.boundingBox();
    if (box === null) throw new Error("no chart was drawn");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const readout = page.locator(".over").first();
    await readout.getByText(/^\d\d:\d\d:\d\d · market \d+\.\d+/).waitFor();
    for (let i = 0; i < 3; i++) {
      served.run.tick();
      const next = new Date(served.run.nowMs).toISOString().slice(11, 19);
      await page.locator("header time", { hasText: next }).waitFor();
    }
    expect(await over.evaluate((element) => element.isConnected)).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("a stale feed and a cut line are loud, and both heal", async () => {
    const page = await openPage();
    served.run.feedState("stale", "no book for 3 s");
    await page.getByText("The market feed is stale: quotes are pulled").waitFor();
    served.run.feedState("live", "books again");
    await page.getByText("live feed · quoting").waitFor();

    await page.context().setOffline(true);
    const port = Number(new URL(served.url).port);
    const { run } = served;
    await served.stop();
    await page.locator(".notices").getByText("Disconnected from the bot.").waitFor();
    run.fill("bid");
    const fills = run.state.ledger.fills.count;
    served = serveFixture(run, port);
    await page.context().setOffline(false);
    await page.getByText("live feed · quoting").waitFor();
    const shown = page.locator(".figure", { hasText: "Fills" }).locator("dd").first();
    await until(
      "what was missed is shown",
      async () => (await shown.textContent()) === String(fills) || null,
    );
    complaints.length = 0;
    await page.context().close();
  });

  test("a fill explains itself, from its mark and from the log", async () => {
    const page = await openPage();
    served.run.fill("bid");
    const fill = served.run.feed.snapshot().fills.at(-1);
    if (fill === undefined) throw new Error("nothing was filled");
    for (let i = 0; i < 40; i++) served.run.tick();
    await page.getByRole("button", { name: "Fills", exact: true }).click();
    const log = page.getByRole("list", { name: "Decisions, newest first" });
    const line = log.locator("li", {
      has: page.locator(`time[datetime="${new Date(fill.atMs).toISOString()}"]`),
    });
    await line.locator("summary").first().press("Enter");
    await line.getByRole("button", { name: "why this fill's order" }).first().press("Enter");
    await page.getByText("Nothing is stored of a made-up run.").waitFor();
    const question = { kind: "order", id: fill.order } as const;
    expect(served.asked.at(-1)).toEqual(question);
    await page.keyboard.press("Escape");

    // Where the mark is across is known from its time; how high, the clicks find out.
    const over = page.locator(".u-over").first();
    const share = (fill.atMs - (served.run.nowMs - 300_000)) / (300_000 * 1.05);
    const before = served.asked.length;
    const found = (): boolean =>
      served.asked
        .slice(before)
        .some(({ kind, ...rest }) => kind === "order" && "id" in rest && rest.id === fill.order);
    // The first miss opens the panel, which makes room for itself beside the chart.
    for (let y = 5; y < 270 && !found(); y += 9) {
      const box = await over.boundingBox();
      await over.click({ position: { x: (box?.width ?? 0) * share, y } });
    }
    await until("the mark was found", () => found() || null, 15_000);
    await page.getByRole("complementary", { name: "Why this order" }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("the log narrows by keyboard alone and explains itself", async () => {
    const page = await openPage();
    await page.getByRole("button", { name: "Refusals" }).focus();
    await page.keyboard.press("Enter");
    const log = page.getByRole("list", { name: "Decisions, newest first" });
    await until("one refusal is left", async () => (await log.locator("li").count()) === 1 || null);
    await log.getByText("no edge at this fee tier").first().waitFor();
    await page.getByRole("button", { name: "Quotes" }).press("Enter");
    const summary = log.locator("summary").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await log.getByText("bid: fair").first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("fits a phone, in both colour schemes, and the charts fit it too", async () => {
    for (const colorScheme of ["dark", "light"] as const) {
      const page = await openPage({ colorScheme, viewport: { width: 390, height: 844 } });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBe(390);
      const canvas = await page.locator("canvas").first().boundingBox();
      expect(canvas?.width ?? 1000).toBeLessThan(390);
      await page.setViewportSize({ width: 1200, height: 800 });
      await page.waitForFunction(() => (document.querySelector(".uplot")?.clientWidth ?? 0) > 800);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });
});
