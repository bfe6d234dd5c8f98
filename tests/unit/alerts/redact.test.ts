import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { redactor } from "../../../lib/runtime/redact.ts";

const KEY = "0123456789abcdef".repeat(4);

describe("what nobody should read", () => {
  const redact = redactor([
    "a/secret+with&signs",
    "smtps://alerts:p%40ss%2Fword@mail.example.org:465",
    "https://hooks.example.org/in/PATHsecret?key=QUERYsecret",
  ]);

  test.each([
    ["plain: a/secret+with&signs!", "plain: [secret]!"],
    [
      `in an address: ?t=${encodeURIComponent("a/secret+with&signs")}`,
      "in an address: ?t=[secret]",
    ],
    ["as it is typed: p@ss/word", "as it is typed: [secret]"],
    ["as it is in the address: p%40ss%2Fword", "as it is in the address: [secret]"],
    [
      `as mail sends it: ${Buffer.from("\0alerts\0p@ss/word").toString("base64")}`,
      "as mail sends it: [secret]",
    ],
    ["the path: /in/PATHsecret", "the path: [secret]"],
    ["the query: ?key=QUERYsecret", "the query: [secret]"],
  ])("known, %s", (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each([
    [`a key ${KEY}`, "a key [secret]"],
    [`a signature "0x${KEY}"`, 'a signature "[secret]"'],
    [`without its leading zeros 0x${KEY.slice(2)}`, "without its leading zeros [secret]"],
    [
      "https://api.telegram.org/bot12:abc-DEF_/sendMessage",
      "https://api.telegram.org/bot[secret]/sendMessage",
    ],
    [
      "https://hooks.slack.com/services/T0/B0/xyz failed",
      "https://hooks.slack.com/services/[secret] failed",
    ],
    ["https://discord.com/api/webhooks/1/abc", "https://discord.com/api/webhooks/[secret]"],
    ["http://user:password@proxy.example/x", "http://[secret]@proxy.example/x"],
    ["authorization: Bearer abcdefgh12345678", "authorization: Bearer [secret]"],
  ])("unknown, %s", (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test("but ids of orders, addresses and plain words stay", () => {
    const text =
      "0xa5005fa5e73c01a2034fbf4000000000 of 0x14791697260e4c9a71f18484c9f997b308e59325: fine";
    expect(redact(text)).toBe(text);
  });

  test("is gone wherever it stands, whatever is around it", () => {
    const word = fc.string({ minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(word, fc.string(), fc.string(), (secret, before, after) => {
        // A text that stands in for secrets may itself hold a short one.
        fc.pre(!"[secret]".includes(secret));
        const clean = redactor([secret])(JSON.stringify({ text: before + secret + after }));
        expect(clean.includes(JSON.stringify(secret).slice(1, -1))).toBe(
          clean.includes("[secret]") && "[secret]".includes(secret),
        );
      }),
      { numRuns: 200 },
    );
  });
});
