import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doctorCommand } from "../../lib/cli/doctor.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import {
  addressOf,
  initSigning,
  parsePrivateKey,
} from "../../lib/hyperliquid/signing/signature.ts";
import type { HttpAnswer, Transport } from "../../lib/hyperliquid/transport.ts";
import type { Params } from "../../lib/messages/params.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { examine } from "../../lib/runtime/doctor/doctor.ts";
import type { Finding } from "../../lib/runtime/doctor/finding.ts";
import { machineFindings, spaceFinding } from "../../lib/runtime/doctor/machine.ts";
import { LocalExchange, localPathsAt } from "../../lib/runtime/localExchange.ts";
import { ms } from "../../lib/units/numbers.ts";
import type { RunningExchange } from "../../lib/venue/server/start.ts";
import { cliRun } from "../support/cliRun.ts";
import { startQuotedExchange } from "../support/quotedExchange.ts";

const folder = mkdtempSync(join(tmpdir(), "doctor-"));
const KEY = "5".repeat(64);

let exchange: RunningExchange;
let address = "";

beforeAll(async () => {
  await initSigning();
  exchange = await startQuotedExchange();
  address = addressOf(parsePrivateKey(KEY));
  await new LocalExchange(localPathsAt(exchange.url)).credit(address, "km", "1000");
});
afterAll(async () => {
  await exchange.stop();
  rmSync(folder, { recursive: true });
});

type Asked = { readonly type: string; readonly dex?: string };

/** The local exchange, but for the answers that the test wants otherwise. */
class Pretending implements Transport {
  readonly #real = new HttpTransport({ url: exchange.url, timeoutMs: 5000 });
  readonly #answer: (asked: Asked) => unknown;

  constructor(answer: (asked: Asked) => unknown) {
    this.#answer = answer;
  }

  async info(body: string): Promise<HttpAnswer> {
    const value = this.#answer(JSON.parse(body) as Asked);
    if (value === undefined) return this.#real.info(body);
    return { status: 200, text: JSON.stringify(value) };
  }

  exchange(): never {
    throw new Error("the doctor changes nothing");
  }

  openSocket(): never {
    throw new Error("the doctor needs no socket");
  }
}

type Setup = {
  readonly answer?: (asked: Asked) => unknown;
  readonly strict?: boolean;
  readonly params?: Partial<Params>;
  readonly symbol?: string;
  readonly skewMs?: number;
};

function findings(setup: Setup = {}): Promise<readonly Finding[]> {
  const clock = realClock();
  const { skewMs = 0 } = setup;
  return examine({
    url: exchange.url,
    transport: new Pretending(setup.answer ?? (() => undefined)),
    clock: { ...clock, nowMs: () => ms(clock.nowMs() - skewMs) },
    symbol: setup.symbol ?? "US500",
    params: { ...defaultParams, ...setup.params },
    privateKey: parsePrivateKey(KEY),
    strict: setup.strict ?? false,
  });
}

const AGENT = {
  answer: ({ type }: Asked) =>
    type === "userRole" ? { role: "agent", data: { user: address } } : undefined,
  strict: true,
};

test("a healthy account on the local exchange has no problem", async () => {
  const found = await findings();
  expect(found.filter(({ status }) => status === "problem")).toEqual([]);
  expect(found.map(({ name }) => name)).toEqual([
    "clock",
    "key",
    "account mode",
    "market",
    "fees",
    "action budget",
    "collateral",
    "left over",
    "order workers",
  ]);
});

test("an API wallet of a funded account is fit for real money", async () => {
  const found = await findings(AGENT);
  expect(found.filter(({ status }) => status === "problem")).toEqual([]);
  expect(found.find(({ name }) => name === "key")?.found).toBe(`API wallet of ${address}`);
});

describe("the approval of an API wallet", () => {
  const DAY_MS = 86_400_000;
  const approved = async (agents: readonly object[]): Promise<Finding | undefined> => {
    const agent = addressOf(parsePrivateKey(KEY));
    const account = `0x${"a".repeat(40)}`;
    const found = await examine({
      url: exchange.url,
      transport: new Pretending(({ type }) => {
        if (type === "userRole") return { role: "agent", data: { user: account } };
        return type === "extraAgents"
          ? agents.map((each) => ({ address: agent, ...each }))
          : undefined;
      }),
      clock: realClock(),
      symbol: "US500",
      params: defaultParams,
      privateKey: parsePrivateKey(KEY),
      strict: true,
      live: { account },
    });
    expect(found.find(({ name }) => name === "account")?.status).toBe("ok");
    return found.find(({ name }) => name === "approval");
  };

  test("that ends soon, has ended, never ends, or is not told", async () => {
    const at = (days: number) => ({ name: "bot", validUntil: Date.now() + days * DAY_MS });
    expect(await approved([at(90)])).toMatchObject({ status: "ok" });
    expect(await approved([at(3)])).toMatchObject({
      status: "warning",
      todo: "approve a new API wallet on the exchange's site and use its key",
    });
    expect(await approved([at(-1)])).toMatchObject({ status: "problem" });
    expect(await approved([{ name: "bot", validUntil: null }])).toMatchObject({ status: "ok" });
    const unnamed = await approved([]);
    expect(unnamed).toMatchObject({ status: "warning", todo: "use a named API wallet" });
  });
});

const emptyDex = {
  marginSummary: { accountValue: "0.0" },
  withdrawable: "0.0",
  assetPositions: [],
};

describe("finds, and says what to do:", () => {
  const cases: readonly (readonly [string, Setup, string, string, string])[] = [
    [
      "the wrong key",
      {
        strict: true,
        answer: ({ type }) => (type === "userRole" ? { role: "missing" } : undefined),
      },
      "key",
      "the exchange knows nobody by",
      "this is the wrong key",
    ],
    [
      "the key of the main wallet",
      { strict: true, answer: ({ type }) => (type === "userRole" ? { role: "user" } : undefined) },
      "key",
      "is a main wallet",
      "approve an API wallet",
    ],
    [
      "an unfunded dex",
      {
        ...AGENT,
        answer: (asked) => (asked.type === "clearinghouseState" ? emptyDex : AGENT.answer(asked)),
      },
      "collateral",
      "0 USDH on dex km, 0 withdrawable, and none elsewhere",
      "pay in at least",
    ],
    [
      "collateral on another dex",
      {
        ...AGENT,
        answer: (asked) => {
          if (asked.type !== "clearinghouseState") return AGENT.answer(asked);
          return asked.dex === "" ? { ...emptyDex, withdrawable: "750.5" } : emptyDex;
        },
      },
      "collateral",
      "it lies in the wrong place: 750.5 on the main dex",
      "move USDH to dex km",
    ],
    [
      "collateral on the spot side",
      {
        ...AGENT,
        answer: (asked) => {
          if (asked.type === "clearinghouseState") return emptyDex;
          if (asked.type === "spotClearinghouseState")
            return { balances: [{ coin: "USDH", total: "900.0" }] };
          return AGENT.answer(asked);
        },
      },
      "collateral",
      "900 USDH on the spot side",
      "move USDH to dex km",
    ],
    [
      "unified mode",
      { answer: ({ type }) => (type === "userAbstraction" ? "unifiedAccount" : undefined) },
      "account mode",
      "unifiedAccount: collateral is shared",
      "switch the account to standard mode",
    ],
    [
      "a delisted market",
      { symbol: "km:BABA" },
      "market",
      "km:BABA is delisted",
      "to a live listing",
    ],
    [
      "a halted market",
      { answer: ({ type }) => (type === "l2Book" ? { time: 1, levels: [[], []] } : undefined) },
      "market",
      "nobody quotes",
      "wait until it trades",
    ],
    [
      "a leverage that the market does not give",
      { params: { leverage: 40 } },
      "market",
      "LEVERAGE 40 is more",
      "set LEVERAGE to 25 or less",
    ],
    [
      "a fee tier without edge",
      { params: { spreadBpsMax: 1.5 } },
      "fees",
      "no edge, a quote needs",
      "choose a market with lower fees",
    ],
    ["a clock that is off", { skewMs: 20_000 }, "clock", "ahead of ours", "by NTP"],
    [
      "an exhausted budget",
      {
        answer: ({ type }) =>
          type === "userRateLimit"
            ? { cumVlm: "10.0", nRequestsUsed: 10_005, nRequestsCap: 10_010 }
            : undefined,
      },
      "action budget",
      "5 of 10010 actions left: no order can be placed",
      "use another address",
    ],
    [
      "an answer that is not understood",
      { answer: ({ type }) => (type === "userRateLimit" ? { surprise: 1 } : undefined) },
      "action budget",
      "it could not be asked",
      "try again",
    ],
  ];
  test.each(cases)("%s", async (_, setup, name, found, todo) => {
    const finding = (await findings(setup)).find(
      (item) => item.name === name && item.status === "problem",
    );
    expect(finding?.found).toContain(found);
    expect(finding?.todo).toContain(todo);
  });

  test("an announcement of the exchange, and orders left over", async () => {
    const time = Date.now();
    const found = await findings({
      answer: ({ type }) => {
        if (type === "exchangeStatus") return { time, specialStatuses: "maintenance at noon" };
        if (type === "frontendOpenOrders")
          return [{ coin: "km:US500", oid: 1, side: "B", limitPx: "600", sz: "1" }];
        return undefined;
      },
    });
    expect(found).toContainEqual({
      name: "exchange",
      status: "warning",
      found: 'it announces: "maintenance at noon"',
      todo: "read the announcement before trading",
    });
    expect(found.find(({ name }) => name === "left over")).toMatchObject({
      status: "warning",
      found: "1 open orders",
    });
  });
});

describe("the machine", () => {
  test("a folder that cannot be written, a full disk, another runtime", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const [version, disk] = machineFindings(join(file, "data"), "1.0.0");
    expect(disk).toMatchObject({ name: "data folder", status: "problem" });
    expect(disk?.todo).toContain("choose a folder that can be written");
    expect(version).toMatchObject({ status: "warning" });
    expect(version?.found).toMatch(/on Bun 1\.0\.0, tested with \d/);
    expect(spaceFinding("x", 1e6).status).toBe("problem");
    expect(spaceFinding("x", 1e9).status).toBe("warning");
    expect(spaceFinding("x", 1e11).status).toBe("ok");
  });
});

describe("the command", () => {
  const env = {};
  const dataDir = (): string => mkdtempSync(join(folder, "data-"));

  test("ends with 0 when nothing is wrong, and says so", async () => {
    const run = await cliRun(doctorCommand, ["--exchange", exchange.url, "--data", dataDir()], env);
    expect(run).toMatchObject({ code: 0, failure: null });
    expect(run.out).toMatch(/^ready/m);
    expect(run.out).toContain("none yet: paper makes one at its first start");
  });

  test("ends with 1 for a problem; --json is one object", async () => {
    const dir = dataDir();
    const path = join(dir, "key");
    writeFileSync(path, `${KEY}\n`);
    chmodSync(path, 0o644);
    const words = [
      "--exchange",
      exchange.url,
      "--data",
      dir,
      "--key-file",
      path,
      "--live",
      "--json",
    ];
    const run = await cliRun(doctorCommand, words, env);
    expect(run.code).toBe(1);
    const { ok, findings: found } = run.json() as { ok: boolean; findings: readonly Finding[] };
    expect(ok).toBe(false);
    expect(found.find(({ name }) => name === "key file")?.todo).toBe(`chmod 600 "${path}"`);
    expect(found.find(({ name }) => name === "key")?.found).toContain("is a main wallet");
    expect(run.out).not.toContain(KEY);
  });

  test("a broken key is never repeated, and an exchange that is not there is one problem", async () => {
    const dir = dataDir();
    const secret = "zz".repeat(32);
    writeFileSync(join(dir, "paper-key"), secret, { mode: 0o600 });
    const words = ["--exchange", "http://127.0.0.1:9", "--data", dir];
    const run = await cliRun(doctorCommand, words, env);
    expect(run.code).toBe(1);
    expect(run.out).not.toContain(secret);
    expect(run.out).toContain("PROBLEM  key ");
    expect(run.out).toContain("is http://127.0.0.1:9 right, and is the network up?");
    const noFile = await cliRun(doctorCommand, [...words, "--key-file", join(dir, "none")], env);
    expect([noFile.code, noFile.failure]).toEqual([
      2,
      `--key-file: there is no file "${join(dir, "none")}"`,
    ]);
  });
});
