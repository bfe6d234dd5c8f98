import { describe, expect, test } from "bun:test";
import type { VenueAction } from "../../lib/venue/rules/types.ts";
import { ALICE, BOB, Exchange, errorText } from "./exchange.ts";

describe("agents", () => {
  const AGENT = "0x00000000000000000000000000000000000000a1";
  const approve = (agentName: string, agentAddress = AGENT): VenueAction => ({
    type: "approveAgent",
    agentAddress,
    agentName,
  });

  test("an agent acts for its account until it expires", () => {
    const exchange = new Exchange();
    const until = exchange.nowMs + 60_000;
    expect(exchange.act(ALICE, approve(`mm valid_until ${until}`)).status).toBe("ok");
    expect(exchange.venue.signerToAccount(AGENT)).toBe(ALICE);
    expect(exchange.venue.agents(ALICE)).toEqual([
      { address: AGENT, name: "mm", validUntilMs: until as never },
    ]);
    expect(
      exchange.act(
        ALICE,
        { type: "order", orders: [exchange.order("bid", "689.8", "1")], grouping: "na" },
        { signer: AGENT },
      ).status,
    ).toBe("ok");
    exchange.wait(60_000);
    expect(exchange.venue.signerToAccount(AGENT)).toBeNull();
    expect(exchange.venue.agents(ALICE)).toEqual([]);
    expect(errorText(exchange.act(ALICE, { type: "noop" }, { signer: AGENT }))).toBe(
      `User or API Wallet ${AGENT} does not exist.`,
    );
  });

  test("the same name replaces, three names are the most, an agent approves nobody", () => {
    const exchange = new Exchange();
    const address = (index: number): string => `0x${String(index).padStart(40, "0")}`;
    for (const index of [11, 12, 13]) exchange.act(ALICE, approve(`mm${index}`, address(index)));
    exchange.act(ALICE, approve("", address(20)));
    exchange.act(ALICE, approve("mm11", address(14)));
    expect(exchange.venue.signerToAccount(address(11))).toBeNull();
    expect(exchange.venue.signerToAccount(address(14))).toBe(ALICE);
    expect(exchange.venue.signerToAccount(address(20))).toBe(ALICE);
    expect(errorText(exchange.act(ALICE, approve("mm99", address(15))))).toBe(
      "Too many named agents, at most 3",
    );
    expect(errorText(exchange.act(BOB, approve("", address(12))))).toBe(
      `Agent address is already used: ${address(12)}`,
    );
    const byAgent = exchange.act(ALICE, approve("x", address(16)), { signer: address(12) });
    expect(errorText(byAgent)).toBe(`Must deposit before performing actions. User: ${address(12)}`);
  });
});
