import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const MAIN = join(import.meta.dir, "../../lib/cli/main.ts");

function run(...words: readonly string[]) {
  return Bun.spawn([process.execPath, MAIN, "exchange", ...words], {
    stdout: "pipe",
    stderr: "pipe",
  });
}

describe("the exchange command", () => {
  test("serves until it is interrupted, and says where as one JSON object", async () => {
    const child = run("--port", "0", "--market", "km:US500", "--json");
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    const said = JSON.parse(new TextDecoder().decode(value)) as { url: string; feeds: unknown };
    expect(said.feeds).toMatchObject([{ coin: "km:US500" }]);
    const answer = await fetch(`${said.url}/local/clock`);
    expect(answer.status).toBe(200);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect((await reader.read()).done).toBe(true);
  });

  test.each([
    [["--feed", "no-such.tape"], '--feed: "no-such.tape" is not allowed; sim, auto'],
    [["--feed", "http://127.0.0.1:1", "--speed", "2"], "a mirror runs at speed 1, not at 2"],
    [["--market", "km:NOPE"], 'market "km:NOPE" is not listed here; allowed:'],
    [["--port", "70000"], '"70000" is not allowed; a whole number from 0 to 65535'],
  ])("%p is wrong usage", async (words, text) => {
    const child = run(...words, "--json");
    expect(await child.exited).toBe(2);
    const said = JSON.parse(await new Response(child.stdout).text()) as { error: string };
    expect(said.error).toContain(text);
  });
});
