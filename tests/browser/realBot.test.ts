import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { PastView } from "../../lib/dashboard/stories.ts";
import type { StatusReport } from "../../lib/runtime/status.ts";
import { endProcesses, runCli } from "../support/cliProcess.ts";
import { NO_LIMITS, startPaperProcess } from "../support/paperProcess.ts";
import type { PaperProcess } from "../support/paperProcess.ts";
import { until } from "../support/until.ts";
import { chromiumFound, coloursOf, contrastOf, launchChromium, openDashboard } from "./chromium.ts";

// A browser, a bot and an exchange that answer in their own time; nothing is measured.
setDefaultTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), "real-bot-"));

describe.skipIf(!chromiumFound)("the page over a real bot", () => {
  let browser: Browser;
  let paper: PaperProcess;
  let page: Page;
  const complaints: string[] = [];

  const openPage = (options: BrowserContextOptions = {}): Promise<Page> =>
    openDashboard(browser, paper.url, complaints, options);
  const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });
  const dialog = () => page.getByRole("dialog");
  const slider = () => page.getByRole("slider", { name: "Moment shown" });

  const sliderSays = (text: RegExp) =>
    until(`the slider says ${text}`, async () =>
      text.test((await slider().getAttribute("aria-valuetext")) ?? "") ? true : null,
    );

  const untilStatus = (what: string, is: (status: StatusReport) => boolean) =>
    until(what, async () => {
      const status = await paper.status();
      return is(status) ? status : null;
    });

  /** Gives an order with the token that the tab has kept. */
  async function order(label: string, act: string): Promise<void> {
    await button(label).click();
    await dialog().getByRole("button", { name: act }).click();
    await dialog().waitFor({ state: "hidden" });
    await page.locator(".outcome").getByText(`${label} at`).waitFor();
  }

  beforeAll(async () => {
    const words = ["--duration", "10m", "--seed", "7"];
    const env = { ...NO_LIMITS, ORDER_WORKERS: "2" };
    [paper, browser] = await Promise.all([
      startPaperProcess(join(folder, "data"), words, { env }),
      launchChromium(),
    ]);
    await paper.untilQuoting();
    page = await openPage();
  });
  afterAll(async () => {
    await browser.close();
    await endProcesses();
    rmSync(folder, { recursive: true, force: true });
  });

  test("draws its charts and follows the bot without a complaint", async () => {
    await page.locator("header").getByText("SIMULATED", { exact: true }).waitFor();
    const clock = page.locator("header time");
    const before = await clock.textContent();
    await until("the clock moves", async () => (await clock.textContent()) !== before || null);
    for (let chart = 0; chart < 4; chart++)
      await until(
        `chart ${chart} is drawn`,
        async () => (await coloursOf(page, chart)) > 3 || null,
      );
    const described = page.getByRole("img", { name: "Price over time" });
    await until("the chart is told in words", async () => {
      const text = await described.evaluate(
        (element) =>
          document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent,
      );
      return /^From .* UTC; last: market \d+\.\d+ \/ \d+\.\d+/.test(text ?? "") || null;
    });
    expect(complaints).toEqual([]);
  });

  test("what merely happened is not told in the colour of an alarm", async () => {
    const tag = page.locator(".log .tag", { hasText: /^feed$/ }).first();
    await tag.waitFor();
    const colourOf = (name: string) =>
      page.evaluate((variable) => {
        const probe = document.createElement("span");
        probe.style.color = `var(--${variable})`;
        document.body.append(probe);
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
      }, name);
    const colour = await tag.evaluate((element) => getComputedStyle(element).color);
    expect(colour).toBe(await colourOf("dim"));
    expect(colour).not.toBe(await colourOf("bad"));
  });

  test("a quote explains itself as the command does", async () => {
    const quote = page.locator("table.book").getByRole("button", { name: /why our bid is here/ });
    const asked = page.waitForRequest(/\/api\/why\?order=/);
    await quote.first().focus();
    await page.keyboard.press("Enter");
    const id = new URL((await asked).url()).searchParams.get("order") ?? "";
    const panel = page.getByRole("complementary", { name: "Why this order" });
    await panel.getByText("expected edge").waitFor();
    await panel.getByText("answer: resting").first().waitFor();
    const told = (await (await fetch(`${paper.url}/api/why?order=${id}`)).json()) as {
      readonly order: unknown;
    };
    const cli = await runCli(["why", id, "--data", paper.dataDir, "--json"]);
    const said = JSON.parse(cli.stdout) as { readonly order: unknown };
    expect(told.order).toEqual(said.order);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "hidden" });
    expect(complaints).toEqual([]);
  });

  test("looks back by click and by arrow keys, and returns to now", async () => {
    // The chart shows ten seconds at least: a young bot's left part is before its first book.
    await until("the bot knows the moment that is clicked", async () => {
      const answer = await fetch(`${paper.url}/api/past?at=${Date.now() - 3000}`);
      return ((await answer.json()) as PastView).book;
    });
    const chart = page.locator(".u-over").first();
    const box = await chart.boundingBox();
    if (box === null) throw new Error("no chart was drawn");
    await chart.click({ position: { x: box.width * 0.8, y: 8 } });
    await page.getByRole("complementary", { name: "Why, at this moment" }).waitFor();
    await page.getByText("ago, not now").waitFor();
    const shown = page.locator(".why .headline");
    const first = await shown.textContent();
    const mid = page.locator(".figure", { hasText: "Mid" }).locator("dd").first();
    await until(
      "the mid of that moment",
      async () => /^\d+\.\d+$/.test((await mid.textContent()) ?? "") || null,
    );
    await slider().focus();
    await page.keyboard.press("ArrowLeft");
    await until(
      "another moment is told",
      async () => (await shown.textContent()) !== first || null,
    );
    await sliderSays(/^\d\d:\d\d:\d\d UTC, .* ago$/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByText("ago, not now").waitFor({ state: "hidden" });
    await sliderSays(/^now$/);
    await slider().press("ArrowLeft");
    await button("Back to now").click();
    await sliderSays(/^now$/);
    expect(complaints).toEqual([]);
  });

  test("what the ledger says of a moment is what the bot knew then", async () => {
    await until("both agree on what rests", async () => {
      const { orders, positionLots } = await paper.status();
      const answer = await fetch(`${paper.url}/api/past?at=${Date.now()}`);
      const then = (await answer.json()) as PastView;
      const known = orders.map(({ cloid }) => cloid).toSorted();
      const told = then.orders.map(({ cloid }) => cloid).toSorted();
      const alike = known.join() === told.join() && then.positionLots === positionLots;
      return known.length > 0 && alike && then.book !== null ? true : null;
    });
  });

  test("refuses without the token, says so, and changes nothing", async () => {
    await button("Halt").click();
    await dialog().getByRole("button", { name: "Halt now" }).click();
    // The browser itself asks for what is missing.
    expect(await dialog().isVisible()).toBe(true);
    await dialog().getByLabel("Token").fill("not the token");
    await dialog().getByRole("button", { name: "Halt now" }).click();
    await dialog().getByText("a valid bearer token is needed").waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining("401")]);
    expect((await paper.status()).risk.mode).not.toBe("halted");
    const bare = await page.evaluate(async () => {
      const answers = ["reduce-only", "cancel-all", "flatten", "halt", "resume"].map((path) =>
        fetch(path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            reason: "none",
            ...(path === "reduce-only" && { enabled: true }),
          }),
        }),
      );
      return (await Promise.all(answers)).map(({ status }) => status);
    });
    expect(bare).toEqual([401, 401, 401, 401, 401]);
    complaints.length = 0;
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "hidden" });
  });

  test("each control works, and the token is asked for once", async () => {
    await button("Reduce-only on").click();
    await dialog().getByLabel("Token").fill(paper.token());
    await dialog().getByLabel("Reason, for the log").fill("lunch");
    await page.keyboard.press("Enter");
    await page.locator(".outcome").getByText("The bot obeyed").waitFor();
    await untilStatus("reduce-only", ({ risk }) => risk.reason === "operator: lunch");
    await button("Reduce-only off").waitFor();
    await order("Reduce-only off", "Allow both sides again");
    await untilStatus("both sides", ({ risk }) => risk.mode === "normal");

    await order("Cancel all", "Cancel all orders");
    await untilStatus(
      "nothing rests",
      ({ orders, risk }) => orders.length === 0 && risk.mode === "halted",
    );
    await page.locator(".notices").getByText("Halted: operator: cancel all").waitFor();
    await page.locator("header").getByText("live feed · halted").waitFor();
    await order("Resume", "Resume quoting");
    await untilStatus("it quotes", ({ orders }) => orders.some(({ phase }) => phase === "resting"));

    await order("Halt", "Halt now");
    await untilStatus(
      "halted",
      ({ orders, risk }) => orders.length === 0 && risk.mode === "halted",
    );
    await order("Resume", "Resume quoting");
    await order("Flatten", "Flatten now");
    await untilStatus(
      "flat",
      ({ orders, positionLots }) => orders.length === 0 && positionLots === 0,
    );
    await order("Resume", "Resume quoting");
    await page.getByText("live feed · quoting").waitFor();
    const kept = await page.evaluate(() => [
      document.cookie,
      JSON.stringify(localStorage),
      location.href,
    ]);
    expect(kept.join(" ")).not.toContain(paper.token());
    expect(complaints).toEqual([]);
  });

  test("can be walked with the keyboard, and the focus is always seen", async () => {
    const wide = page;
    page = await openPage();
    const names: string[] = [];
    for (let i = 0; i < 16; i++) {
      await page.keyboard.press("Tab");
      const { name, outline } = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
        return { name: label.trim(), outline: getComputedStyle(element).outlineStyle };
      });
      names.push(name);
      expect(`${name}: ${outline}`).not.toBe(`${name}: none`);
    }
    const joined = names.join("|");
    for (const word of ["Skip to the figures", "5 min", "Moment shown", "Halt", "Resume"])
      expect(joined).toContain(word);
    await page.context().close();
    page = wide;
  });

  test("is readable by a screen reader: landmarks, names, headers", async () => {
    const tree = await page.locator("body").ariaSnapshot();
    for (const landmark of ["- banner", "- main", "- contentinfo", '- region "Time and controls"'])
      expect(tree).toContain(landmark);
    for (const title of ["Price", "Order book", "Risk", "Action budget", "Latency and workers"])
      expect(tree).toContain(`- region "${title}"`);
    const nameless = tree
      .split("\n")
      .filter((line) =>
        /^\s*- (?:button|img|slider|combobox|region|meter|textbox)(?::|$)/.test(line),
      );
    expect(nameless).toEqual([]);
    expect(tree.match(/columnheader/g)?.length ?? 0).toBeGreaterThanOrEqual(6);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const text of ["text", "dim", "bid", "ask", "good", "bad", "warn", "accent"]) {
        const contrast = await contrastOf(page, text, "panel");
        expect(`${colorScheme} ${text}: ${contrast >= 4.5}`).toBe(`${colorScheme} ${text}: true`);
      }
    }
    expect(complaints).toEqual([]);
  });

  test("fits a phone with the explanation and the question open", async () => {
    const wide = page;
    page = await openPage({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(390);
    await page.locator("table.book button.link").first().tap();
    await page.getByRole("heading", { name: "From fair value to the price" }).waitFor();
    expect(await width()).toBe(390);
    await button(/close/).tap();
    await button("Halt").tap();
    await dialog().getByLabel("Token").waitFor();
    const box = await dialog().boundingBox();
    expect(box !== null && box.x >= 0 && box.x + box.width <= 390).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
    page = wide;
  });
});
