import { describe, expect, test } from "bun:test";
import { checkRisk } from "../../lib/core/risk.ts";
import type { Command } from "../../lib/messages/commands.ts";
import type { Event, EventOf } from "../../lib/messages/events.ts";
import type { BotState } from "../../lib/messages/state.ts";
import type { Step } from "../../lib/messages/step.ts";
import { sizeLots } from "../../lib/units/numbers.ts";
import {
  START_MS,
  at,
  dispatch,
  order,
  params,
  quotingState,
  withOrders,
} from "../support/coreFixtures.ts";

const PARAMS = params();
const handle = (event: Event, state: BotState): Step => dispatch(event, state, PARAMS);
const book = (atMs: number): Event => ({ ...at(atMs), kind: "book" });
const tell = (op: EventOf<"operator">["order"], state: BotState): Step =>
  handle({ ...at(), kind: "operator", order: op, reason: "test" }, state);

const places = (commands: readonly Command[]) =>
  commands.filter((command) => command.kind === "place");

describe("flatten", () => {
  test("rests in front of the touch first, then takes the whole position, each reduce-only", () => {
    const { state, commands } = tell({ op: "flatten" }, quotingState(40));
    expect(state.risk).toMatchObject({ mode: "flatten", reason: "operator: flatten: test" });
    const out = { side: "ask", sizeLots: 40, reduceOnly: true };
    expect(places(commands)).toMatchObject([{ ...out, tif: "Alo" }]);
    expect(checkRisk(state, commands, book(START_MS), PARAMS).refused).toEqual([]);
    const later = book(START_MS + 2_000);
    const taking = handle(later, state);
    expect(places(taking.commands)).toMatchObject([{ ...out, tif: "Ioc" }]);
    expect(checkRisk(taking.state, taking.commands, later, PARAMS).refused).toEqual([]);
  });

  test("when flat nothing is quoted until somebody resumes", () => {
    const flat = tell({ op: "flatten" }, quotingState()).state;
    expect(handle(book(START_MS + 5_000), flat).commands).toEqual([]);
    const resumed = tell({ op: "resume" }, flat);
    expect(resumed.state.risk.mode).toBe("normal");
    expect(places(resumed.commands).length).toBeGreaterThan(1);
  });

  test("goes before a halt, which would keep the position, and the halt goes before quoting", () => {
    const halted = tell({ op: "halt" }, quotingState(-40)).state;
    const { state, commands } = tell({ op: "flatten" }, halted);
    expect(places(commands)).toMatchObject([{ side: "bid", sizeLots: 40, reduceOnly: true }]);
    expect(state.risk.haltReason).toBe("operator: test");
    const { approved } = checkRisk(state, commands, at(), PARAMS);
    expect(approved).toHaveLength(commands.length);
  });

  test("twice is once", () => {
    const once = tell({ op: "flatten" }, quotingState()).state;
    expect(tell({ op: "flatten" }, once).state).toBe(once);
  });
});

describe("cancel", () => {
  const resting = order({ oid: 77, phase: "resting", leavesLots: sizeLots(20) });

  test("all: every order goes, the venue's list is asked for, and nothing is placed again", () => {
    const { state, commands } = tell({ op: "cancelAll" }, withOrders(quotingState(), [resting]));
    expect(commands).toContainEqual({ kind: "cancel", cloid: resting.cloid });
    expect(commands).toContainEqual({ kind: "reconcile" });
    expect(state.risk).toMatchObject({ mode: "halted", haltReason: "operator: cancel all: test" });
    const empty = withOrders(state, []);
    expect(handle(book(START_MS + 5_000), empty).commands).toEqual([]);
  });

  test.each([
    ["by our id", { cloid: resting.cloid }, [{ kind: "cancel", cloid: resting.cloid }]],
    ["by the venue's id", { oid: 77 }, [{ kind: "cancel", cloid: resting.cloid }]],
    ["that we do not know", { oid: 78 }, [{ kind: "cancelOid", oid: 78 }]],
    ["with an unknown id of ours", { cloid: `0x${"0".repeat(32)}` }, []],
  ] as const)("one order %s", (_, wanted, expected) => {
    const { commands } = tell(
      { op: "cancel", order: wanted },
      withOrders(quotingState(), [resting]),
    );
    expect(commands).toEqual([...expected]);
  });
});
