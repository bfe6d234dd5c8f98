import { describe, expect, test } from "bun:test";
import { bundlePage } from "../../lib/dashboard/bundle.ts";
import { dashboardRoutes } from "../../lib/dashboard/routes.ts";
import { StreamHub } from "../../lib/dashboard/stream.ts";
import type { Snapshot } from "../../lib/dashboard/types.ts";
import { FakeRun, playedRun } from "../browser/fixture.ts";

async function firstEvents(body: ReadableStream<Uint8Array>, until: RegExp): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (until.test(text)) break;
  }
  return text;
}

describe("the page's routes", () => {
  test("the page and its files come from memory, with a strict policy and no foreign address", async () => {
    const app = dashboardRoutes(new FakeRun(1).feed);
    const page = await app.request("/");
    expect(page.status).toBe(200);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    const html = await page.text();
    const names = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(names.toSorted()).toEqual(["assets/icon.svg", "assets/main.js", "assets/page.css"]);
    expect(html).not.toMatch(/style=|<script(?! type="module" src)/);
    for (const name of names) {
      const file = await app.request(`/${name}`);
      expect(file.status).toBe(200);
      const text = await file.text();
      expect(text.length).toBeGreaterThan(100);
      const foreign = [...text.matchAll(/https?:\/\/[\w.-]+/g)].map((match) => match[0]);
      expect(foreign.filter((address) => !address.endsWith("//www.w3.org"))).toEqual([]);
      const etag = file.headers.get("etag") ?? "";
      const again = await app.request(`/${name}`, { headers: { "if-none-match": etag } });
      expect(again.status).toBe(304);
    }
    expect((await app.request("/assets/../package.json")).status).toBe(404);
    expect((await app.request("/assets/other.js")).status).toBe(404);
  });

  test("the script stays small", async () => {
    const files = await bundlePage();
    expect(files.get("assets/main.js")?.body.length ?? 0).toBeLessThan(160_000);
  });

  test("the snapshot is the feed's", async () => {
    const run = playedRun(4, 1);
    const answer = await dashboardRoutes(run.feed).request("/api/snapshot");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const snapshot = (await answer.json()) as Snapshot;
    expect(snapshot).toEqual(JSON.parse(JSON.stringify(run.feed.snapshot())));
  });

  test("the stream says hello, then what changes", async () => {
    const run = playedRun(4, 1);
    const answer = await dashboardRoutes(run.feed).request("/api/stream");
    expect(answer.headers.get("content-type")).toStartWith("text/event-stream");
    if (answer.body === null) throw new Error("the stream has no body");
    run.tick();
    const text = await firstEvents(answer.body, /^data: \{.*\n\n/m);
    expect(text).toStartWith("retry: 1000\nevent: hello\n");
    expect(text).toContain('"stepSeq":');
  });

  test("a page that leaves frees its place, one that does not read is dropped", () => {
    const run = playedRun(4, 1);
    const hub = new StreamHub(run.feed);
    const left = hub.open();
    const slow = hub.open();
    expect(hub.watching).toBe(2);
    void left?.cancel();
    expect(hub.watching).toBe(1);
    for (let i = 0; i < 5000 && hub.watching > 0; i++) {
      run.tick();
      run.requote();
      run.feed.publish();
    }
    expect(hub.watching).toBe(0);
    expect(slow?.locked).toBe(false);
  });

  test("only so many pages at once", async () => {
    const hub = new StreamHub(new FakeRun(1).feed);
    const open = Array.from({ length: 20 }, () => hub.open());
    expect(open.filter((body) => body === null)).toHaveLength(4);
    for (const body of open) await body?.cancel();
    expect(hub.watching).toBe(0);
  });
});
