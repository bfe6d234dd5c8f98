import type { ComponentChildren, JSX } from "preact";
import {
  countText,
  dateTimeText,
  MODE_WORDS,
  moneyText,
  percentText,
  positionText,
  priceText,
  signedMoneyText,
  spanText,
  stampText,
} from "../format.ts";
import { shownMidX2, store, szDecimals, unit } from "./context.ts";

export function Header(): JSX.Element {
  const run = store.run.value;
  const clock = store.live.clock.value;
  const market = run?.spec.market ?? "AMM-500";
  document.title = run === null ? "AMM-500" : `${MODE_WORDS[run.mode]} ${market}`;
  return (
    <header>
      <h1>
        {market}
        {run !== null && <small> {run.spec.collateralName}</small>}
      </h1>
      {run !== null && <span class="badge">{stampText(run)}</span>}
      <Connection />
      {clock !== null && (
        <span class="clock">
          <time dateTime={new Date(clock.nowMs).toISOString()}>{dateTimeText(clock.nowMs)}</time>{" "}
          UTC
          {run !== null && <span class="dim"> · up {spanText(clock.nowMs - run.startedMs)}</span>}
        </span>
      )}
    </header>
  );
}

/** One word on the line and the feeds, and how bad that is. */
function connectionWord(): readonly [string, "good" | "warn" | "bad"] {
  const link = store.link.value;
  const run = store.live.run.value;
  if (link === "cut") return ["disconnected", "bad"];
  if (link === "connecting" || run === null) return ["connecting", "warn"];
  for (const [name, state] of Object.entries(run.feeds))
    if (state !== "live") return [`${name} feed ${state}`, "bad"];
  if (run.phase === "quoting") return ["live feed · quoting", "good"];
  return [`live feed · ${run.phase}`, "warn"];
}

function Connection(): JSX.Element {
  const [word, tone] = connectionWord();
  return (
    <span class={`state ${tone}`} role="status">
      {word}
    </span>
  );
}

/** What must not be overlooked, in full width. */
export function Notices(): JSX.Element {
  const notices: [string, string][] = [];
  const link = store.link.value;
  const run = store.live.run.value;
  const risk = store.live.risk.value;
  const clock = store.live.clock.value;
  if (link === "cut")
    notices.push([
      "bad",
      `Disconnected from the bot. What you see is from ${clock === null ? "before" : dateTimeText(clock.nowMs)} UTC; trying again every second.`,
    ]);
  if (run !== null) {
    for (const [name, state] of Object.entries(run.feeds))
      if (state !== "live")
        notices.push(["bad", `The ${name} feed is ${state}: quotes are pulled until it is back.`]);
    if (run.reconcileFailure !== null)
      notices.push(["bad", `Not reconciled with the exchange: ${run.reconcileFailure}`]);
  } else if (link === "open") notices.push(["warn", "Starting: waiting for the first event."]);
  if (risk !== null && risk.mode === "halted")
    notices.push(["bad", `Halted: ${risk.haltReason ?? risk.reason}. Only an operator lifts it.`]);
  else if (risk !== null && risk.mode !== "normal")
    notices.push(["warn", `Risk mode ${risk.mode}: ${risk.reason}`]);
  return (
    <div class="notices" role="alert">
      {notices.map(([tone, text]) => (
        <p key={text} class={tone}>
          {text}
        </p>
      ))}
    </div>
  );
}

function Figure(props: {
  readonly label: string;
  readonly note?: ComponentChildren;
  readonly tone?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="figure">
      <dt>{props.label}</dt>
      <dd class={props.tone ?? ""}>{props.children}</dd>
      <dd class="note">{props.note ?? " "}</dd>
    </div>
  );
}

/** Colour never stands alone: the sign is always written. */
export function toneOf(value: number): string {
  return value > 0 ? "gain" : value < 0 ? "loss" : "";
}

export function Figures(): JSX.Element {
  const ledger = store.live.ledger.value;
  const account = store.live.account.value;
  const risk = store.live.risk.value;
  const orders = store.live.orders.value ?? [];
  const sz = szDecimals.value;
  const mid = shownMidX2.value;
  const total = ledger?.pnl.total ?? null;
  const fills = ledger?.fills;
  const position = ledger?.positionLots ?? null;
  const limit = ledger?.limitLots ?? null;
  const notional = position === null || mid === null ? null : Math.abs(position) * (mid / 2);
  const bids = orders.filter((order) => order.side === "bid").length;
  return (
    <dl class="figures" aria-label="Key figures">
      <Figure label="Mid" note={markNote()}>
        {priceText(mid === null ? null : mid / 2, sz)}
      </Figure>
      <Figure label={`PnL, ${unit.value}`} tone={toneOf(total ?? 0)} note="since the first reading">
        {signedMoneyText(total)}
      </Figure>
      <Figure
        label="Position, contracts"
        note={
          limit === null || position === null || limit === 0
            ? `worth ${moneyText(notional)}`
            : `worth ${moneyText(notional)}, ${percentText(Math.abs(position) / limit, 0)} of limit`
        }
      >
        {positionText(position, sz)}
      </Figure>
      <Figure
        label={`Equity, ${unit.value}`}
        note={account === null ? " " : `margin in use ${percentText(account.marginUse)}`}
      >
        {moneyText(account?.reading?.equityMicroUsd ?? null)}
      </Figure>
      <Figure label="Resting orders" note={`${bids} bids · ${orders.length - bids} asks`}>
        {countText(orders.length)}
      </Figure>
      <Figure
        label="Fills"
        note={
          fills === undefined || fills.count === 0
            ? "none yet"
            : `${percentText(fills.maker / fills.count, 0)} maker`
        }
      >
        {countText(fills?.count ?? null)}
      </Figure>
      <Figure label="Risk" tone={risk === null ? "" : `mode ${risk.mode}`} note={risk?.reason}>
        {risk?.mode ?? "–"}
      </Figure>
    </dl>
  );
}

function markNote(): string {
  const market = store.live.market.value;
  return `mark ${priceText(market?.markPxTicks ?? null, szDecimals.value)}`;
}
