import { describe, expect, test } from "bun:test";
import { microUsd } from "../../lib/units/numbers.ts";
import { newAccount } from "../../lib/venue/rules/model.ts";
import type { Account } from "../../lib/venue/rules/model.ts";
import { createSubAccount, renameSubAccount } from "../../lib/venue/rules/subAccounts.ts";
import { newWorld } from "../../lib/venue/rules/world.ts";
import { ALICE, BOB, CONFIG, errorText, Exchange, statuses } from "./exchange.ts";

const AGENT = "0x00000000000000000000000000000000000a9e07";

function open(limits = false): { readonly exchange: Exchange; readonly sub: string } {
  const exchange = new Exchange({ usd: "50000", config: { limits } });
  for (const account of [ALICE, BOB]) exchange.fund(account, "10000", "");
  exchange.market(exchange.oracle("690"));
  const reply = exchange.act(ALICE, { type: "createSubAccount", name: "maker" });
  const sub =
    reply.status === "ok" && reply.response.type === "createSubAccount" ? reply.response.data : "";
  return { exchange, sub };
}

function deposit(exchange: Exchange, sub: string, usd: number): string {
  const action = {
    type: "subAccountTransfer" as const,
    subAccountUser: sub,
    isDeposit: usd > 0,
    usd: Math.abs(usd) * 1e6,
  };
  return errorText(exchange.act(ALICE, action));
}

describe("sub-accounts", () => {
  test("need volume, have a name, and are told with their master", () => {
    const { exchange, sub } = open();
    expect(sub).toMatch(/^0x[0-9a-f]{40}$/);
    expect(exchange.venue.subAccounts(ALICE)).toEqual([{ name: "maker", address: sub }]);
    expect(exchange.venue.masterOf(sub)).toBe(ALICE);
    const strict = open(true).exchange;
    expect(errorText(strict.act(ALICE, { type: "createSubAccount", name: "maker" }))).toBe(
      "Cannot create sub-accounts until enough volume traded. Required: $100000. Traded: $0.",
    );
    const long = { type: "subAccountModify" as const, subAccountUser: sub, name: "x".repeat(17) };
    expect(errorText(exchange.act(ALICE, long))).not.toBe("");
    expect(errorText(exchange.act(ALICE, { ...long, name: "taker" }))).toBe("");
    expect(exchange.venue.subAccounts(ALICE)[0]?.name).toBe("taker");
  });

  test.each([
    [99_999.999999, 0],
    [100_000, 10],
    [99_999_999.999999, 10],
    [100_000_000, 11],
    [250_000_000, 12],
    [3_900_000_000, 49],
    [4_000_000_000, 50],
    [9_000_000_000, 50],
  ])("a volume of %d allows %d of them", (usd, allowed) => {
    const world = newWorld({ ...CONFIG, limits: true }, () => undefined);
    const account = newAccount(ALICE);
    account.budget.cumVlmMicroUsd = microUsd(Math.round(usd * 1e6));
    const made = Array.from({ length: 51 }, () => createSubAccount(world, account, "maker"));
    expect(made.filter((each) => typeof each === "object")).toHaveLength(allowed);
    expect(new Set(account.subAccounts.map(({ address }) => address)).size).toBe(allowed);
    expect(made[allowed]).toContain(allowed === 0 ? "Traded: $99999.99." : "Too many");
  });

  test("have no sub-accounts themselves, and names of 1 to 16 characters", () => {
    const world = newWorld({ ...CONFIG, limits: false }, () => undefined);
    const make = (master: Account, name: string) => createSubAccount(world, master, name);
    const account = newAccount(ALICE);
    const [first] = ["x", "x".repeat(16)].map((name) => make(account, name));
    if (typeof first !== "object") throw new Error(`a sub-account, got ${first}`);
    for (const name of ["", "x".repeat(17)]) {
      expect(make(account, name)).toBe("Sub-account name must have 1 to 16 characters");
      expect(renameSubAccount(account, first.address, name)).toContain("1 to 16 characters");
    }
    expect(make(first, "y")).toBe("Sub-accounts cannot create sub-accounts");
    expect(account.subAccounts.map(({ name }) => name)).toEqual(["x", "x".repeat(16)]);
  });

  test("hold money of their own: deposited, withdrawn, never more than is there", () => {
    const { exchange, sub } = open();
    expect(deposit(exchange, sub, 4_000)).toBe("");
    expect(deposit(exchange, sub, -1_500)).toBe("");
    expect(exchange.venue.account(sub, "").accountValueMicroUsd).toBe(2_500e6 as never);
    expect(exchange.venue.account(ALICE, "").accountValueMicroUsd).toBe(7_500e6 as never);
    expect(deposit(exchange, sub, -2_501)).toBe("Insufficient balance for withdrawal");
    expect(exchange.venue.transfers(sub)[0]?.delta?.type).toBe("subAccountTransfer");
    expect(deposit(exchange, BOB, 1)).toBe("Sub-account does not exist.");
    const money = exchange.venue.money("");
    expect(money.accountsMicroUsd + money.houseMicroUsd + money.feesMicroUsd).toBe(
      money.depositsMicroUsd,
    );
  });

  test("a sub-account's money moves between its own places, and to another dex", () => {
    const { exchange, sub } = open();
    deposit(exchange, sub, 1_000);
    const amount = `400 subaccount:${sub}`;
    expect(
      errorText(exchange.act(ALICE, { type: "usdClassTransfer", amount, toPerp: false })),
    ).toBe("");
    const spot = exchange.venue.spotBalances(sub);
    expect(spot.map(({ totalMicroUsd }) => totalMicroUsd)).toEqual([400e6 as never]);
    const back = {
      type: "subAccountSpotTransfer" as const,
      subAccountUser: sub,
      isDeposit: false,
      token: "USDC",
      amount: "100",
    };
    expect(errorText(exchange.act(ALICE, back))).toBe("");
    const send = {
      type: "sendAsset" as const,
      destination: ALICE,
      sourceDex: "spot",
      destinationDex: "spot",
      token: "USDC",
      amount: "300",
      fromSubAccount: sub,
      byAgent: false,
    };
    expect(errorText(exchange.act(ALICE, send))).toBe("");
    const [left] = exchange.venue.spotBalances(ALICE);
    expect(left?.totalMicroUsd).toBe(400e6 as never);
  });

  test("the master, and its agent, trade for it by naming it; positions are apart", () => {
    const { exchange, sub } = open();
    const send = {
      type: "sendAsset" as const,
      destination: sub,
      sourceDex: "km",
      destinationDex: "km",
      token: "USDH",
      amount: "5000",
      fromSubAccount: "",
      byAgent: false,
    };
    expect(errorText(exchange.act(ALICE, send))).toBe("");
    exchange.act(ALICE, { type: "approveAgent", agentAddress: AGENT, agentName: "mm1" });
    exchange.rest(BOB, "ask", "690", "2");
    const order = { type: "order" as const, orders: [exchange.order("bid", "690", "1", "Ioc")] };
    for (const signer of [ALICE, AGENT]) {
      const reply = exchange.act(ALICE, { ...order, grouping: "na" }, { signer, vault: sub });
      expect(statuses(reply)[0]).toHaveProperty("filled");
    }
    expect(exchange.position(sub)).toBe(2_000);
    expect(exchange.position(ALICE)).toBe(0);
  });

  test("a stranger's sub-account is not registered, and transfers are the master's", () => {
    const { exchange, sub } = open();
    const noop = { type: "noop" as const };
    expect(errorText(exchange.act(BOB, noop, { vault: sub }))).toBe(`Vault not registered: ${sub}`);
    expect(errorText(exchange.act(ALICE, noop, { vault: BOB }))).toBe(
      `Vault not registered: ${BOB}`,
    );
    const withdraw = { type: "withdraw3" as const, destination: ALICE, amount: "5" };
    expect(errorText(exchange.act(ALICE, withdraw, { vault: sub }))).toBe(
      "Vault may not perform this action.",
    );
    expect(exchange.act(ALICE, noop, { vault: sub }).status).toBe("ok");
  });

  test("each brings two more named agents", () => {
    const { exchange } = open();
    const approve = (n: number) =>
      errorText(
        exchange.act(ALICE, {
          type: "approveAgent",
          agentAddress: `0x${String(n).padStart(40, "0")}`,
          agentName: `a${n}`,
        }),
      );
    const refused = [11, 12, 13, 14, 15, 16].map((n) => approve(n) !== "");
    expect(refused).toEqual([false, false, false, false, false, true]);
  });
});
