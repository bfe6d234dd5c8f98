import type { Audit } from "../messages/audit.ts";
import type { OrderCommand, PlaceCommand, RefusalReason } from "../messages/commands.ts";
import type { EventOf } from "../messages/events.ts";
import type { QuoteReason } from "../messages/orders.ts";
import type { BotState } from "../messages/state.ts";
import type { Side } from "../units/grid.ts";
import { moneyText, priceText, sizeText } from "./format.ts";
import type { Decision, DecisionKind, QuoteGroup } from "./types.ts";
import { fetchText, retrainText } from "./volText.ts";

/** A line of the log before it has its number. */
export type DecisionDraft = Pick<Decision, "kind" | "bid" | "ask" | "text" | "order">;

type Quote = {
  readonly side: Side;
  readonly pxTicks: number | null;
  readonly lots: number;
  readonly why: QuoteReason | null;
  readonly cloid: string | null;
};

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  halted: "halted",
  feedUnsafe: "the feed is not safe",
  notReconciled: "not reconciled with the exchange",
  expired: "already expired",
  offGrid: "off the price grid",
  belowMinimum: "below the minimum order",
  wouldCross: "would cross the book",
  crossesOwn: "would cross our own quote",
  wouldIncrease: "would increase the position",
  positionLimit: "over the position limit",
  margin: "over the margin cap",
  budget: "action budget kept for cancels",
  takers: "taking is not allowed now",
  capital: "beyond the capital of this step",
  noEdge: "no edge at this fee tier",
};

/** What an audit gives a person to read: nothing for most events, a few lines when something was decided. */
export function decisionsOf(audit: Audit): readonly DecisionDraft[] {
  return [
    ...eventDrafts(audit),
    ...commandDrafts(audit),
    ...refusalDrafts(audit),
    ...riskDrafts(audit.before, audit.after),
    ...runDrafts(audit.before, audit.after),
  ];
}

const plain = (kind: DecisionKind, text: string): DecisionDraft => ({
  kind,
  bid: null,
  ask: null,
  text,
  order: null,
});

function groupOf(quotes: readonly Quote[], side: Side): QuoteGroup | null {
  const own = quotes.filter((quote) => quote.side === side);
  if (own.length === 0) return null;
  const priced = own
    .filter((quote) => quote.pxTicks !== null)
    .toSorted((a, b) => ((b.pxTicks ?? 0) - (a.pxTicks ?? 0)) * (side === "bid" ? 1 : -1));
  return {
    count: own.length,
    bestPxTicks: priced[0]?.pxTicks ?? null,
    farPxTicks: priced.at(-1)?.pxTicks ?? null,
    lots: own.reduce((sum, quote) => sum + quote.lots, 0),
    why: priced[0]?.why ?? null,
    cloid: priced[0]?.cloid ?? null,
  };
}

function grouped(kind: DecisionKind, quotes: readonly Quote[], text: string): DecisionDraft {
  return { kind, bid: groupOf(quotes, "bid"), ask: groupOf(quotes, "ask"), text, order: null };
}

function quoteOf(command: OrderCommand, state: BotState): Quote | null {
  if (command.kind === "cancelOid") return null;
  if (command.kind === "cancel") {
    const order = state.orders.working[command.cloid];
    if (order === undefined) return null;
    const { side, pxTicks, leavesLots, reason, cloid } = order;
    return { side, pxTicks, lots: leavesLots, why: reason, cloid };
  }
  return placed(command);
}

function placed(command: Omit<PlaceCommand, "kind">): Quote {
  return {
    side: command.side,
    pxTicks: command.pxTicks,
    lots: command.sizeLots,
    why: command.reason,
    cloid: command.cloid,
  };
}

function commandDrafts(audit: Audit): DecisionDraft[] {
  if (audit.approved.length === 0) return [];
  const drafts: DecisionDraft[] = [];
  for (const kind of ["cancel", "modify", "place"] as const) {
    const quotes: Quote[] = [];
    for (const command of audit.approved) {
      if (command.kind !== kind) continue;
      const quote = quoteOf(command, audit.before);
      if (quote !== null) quotes.push(quote);
    }
    if (quotes.length > 0) drafts.push(grouped(kind, quotes, ""));
  }
  const strays = audit.approved.filter((command) => command.kind === "cancelOid").length;
  if (strays > 0)
    drafts.push(plain("reject", `Cancelled ${strays} unknown orders found on the exchange`));
  return drafts;
}

function refusalDrafts(audit: Audit): DecisionDraft[] {
  if (audit.refused.length === 0) return [];
  const byReason = new Map<RefusalReason, { quotes: Quote[]; detail: string }>();
  for (const refusal of audit.refused) {
    const entry = byReason.get(refusal.reason) ?? { quotes: [], detail: refusal.detail };
    const quote = quoteOf(refusal.command, audit.before);
    if (quote !== null) entry.quotes.push(quote);
    byReason.set(refusal.reason, entry);
  }
  return [...byReason].map(([reason, { quotes, detail }]) =>
    grouped(
      "refusal",
      quotes,
      `Not sent: ${REFUSALS[reason]}${detail === "" ? "" : ` (${detail})`}`,
    ),
  );
}

function riskDrafts(before: BotState, after: BotState): DecisionDraft[] {
  const was = before.risk;
  const is = after.risk;
  if (was === is) return [];
  const alarm = is.alarm ?? null;
  if (alarm !== null && alarm !== (was.alarm ?? null)) return [plain("risk", `Alarm: ${alarm}`)];
  if (was.mode !== is.mode)
    return [
      plain("risk", `Risk ${was.mode} → ${is.mode}${is.reason === "" ? "" : `: ${is.reason}`}`),
    ];
  if (was.haltReason !== is.haltReason)
    return [
      plain("risk", is.haltReason === null ? "Halt lifted" : `Halt latched: ${is.haltReason}`),
    ];
  return [];
}

function runDrafts(before: BotState, after: BotState): DecisionDraft[] {
  const was = before.run;
  const is = after.run;
  const drafts: DecisionDraft[] = [];
  if (was.phase !== is.phase) drafts.push(plain("run", `Phase ${was.phase} → ${is.phase}`));
  if (was.reconcileFailure !== is.reconcileFailure)
    drafts.push(
      plain(
        "run",
        is.reconcileFailure === null
          ? "Reconciled with the exchange"
          : `Reconciliation failed: ${is.reconcileFailure}`,
      ),
    );
  if (before.account.failure !== after.account.failure)
    drafts.push(
      plain(
        "account",
        after.account.failure === null
          ? "Margin read again"
          : `Margin unread: ${after.account.failure}`,
      ),
    );
  return drafts;
}

function eventDrafts(audit: Audit): DecisionDraft[] {
  const event = audit.event;
  const szDecimals = audit.after.run.spec?.szDecimals ?? 0;
  switch (event.kind) {
    case "fill":
      return [fillDraft(event, szDecimals)];
    case "funding":
      return [
        plain(
          "funding",
          `Funding ${event.microUsd >= 0 ? "received" : "paid"} ${moneyText(Math.abs(event.microUsd))}`,
        ),
      ];
    case "outcome":
      return outcomeDrafts(event, audit.before);
    case "orderUpdate":
      return orderUpdateDrafts(event);
    case "feedState":
      return [plain("feed", `The ${event.feed} feed is ${event.state}: ${event.detail}`)];
    case "operator":
      return [plain("operator", operatorText(event))];
    case "runStarted":
      return [plain("run", `Started on ${event.spec.market}`)];
    case "runStopping":
      return [plain("run", `Stopping: ${event.reason}`)];
    case "dataFetch":
      return [plain("volatility", fetchText(event))];
    case "volRetrain":
      return [plain("volatility", retrainText(event))];
    case "book":
    case "trade":
    case "margin":
    case "reconciled":
    case "timer":
      return [];
    default:
      return event satisfies never;
  }
}

function operatorText(event: EventOf<"operator">): string {
  const word = operatorWord(event.order);
  return `Operator: ${word}${event.reason === "" ? "" : ` (${event.reason})`}`;
}

function operatorWord(order: EventOf<"operator">["order"]): string {
  switch (order.op) {
    case "reduceOnly":
      return `reduce-only ${order.enabled ? "on" : "off"}`;
    case "cancelAll":
      return "cancel all";
    case "cancel":
      return `cancel ${"cloid" in order.order ? order.order.cloid : order.order.oid}`;
    case "halt":
    case "resume":
    case "flatten":
      return order.op;
  }
}

function fillDraft(event: EventOf<"fill">, szDecimals: number): DecisionDraft {
  const { fill } = event;
  const verb = fill.side === "bid" ? "Bought" : "Sold";
  const size = sizeText(fill.sizeLots, szDecimals);
  const px = priceText(fill.pxTicks, szDecimals);
  const text = `${verb} ${size} at ${px} as ${fill.taker ? "taker" : "maker"}, fee ${moneyText(fill.feeMicroUsd)}`;
  return { ...plain("fill", text), order: fill.cloid ?? String(fill.oid) };
}

function outcomeDrafts(event: EventOf<"outcome">, before: BotState): DecisionDraft[] {
  const byText = new Map<string, Quote[]>();
  for (const outcome of event.outcomes) {
    if (outcome.result !== "rejected" && outcome.result !== "unresolved") continue;
    const word = outcome.result === "rejected" ? "Rejected" : "Unanswered";
    const text = `${word} ${outcome.op}: ${outcome.text}`;
    const order = before.orders.working[outcome.cloid];
    const quotes = byText.get(text) ?? [];
    if (order !== undefined) {
      const { side, pxTicks, leavesLots, cloid } = order;
      quotes.push({ side, pxTicks, lots: leavesLots, why: null, cloid });
    }
    byText.set(text, quotes);
  }
  return [...byText].map(([text, quotes]) => grouped("reject", quotes, text));
}

/** The ordinary words of an order's life; every other one is worth a line. */
const ORDINARY = new Set(["open", "filled", "canceled"]);

function orderUpdateDrafts(event: EventOf<"orderUpdate">): DecisionDraft[] {
  if (ORDINARY.has(event.status)) return [];
  const quote: Quote = {
    side: event.side,
    pxTicks: event.pxTicks,
    lots: event.leavesLots === 0 ? event.origLots : event.leavesLots,
    why: null,
    cloid: event.cloid,
  };
  return [grouped("reject", [quote], `The exchange says ${event.status}`)];
}
