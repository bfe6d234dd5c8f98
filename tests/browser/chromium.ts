import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const path = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

export const chromiumFound = existsSync(path);
if (!chromiumFound) console.log(`skipped: no Chromium at ${path}; set CHROMIUM_PATH`);

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: FLAGS });
}

/** Opens the page up to where it shows a quoting bot. What its console complains of goes to `complaints`. */
export async function openDashboard(
  browser: Browser,
  url: string,
  complaints: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ colorScheme: "dark", ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  await page.getByText("live feed · quoting").waitFor();
  return page;
}

/** How many colours a canvas shows: one for an empty one. */
export function coloursOf(page: Page, index: number): Promise<number> {
  return page
    .locator(".chart canvas")
    .nth(index)
    .evaluate((canvas) => {
      const drawn = canvas as HTMLCanvasElement;
      const { data } = drawn.getContext("2d")?.getImageData(0, 0, drawn.width, drawn.height) ?? {
        data: [],
      };
      const colours = new Set<number>();
      for (let i = 0; i < data.length; i += 4)
        colours.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
      return colours.size;
    });
}

/** How far text stands out from what is behind it: 4.5 and more reads well. By WCAG's formula, of the style's colours. */
export function contrastOf(page: Page, text: string, back: string): Promise<number> {
  return page.evaluate(
    ([front, behind]) => {
      const luminance = (name: string): number => {
        const probe = document.createElement("span");
        probe.style.color = `var(--${name})`;
        document.body.append(probe);
        const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
        probe.remove();
        const [r = 0, g = 0, b = 0] = parts.map((part) => {
          const share = Number(part) / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const [a, b] = [luminance(front), luminance(behind)].toSorted((x, y) => y - x);
      return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
    },
    [text, back] as const,
  );
}
