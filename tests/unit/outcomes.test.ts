import { describe, expect, test } from "bun:test";
import { parseOutcomes } from "../../lib/hyperliquid/outcomes.ts";
import { buildAction } from "../../lib/hyperliquid/submit.ts";
import type { PlannedBatch } from "../../lib/messages/audit.ts";
import { pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import {
  batchOf,
  cancel,
  cancelOid,
  cloid,
  modify,
  place,
  tenPlaces,
  US500,
} from "../support/batches.ts";

const two = batchOf(1, [place(1), place(2)]);
const cancels = batchOf(2, [cancel(1), cancel(2), cancel(3)], "urgent");

const statuses = (...items: readonly unknown[]) =>
  JSON.stringify({ status: "ok", response: { type: "order", data: { statuses: items } } });
const err = (response: string) => JSON.stringify({ status: "err", response });
const resting = (oid: number, seq: number) => ({ resting: { oid, cloid: cloid(seq) } });

describe("an action", () => {
  test("of places is in the venue's order and form", () => {
    const batch = batchOf(1, [
      place(1),
      place(2, { side: "ask", pxTicks: pxTicks(690_000), sizeLots: sizeLots(1), reduceOnly: true }),
      place(3, { tif: "Ioc" }),
    ]);
    const c = (seq: number) => `"c":"${cloid(seq)}"`;
    expect(JSON.stringify(buildAction(batch, US500))).toBe(
      `{"type":"order","orders":[` +
        `{"a":110000,"b":true,"p":"690.12","s":"0.145","r":false,"t":{"limit":{"tif":"Alo"}},${c(1)}},` +
        `{"a":110000,"b":false,"p":"690","s":"0.001","r":true,"t":{"limit":{"tif":"Alo"}},${c(2)}},` +
        `{"a":110000,"b":true,"p":"690.12","s":"0.145","r":false,"t":{"limit":{"tif":"Ioc"}},${c(3)}}` +
        `],"grouping":"na"}`,
    );
  });

  test("of modifies names the old order, and says so when it may take", () => {
    expect(buildAction(batchOf(1, [modify(4, 3)]), US500)).toEqual({
      type: "batchModify",
      modifies: [
        {
          oid: cloid(3),
          order: {
            a: 110_000,
            b: true,
            p: "690.12",
            s: "0.145",
            r: false,
            t: { limit: { tif: "Alo" } },
            c: cloid(4),
          },
        },
      ],
    });
    const taking = { ...modify(4, 3), tif: "Ioc" } as const;
    expect(buildAction(batchOf(1, [taking]), US500)).toMatchObject({ a: true });
  });

  test("of cancels leaves out the fast switch", () => {
    expect(buildAction(batchOf(1, [cancel(7)]), US500)).toEqual({
      type: "cancelByCloid",
      cancels: [{ asset: 110_000, cloid: cloid(7) }],
    });
    expect(buildAction(batchOf(1, [cancelOid(123)]), US500)).toEqual({
      type: "cancel",
      cancels: [{ a: 110_000, o: 123 }],
    });
  });

  test("is refused when it would be empty, too large or mixed", () => {
    expect(() => buildAction({ ...two, commands: [] }, US500)).toThrow("1 to 200 commands, got 0");
    const many = batchOf(
      1,
      Array.from({ length: 201 }, (_, index) => place(index)),
    );
    expect(() => buildAction(many, US500)).toThrow("got 201");
    expect(() => buildAction(batchOf(1, [place(1), cancel(2)]), US500)).toThrow("holds no cancel");
  });
});

describe("an answer", () => {
  test("is matched item by item", () => {
    const alo =
      "Post only order would have immediately matched, bbo was 690.11@690.12. asset=110000";
    const text = statuses({ error: alo }, resting(7, 2));
    expect(parseOutcomes(two, 200, text)).toEqual([
      { cloid: cloid(1), op: "place", result: "rejected", text: alo },
      { cloid: cloid(2), op: "place", result: "resting", oid: 7 },
    ]);
    const filled = { filled: { totalSz: "0.02", avgPx: "690.1", oid: 9 } };
    expect(parseOutcomes(batchOf(1, [place(1)]), 200, statuses(filled))).toEqual([
      { cloid: cloid(1), op: "place", result: "filled", oid: 9 },
    ]);
  });

  test("to cancels", () => {
    const gone = "Order was never placed, already canceled, or filled. asset=110000";
    expect(parseOutcomes(cancels, 200, statuses("success", { error: gone }, "success"))).toEqual([
      { cloid: cloid(1), op: "cancel", result: "cancelled" },
      { cloid: cloid(2), op: "cancel", result: "rejected", text: gone },
      { cloid: cloid(3), op: "cancel", result: "cancelled" },
    ]);
  });

  const refused: readonly [string, PlannedBatch, number, string, string][] = [
    [
      "one fault before anything was placed",
      two,
      200,
      statuses({ error: "Order has invalid price." }),
      "Order has invalid price.",
    ],
    [
      "far from the reference",
      tenPlaces(1),
      200,
      statuses({ error: "Order price cannot be more than 80% away from the reference price" }),
      "Order price cannot be more than 80% away from the reference price",
    ],
    [
      "an unknown signer",
      two,
      200,
      err("User or API Wallet 0x1719884eb866cb12b2287399b15f7db5e7d775ea does not exist."),
      "User or API Wallet 0x1719884eb866cb12b2287399b15f7db5e7d775ea does not exist.",
    ],
    ["an expired action", two, 200, err("Action already expired"), "Action already expired"],
    [
      "a spent address budget",
      two,
      200,
      err(
        "Too many cumulative requests sent (97460 > 97456) for cumulative volume traded $87457.46. Place taker orders to free up 1 request per USDC traded.",
      ),
      "Too many cumulative requests sent (97460 > 97456) for cumulative volume traded $87457.46. Place taker orders to free up 1 request per USDC traded.",
    ],
    [
      "a nonce that is too low",
      two,
      200,
      err("Invalid nonce: nonce too low 1 < 2"),
      "Invalid nonce: nonce too low 1 < 2",
    ],
    [
      "too many items",
      two,
      200,
      err("Signed action over weight limit of 200."),
      "Signed action over weight limit of 200.",
    ],
    [
      "a modify that comes too late",
      batchOf(1, [modify(4, 3), modify(6, 5)]),
      200,
      err("Cannot modify canceled or filled order"),
      "Cannot modify canceled or filled order",
    ],
    ["the IP limit", two, 429, "null", "HTTP 429: null"],
    [
      "a bad shape",
      two,
      422,
      "Failed to deserialize the JSON body into the target type",
      "HTTP 422: Failed to deserialize the JSON body into the target type",
    ],
  ];
  test.each(refused)("%s: nothing acted", (_, batch, status, text, said) => {
    const outcomes = parseOutcomes(batch, status, text);
    expect(outcomes.length).toBe(batch.commands.length);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ result: "rejected", text: said });
  });

  const unknown: readonly [string, PlannedBatch, number, string][] = [
    ["a server's fault", two, 500, "null"],
    ["a gateway's fault", two, 502, "<html>bad gateway</html>"],
    ["a redirect", two, 302, ""],
    ["no JSON", two, 200, "<html></html>"],
    ["an empty body", two, 200, ""],
    ["another shape", two, 200, `{"status":"ok","response":{"type":"default"}}`],
    ["too few answers", two, 200, statuses(resting(1, 1))],
    ["too many answers", two, 200, statuses(resting(1, 1), resting(2, 2), resting(3, 3))],
    ["one error for two of three", cancels, 200, statuses({ error: "x" }, "success")],
    ["a second delivery", two, 200, err("Invalid nonce: duplicate nonce 1700000000000")],
  ];
  test.each(unknown)("%s: the venue has to be asked", (_, batch, status, text) => {
    const outcomes = parseOutcomes(batch, status, text);
    expect(outcomes.map((outcome) => outcome.result)).toEqual(
      batch.commands.map(() => "unresolved"),
    );
  });

  test("that names another order, or waits for something, leaves only that order open", () => {
    const results = (...items: readonly unknown[]) =>
      parseOutcomes(two, 200, statuses(...items)).map((outcome) => outcome.result);
    expect(results(resting(1, 9), resting(2, 2))).toEqual(["unresolved", "resting"]);
    expect(results("waitingForTrigger", resting(2, 2))).toEqual(["unresolved", "resting"]);
    expect(results("success", resting(2, 2))).toEqual(["unresolved", "resting"]);
    const [first] = parseOutcomes(cancels, 200, statuses(resting(1, 1), "success", "success"));
    expect(first).toMatchObject({ op: "cancel", result: "unresolved" });
  });
});
