import type { ComponentChildren, JSX } from "preact";
import {
  countText,
  dateTimeText,
  doingText,
  MODE_WORDS,
  moneyText,
  percentText,
  positionText,
  priceText,
  signedMoneyText,
  spanText,
  stampText,
} from "../format.ts";
import type { MarketSource } from "../types.ts";
import { store, szDecimals, unit } from "./context.ts";
import { pastMs, shownFigures, shownMarket, shownMidX2, shownOrders } from "./past.ts";
import { Theme } from "./theme.tsx";

/** In one word, whether the market is real. */
const SOURCE_WORDS: Readonly<Record<MarketSource, string>> = {
  simulated: "SIMULATED",
  replayed: "REPLAYED",
  mirrored: "MIRRORED",
  exchange: "REAL MARKET",
};

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
      {run !== null && (
        <div class="stamp">
          <p class={`badge ${run.mode}`}>
            {run.source !== undefined && <strong class="source">{SOURCE_WORDS[run.source]}</strong>}
            <span class="feed" title={stampText(run)}>
              {stampText(run)}
            </span>
          </p>
        </div>
      )}
      <Connection />
      {clock !== null && (
        <span class="clock">
          <time dateTime={new Date(clock.nowMs).toISOString()}>{dateTimeText(clock.nowMs)}</time>{" "}
          UTC
          {run !== null && <span class="dim"> · up {spanText(clock.nowMs - run.startedMs)}</span>}
        </span>
      )}
      <Theme />
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
  const doing = doingText(run.phase, store.live.risk.value?.mode ?? "normal");
  const tone = doing === "quoting" ? "good" : doing === run.phase ? "warn" : "bad";
  return [`live feed · ${doing}`, tone];
}

function Connection(): JSX.Element {
  const [word, tone] = connectionWord();
  return (
    <span class={`state ${tone}`} role="status">
      {word}
    </span>
  );
}

/** What must not be overlooked: `word` is said aloud, `text` has the figures too. */
type Notice = { readonly tone: "bad" | "warn"; readonly word: string; readonly text: string };

function linkNotices(): readonly Notice[] {
  const clock = store.live.clock.value;
  const from = clock === null ? "before" : dateTimeText(clock.nowMs);
  if (store.link.value === "cut")
    return [
      {
        tone: "bad",
        word: "Disconnected from the bot.",
        text: `Disconnected from the bot. What you see is from ${from} UTC; trying again every second.`,
      },
    ];
  const quietMs = store.quietMs.value;
  if (quietMs === null) return [];
  return [
    {
      tone: "bad",
      word: "Nothing new from the market.",
      text: `Nothing new from the market for ${spanText(quietMs)}: the book that you see is from ${from} UTC.`,
    },
  ];
}

function runNotices(): readonly Notice[] {
  const run = store.live.run.value;
  if (run === null) {
    const word = "Starting: waiting for the first event.";
    return store.link.value === "open" ? [{ tone: "warn", word, text: word }] : [];
  }
  const notices: Notice[] = [];
  for (const [name, state] of Object.entries(run.feeds)) {
    const word = `The ${name} feed is ${state}`;
    const text = `${word}: quotes are pulled until it is back.`;
    if (state !== "live") notices.push({ tone: "bad", word, text });
  }
  if (run.reconcileFailure !== null)
    notices.push({
      tone: "bad",
      word: "Not reconciled with the exchange.",
      text: `Not reconciled with the exchange: ${run.reconcileFailure}`,
    });
  return notices;
}

function riskNotices(): readonly Notice[] {
  const risk = store.live.risk.value;
  if (risk === null || risk.mode === "normal") return [];
  if (risk.mode === "halted")
    return [
      {
        tone: "bad",
        word: "Halted.",
        text: `Halted: ${risk.haltReason ?? risk.reason}. Only an operator lifts it.`,
      },
    ];
  const word = `Risk mode ${risk.mode}.`;
  return [{ tone: "warn", word, text: `Risk mode ${risk.mode}: ${risk.reason}` }];
}

/** What must not be overlooked, in full width. Aloud it is said once, without the figures that change all the time. */
export function Notices(): JSX.Element {
  const notices = [...linkNotices(), ...runNotices(), ...riskNotices()];
  return (
    <>
      <div class="notices">
        {notices.map(({ tone, word, text }) => (
          <p key={word} class={tone}>
            {text}
          </p>
        ))}
      </div>
      <div class="hidden" role="alert">
        {notices.map(({ word }) => (
          <p key={word}>{word}</p>
        ))}
      </div>
    </>
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

/** The figures that a glance wants: of now, or of the moment that is looked at. */
export function Figures(): JSX.Element {
  const { position, limit, total, equity, marginUse, fills, mode, reason } = shownFigures.value;
  const orders = shownOrders.value;
  const sz = szDecimals.value;
  const mid = shownMidX2.value;
  const notional = position === null || mid === null ? null : Math.abs(position) * (mid / 2);
  const share =
    limit === null || position === null || limit === 0
      ? ""
      : `, ${percentText(Math.abs(position) / limit, 0)} of limit`;
  const bids = orders.filter((order) => order.side === "bid").length;
  return (
    <dl class={pastMs.value === null ? "figures" : "figures past"} aria-label="Key figures">
      <Figure label="Mid" note={`mark ${priceText(shownMarket.value?.markPxTicks ?? null, sz)}`}>
        {priceText(mid === null ? null : mid / 2, sz)}
      </Figure>
      <Figure label={`PnL, ${unit.value}`} tone={toneOf(total ?? 0)} note="since the first reading">
        {signedMoneyText(total)}
      </Figure>
      <Figure label="Position, contracts" note={`worth ${moneyText(notional)}${share}`}>
        {positionText(position, sz)}
      </Figure>
      <Figure label={`Equity, ${unit.value}`} note={`margin in use ${percentText(marginUse)}`}>
        {moneyText(equity)}
      </Figure>
      <Figure label="Resting orders" note={`${bids} bids · ${orders.length - bids} asks`}>
        {countText(orders.length)}
      </Figure>
      <Figure label="Fills" note={fillsNote()}>
        {countText(fills)}
      </Figure>
      <Figure label="Risk" tone={mode === null ? "" : `mode ${mode}`} note={reason}>
        {mode ?? "–"}
      </Figure>
    </dl>
  );
}

function fillsNote(): string {
  const fills = store.live.ledger.value?.fills;
  if (fills === undefined || fills.count === 0) return "none yet";
  return `${percentText(fills.maker / fills.count, 0)} maker`;
}
