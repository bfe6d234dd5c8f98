import { describe, expect, test } from "bun:test";
import { ALICE, BOB, CONFIG, Exchange, closes, errorText } from "./exchange.ts";

/** The tokens that HIP-3 dexes have been margined in. */
const COLLATERALS = [
  { index: 0, name: "USDC", tokenId: "0xc", szDecimals: 8, weiDecimals: 8 },
  { index: 360, name: "USDH", tokenId: "0x4", szDecimals: 2, weiDecimals: 8 },
  { index: 235, name: "USDE", tokenId: "0xe", szDecimals: 2, weiDecimals: 8 },
  { index: 268, name: "USDT0", tokenId: "0x0a", szDecimals: 2, weiDecimals: 8 },
] as const;

const ofDex = (token: (typeof COLLATERALS)[number]): Exchange =>
  new Exchange({
    config: {
      tokens: COLLATERALS,
      dexes: CONFIG.dexes.map((dex) =>
        dex.name === "km" ? { ...dex, collateralToken: token.index } : dex,
      ),
    },
  });

const send = (token: string, sourceDex: string, destinationDex: string) =>
  ({
    type: "sendAsset",
    destination: ALICE,
    sourceDex,
    destinationDex,
    token,
    amount: "100",
    fromSubAccount: "",
    byAgent: false,
  }) as const;

describe.each(COLLATERALS)("a dex margined in $name", (token) => {
  const wire = `${token.name}:${token.tokenId}`;

  test("trades, and its money closes", () => {
    const exchange = ofDex(token);
    exchange.trade(ALICE, BOB, "bid", "690", "1");
    expect(exchange.position(ALICE)).toBe(1000);
    expect(closes(exchange, "km")).toBe(true);
  });

  test("takes and gives its own token, and no other", () => {
    const exchange = ofDex(token);
    const before = Number(exchange.venue.account(ALICE, "km").accountValueMicroUsd);
    expect(exchange.act(ALICE, send(wire, "km", "spot")).status).toBe("ok");
    const held = exchange.venue.spotBalances(ALICE).find((each) => each.token.name === token.name);
    expect(Number(held?.totalMicroUsd)).toBe(100_000_000);
    expect(exchange.act(ALICE, send(wire, "spot", "km")).status).toBe("ok");
    expect(Number(exchange.venue.account(ALICE, "km").accountValueMicroUsd)).toBe(before);
    for (const other of COLLATERALS) {
      if (other === token) continue;
      const told = exchange.act(ALICE, send(`${other.name}:${other.tokenId}`, "km", "spot"));
      expect(errorText(told)).toBe(`Token ${other.name} is not the collateral of the perp DEX`);
    }
    expect(closes(exchange, "km")).toBe(true);
  });
});
