import { expect, test } from "bun:test";
import fc from "fast-check";
import { planBatches } from "../../lib/core/batches.ts";
import type { Approved, Command } from "../../lib/messages/commands.ts";
import { ms, pxTicks, sizeLots } from "../../lib/units/numbers.ts";
import { params } from "../support/coreFixtures.ts";

const command: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.constantFrom("place", "modify", "cancel", "cancelOid", "readMargin", "reconcile"),
    tif: fc.constantFrom("Alo" as const, "Ioc" as const),
    reduceOnly: fc.boolean(),
    id: fc.nat(1e6),
    expiresMs: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ kind, tif, reduceOnly, id, expiresMs }): Command => {
    const cloid = `0x${id}`;
    const order = {
      cloid,
      side: "bid" as const,
      pxTicks: pxTicks(770_000),
      sizeLots: sizeLots(20),
      tif,
      reduceOnly,
      expiresMs: ms(expiresMs),
      reason: null,
    };
    if (kind === "place") return { ...order, kind };
    if (kind === "modify") return { ...order, kind, replaces: "0xold" };
    if (kind === "cancel") return { kind, cloid };
    if (kind === "cancelOid") return { kind, oid: id };
    return { kind: kind === "readMargin" ? "readMargin" : "reconcile" };
  });

/** What decides where an order goes; cancels have no such marks. */
const marks = (item: Command) =>
  item.kind === "place" || item.kind === "modify" ? [item.tif, item.reduceOnly] : [];

test("every order command is in one batch of its own kind and class, ways out first, bounded, each with its nonce", () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (commands, size) => {
        let nonce = 0;
        const batches = planBatches(
          commands as Approved[],
          () => ++nonce,
          params({ batchSize: size }),
        );
        const sent = batches.flatMap((batch) => batch.commands as readonly Command[]);
        const orders = commands.filter(({ kind }) => kind !== "readMargin" && kind !== "reconcile");
        expect(new Set(sent)).toEqual(new Set(orders));
        expect(sent.length).toBe(orders.length);
        expect(batches.map((batch) => batch.nonce)).toEqual(batches.map((_, i) => i + 1));
        for (const batch of batches) {
          expect(batch.commands.length).toBeLessThanOrEqual(size);
          const kinds = new Set(
            batch.commands.map((item) => JSON.stringify([item.kind, ...marks(item)])),
          );
          expect(kinds.size).toBe(1);
          const [first] = batch.commands as readonly Command[];
          const out =
            first?.kind === "cancel" ||
            first?.kind === "cancelOid" ||
            (first !== undefined && marks(first)[1] === true);
          expect(batch.lane).toBe(out ? "urgent" : "quotes");
          const expiries = batch.commands.flatMap((item) =>
            "expiresMs" in item ? [Number(item.expiresMs)] : [],
          );
          expect(batch.expiresMs).toBe(expiries.length === 0 ? null : Math.min(...expiries));
        }
        const lanes = batches.filter(({ kind }) => kind === "cancel" || kind === "cancelOid");
        expect(batches.slice(0, lanes.length)).toEqual(lanes);
      },
    ),
    { numRuns: 300 },
  );
});
