import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cancelCommand } from "../../lib/cli/cancel.ts";
import { flattenCommand } from "../../lib/cli/flatten.ts";
import { haltCommand } from "../../lib/cli/halt.ts";
import { reduceOnlyCommand } from "../../lib/cli/reduceOnly.ts";
import { resumeCommand } from "../../lib/cli/resume.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import { signedBody } from "../../lib/hyperliquid/signedRequest.ts";
import type { WireValue } from "../../lib/hyperliquid/signing/msgpack.ts";
import { addressOf } from "../../lib/hyperliquid/signing/signature.ts";
import { writeAccountFile } from "../../lib/runtime/accountFile.ts";
import { LocalExchange, localPathsAt } from "../../lib/runtime/localExchange.ts";
import type { RunningExchange } from "../../lib/venue/server/start.ts";
import { cliRun } from "../support/cliRun.ts";
import { startQuotedExchange } from "../support/quotedExchange.ts";

const folder = mkdtempSync(join(tmpdir(), "operator-"));
const US500 = 110_000;
const BTC = 0;

let exchange: RunningExchange;
let transport: HttpTransport;
let info: InfoClient;

beforeAll(async () => {
  exchange = await startQuotedExchange(["km:US500", "BTC"]);
  transport = new HttpTransport({ url: exchange.url, timeoutMs: 5000 });
  info = new InfoClient(transport);
});
afterAll(async () => {
  await exchange.stop();
  rmSync(folder, { recursive: true });
});

/** A funded account on two dexes and the folder that holds its key. */
class Trader {
  readonly dir = mkdtempSync(join(folder, "data-"));
  readonly key = crypto.getRandomValues(new Uint8Array(32));
  readonly address = addressOf(this.key);
  #nonce = Date.now();

  async fund(): Promise<void> {
    writeFileSync(join(this.dir, "paper-key"), `${Buffer.from(this.key).toString("hex")}\n`);
    const local = new LocalExchange(localPathsAt(exchange.url));
    await local.credit(this.address, "km", "1000");
    await local.credit(this.address, "", "5000");
  }

  async act(action: WireValue): Promise<string> {
    const signer = { privateKey: this.key, source: "a", vault: null } as const;
    const { text } = await transport.exchange(signedBody(action, ++this.#nonce, null, signer));
    return text;
  }

  order(a: number, b: boolean, p: string, s: string, tif: "Alo" | "Ioc"): Promise<string> {
    const order = { a, b, p, s, r: false, t: { limit: { tif } } };
    return this.act({ type: "order", orders: [order], grouping: "na" });
  }

  async open(): Promise<number> {
    const lists = await Promise.all(
      ["", "km", "mkts"].map((dex) => info.openOrders(this.address, dex)),
    );
    return lists.flat().length;
  }

  async position(dex = "km"): Promise<readonly { coin: string; szi: string }[]> {
    return (await info.dexAccount(this.address, dex)).positions;
  }
}

let trader: Trader;
beforeEach(async () => {
  trader = new Trader();
  await trader.fund();
});

const at = (words: readonly string[]): string[] => [
  ...words,
  "--data",
  trader.dir,
  "--exchange",
  exchange.url,
];

describe("without a bot, straight at the exchange", () => {
  test("cancel --all finds orders on every dex and verifies that none is left", async () => {
    for (const px of ["600", "601", "602"]) await trader.order(US500, true, px, "0.1", "Alo");
    await trader.order(BTC, true, "20000", "0.01", "Alo");
    expect(await trader.open()).toBe(4);
    const run = await cliRun(cancelCommand, at(["--all", "--json"]));
    expect([run.code, run.json()]).toEqual([
      0,
      {
        via: "exchange",
        cancelled: 4,
        left: 0,
        text: "4 orders cancelled, the exchange lists none",
      },
    ]);
    expect(await trader.open()).toBe(0);
    const again = await cliRun(cancelCommand, at(["--all"]));
    expect(again.out).toBe("0 orders cancelled, the exchange lists none");
  });

  test("cancel takes one order off and leaves the others", async () => {
    await trader.order(US500, true, "600", "0.1", "Alo");
    await trader.order(US500, true, "601", "0.1", "Alo");
    const [first, second] = await info.openOrders(trader.address, "km");
    const run = await cliRun(cancelCommand, at([String(first?.oid)]));
    expect([run.code, run.out]).toEqual([
      0,
      `${first?.oid} cancelled; the exchange lists it no more`,
    ]);
    expect((await info.openOrders(trader.address, "km")).map(({ oid }) => oid)).toEqual([
      second?.oid ?? 0,
    ]);
    const gone = await cliRun(cancelCommand, at([String(first?.oid)]));
    expect([gone.code, gone.failure]).toEqual([
      1,
      `the exchange lists no open order ${first?.oid} of this account`,
    ]);
  });

  test("flatten cancels, closes a long and a short on two dexes, and never turns them over", async () => {
    const mid = Number((await info.l2Book("km:US500")).asks[0]?.px);
    const btc = Number((await info.l2Book("BTC")).bids[0]?.px);
    expect(
      await trader.order(US500, true, String(Number((mid * 1.01).toFixed(1))), "0.5", "Ioc"),
    ).toContain("filled");
    expect(await trader.order(BTC, false, (btc * 0.99).toFixed(0), "0.01", "Ioc")).toContain(
      "filled",
    );
    await trader.order(US500, true, "600", "0.1", "Alo");
    expect([...(await trader.position()), ...(await trader.position(""))]).toHaveLength(2);
    const run = await cliRun(flattenCommand, at(["--json"]));
    expect([run.code, run.failure]).toEqual([0, null]);
    expect(run.json()).toEqual({ via: "exchange", closed: ["BTC", "km:US500"], flat: true });
    expect([...(await trader.position()), ...(await trader.position(""))]).toEqual([]);
    expect(await trader.open()).toBe(0);
  });

  test("an account that the exchange does not know has nothing to cancel", async () => {
    const stranger = new Trader();
    writeFileSync(join(stranger.dir, "paper-key"), `${"7".repeat(64)}\n`);
    const words = ["--all", "--data", stranger.dir, "--exchange", exchange.url];
    const run = await cliRun(cancelCommand, words);
    expect(run).toMatchObject({
      code: 0,
      failure: null,
      out: "0 orders cancelled, the exchange lists none",
    });
  });
});

describe("what cannot be done", () => {
  test("without a bot its own modes are a failure that says what can be done", async () => {
    for (const [def, words] of [
      [haltCommand, []],
      [resumeCommand, []],
      [reduceOnlyCommand, ["on"]],
    ] as const) {
      const run = await cliRun(def, [...words, "--data", trader.dir]);
      expect(run.code).toBe(1);
      expect(run.failure).toContain(`no bot runs in "${trader.dir}"`);
      expect(run.failure).toContain("bun run cancel --all, bun run flatten");
    }
  });

  test("what ended with its own exchange left nothing behind", async () => {
    const dir = mkdtempSync(join(tmpdir(), "operator-gone-"));
    writeAccountFile(dir, {
      mode: "paper",
      exchange: "http://127.0.0.1:9",
      account: `0x${"1".repeat(40)}`,
      source: "a",
      market: "km:US500",
      dex: "km",
      assetId: 110_000,
      clock: { epochMs: 0, speed: 1 },
      orderExpiryMs: 5000,
      ownExchange: true,
    });
    const halt = await cliRun(haltCommand, ["--data", dir]);
    expect(halt.failure).toContain("Its exchange was part of it, and ended with it");
    const cancel = await cliRun(cancelCommand, ["--all", "--data", dir]);
    expect(cancel.failure).toContain("ended with it: nothing is left there");
    rmSync(dir, { recursive: true });
  });

  test.each([
    [cancelCommand, [], "cancel takes either one oid or cloid, or --all"],
    [cancelCommand, ["7", "--all"], "cancel takes either one oid or cloid, or --all"],
    [cancelCommand, ["0xabc"], '"0xabc" is no order'],
    [cancelCommand, ["--all"], "so say where its account is: --exchange <url>"],
    [flattenCommand, ["--slippage", "-1"], '--slippage: "-1" is not allowed'],
    [reduceOnlyCommand, ["maybe"], 'on or off, got "maybe"'],
  ] as const)("a wrong use: %#", async (def, words, text) => {
    const run = await cliRun(def, [...words, "--data", trader.dir]);
    expect(run.code).toBe(2);
    expect(run.failure).toContain(text);
  });

  test("a folder without a key, and an exchange that is not there", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    const noKey = await cliRun(cancelCommand, [
      "--all",
      "--data",
      empty,
      "--exchange",
      exchange.url,
    ]);
    expect([noKey.code, noKey.failure]).toEqual([
      2,
      `--data: "${empty}" holds no key of an account; name the bot's folder`,
    ]);
    const nobody = ["--all", "--data", trader.dir, "--exchange", "http://127.0.0.1:9"];
    const run = await cliRun(flattenCommand, nobody.slice(1));
    expect(run.code).toBe(1);
    expect(run.failure).toContain("no answer from http://127.0.0.1:9/info");
    const url = await cliRun(flattenCommand, ["--data", trader.dir, "--exchange", "ftp://x"]);
    expect([url.code, url.failure]).toEqual([
      2,
      '--exchange: exchange url "ftp://x" is not allowed: it begins with http:// or https://',
    ]);
  });
});
