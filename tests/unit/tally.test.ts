import { expect, test } from "bun:test";
import type { Audit } from "../../lib/messages/audit.ts";
import { Tally } from "../../lib/runtime/tally.ts";

test("refusals are counted by their words, without figures and addresses", () => {
  const tally = new Tally();
  const texts = [
    "Price too far from oracle: 12.5",
    "Price too far from oracle: 13",
    "User or API Wallet 0xcb0204daa7cc1e1c4af9 does not exist.",
  ];
  const outcomes = texts.map((text) => ({ op: "place", result: "rejected", text }));
  tally.onAudit({ approved: [], event: { kind: "outcome", outcomes } } as unknown as Audit);
  expect(tally.rejected).toEqual({
    "Price too far from oracle: #": 2,
    "User or API Wallet # does not exist.": 1,
  });
});
