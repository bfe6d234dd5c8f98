import type { ComponentChildren, JSX } from "preact";
import {
  bpsText,
  countText,
  dateTimeText,
  moneyText,
  percentText,
  signedMoneyText,
  spanText,
  timeText,
} from "../format.ts";
import { store, unit } from "./context.ts";
import { toneOf } from "./header.tsx";
import { pastMs, shownFigures, shownPnl } from "./past.ts";

/** Beside the heading of what stays in the present while the page looks back. */
export function PresentTag(): JSX.Element | null {
  return pastMs.value === null ? null : <span class="tag">as of now</span>;
}

/** A box with a heading. */
export function Panel(props: {
  readonly id: string;
  readonly title: string;
  /** Shows the present also while the page looks back, and says so. */
  readonly present?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="panel" aria-labelledby={`${props.id}-title`}>
      <div class="title">
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        {props.present === true && <PresentTag />}
      </div>
      {props.children}
    </section>
  );
}

type PairProps = {
  readonly label: string;
  readonly tone?: string;
  readonly swatch?: string;
  /** Part of the row before: how far it is set in. */
  readonly depth?: number;
  readonly children: ComponentChildren;
};

/** A row with a name and a value. */
export function Pair(props: PairProps): JSX.Element {
  return (
    <tr>
      <th scope="row" class={`depth-${props.depth ?? 0}`}>
        {props.swatch !== undefined && <span class={`swatch ${props.swatch}`} aria-hidden="true" />}
        {props.label}
      </th>
      <td class={props.tone ?? ""}>{props.children}</td>
    </tr>
  );
}

/** Rows of names and values. */
export function Pairs(props: {
  readonly caption: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <table class="pairs">
      <caption class="hidden">{props.caption}</caption>
      <tbody>{props.children}</tbody>
    </table>
  );
}

function Meter(props: {
  readonly label: string;
  readonly value: number | null;
  readonly warnAt: number;
  readonly text: string;
}): JSX.Element {
  const share = Math.min(1, Math.max(0, props.value ?? 0));
  const tone = props.value !== null && props.value >= props.warnAt ? "warn" : "";
  return (
    <div
      class={`meter ${tone}`}
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={props.text}
    >
      <span style={{ width: `${share * 100}%` }} />
    </div>
  );
}

export function Profit(): JSX.Element {
  const ledger = store.live.ledger.value;
  const pnl = shownPnl.value ?? undefined;
  const money = (value: number | undefined): string => signedMoneyText(value ?? null);
  const markout = ledger?.markoutBps;
  return (
    <Panel id="profit" title={`PnL, ${unit.value}`}>
      <Pairs caption="Profit and its parts">
        <Pair label="Spread captured" swatch="spread" tone={toneOf(pnl?.spread ?? 0)}>
          {money(pnl?.spread)}
        </Pair>
        <Pair label="Adverse selection" swatch="adverse" tone={toneOf(pnl?.adverse ?? 0)}>
          {money(pnl?.adverse)}
        </Pair>
        <Pair label="Inventory" swatch="inventory" tone={toneOf(pnl?.inventory ?? 0)}>
          {money(pnl?.inventory)}
        </Pair>
        <Pair label="Funding" swatch="funding" tone={toneOf(pnl?.funding ?? 0)}>
          {money(pnl?.funding)}
        </Pair>
        <Pair label="Fees" swatch="fees" tone={toneOf(-(pnl?.fees ?? 0))}>
          {money(pnl === undefined ? undefined : -pnl.fees)}
        </Pair>
        <tr class="sum">
          <th scope="row">
            <span class="swatch total" aria-hidden="true" />
            Total
          </th>
          <td class={toneOf(pnl?.total ?? 0)}>{money(pnl?.total)}</td>
        </tr>
        <Pair label="Traded as maker">{moneyText(ledger?.notionalMicroUsd.maker ?? null)}</Pair>
        <Pair label="Traded as taker">{moneyText(ledger?.notionalMicroUsd.taker ?? null)}</Pair>
        <Pair label="Markout, bids / asks">
          {bpsText(markout?.bid ?? null)} / {bpsText(markout?.ask ?? null)} bp
        </Pair>
      </Pairs>
    </Panel>
  );
}

export function Risk(): JSX.Element {
  const risk = store.live.risk.value;
  const ledger = store.live.ledger.value;
  const { mode, reason, sinceMs } = shownFigures.value;
  const atMs = pastMs.value;
  const now = atMs ?? store.live.clock.value?.nowMs ?? 0;
  const history = (risk?.history ?? []).filter((change) => change.atMs <= now);
  if (risk === null || mode === null)
    return (
      <Panel id="risk" title="Risk">
        <p class="empty">Not known yet.</p>
      </Panel>
    );
  return (
    <Panel id="risk" title="Risk">
      <p class="mode-line">
        <span class={`tag mode ${mode}`}>{mode}</span> {reason}
        {sinceMs !== null && sinceMs > 0 && (
          <span class="dim"> · for {spanText(now - sinceMs)}</span>
        )}
      </p>
      {atMs === null && risk.operatorReduceOnly !== null && (
        <p>Reduce-only by the operator: {risk.operatorReduceOnly}</p>
      )}
      <Pairs caption="Streaks">
        <Pair label="Losing round trips in a row">{countText(ledger?.lossStreak ?? null)}</Pair>
      </Pairs>
      {history.length === 0 ? (
        <p class="empty">The mode {atMs === null ? "has" : "had"} not changed in this run.</p>
      ) : (
        // A scrolling region has to be reachable with the keyboard.
        <ol class="history" tabIndex={0} aria-label="Changes of the risk mode, newest first">
          {history.slice(0, 12).map((change) => (
            <li key={change.atMs + change.to} title={dateTimeText(change.atMs)}>
              <time dateTime={new Date(change.atMs).toISOString()}>{timeText(change.atMs)}</time>{" "}
              {change.from} → <strong>{change.to}</strong> <span class="dim">{change.reason}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

export function Account(): JSX.Element {
  const account = store.live.account.value;
  const limits = store.run.value?.limits;
  const now = store.live.clock.value?.nowMs ?? 0;
  const reading = account?.reading ?? null;
  const failure = account?.failure ?? null;
  const cap = limits?.marginCap ?? 1;
  return (
    <Panel id="account" present title={`Margin, ${unit.value}`}>
      {failure !== null && <p class="bad">Margin unread: {failure}</p>}
      <Meter
        label="Margin in use"
        value={account?.marginUse ?? null}
        warnAt={limits?.reduceOnlyMargin ?? 1}
        text={`${percentText(account?.marginUse ?? null)} of equity, cap ${percentText(cap, 0)}`}
      />
      <Pairs caption="Margin account">
        <Pair label="In use / cap">
          {percentText(account?.marginUse ?? null)} / {percentText(cap, 0)}
        </Pair>
        <Pair label="Equity">{moneyText(reading?.equityMicroUsd ?? null)}</Pair>
        <Pair label="Held by positions">{moneyText(reading?.marginUsedMicroUsd ?? null)}</Pair>
        <Pair label="Withdrawable">{moneyText(reading?.withdrawableMicroUsd ?? null)}</Pair>
        <Pair label="Drawdown, day / run">
          {percentText(account?.drawdownDay ?? null, 2)} /{" "}
          {percentText(account?.drawdownRun ?? null, 2)}
        </Pair>
        <Pair label="Read">
          {account === null || reading === null ? "never" : `${spanText(now - account.readMs)} ago`}
        </Pair>
      </Pairs>
    </Panel>
  );
}

export function Actions(): JSX.Element {
  const budget = store.live.budget.value;
  const used = store.live.runtime.value?.actions.used ?? null;
  const share = budget === null || budget.cap === 0 ? null : 1 - budget.left / budget.cap;
  const runway = budget?.runwayHours ?? null;
  return (
    <Panel id="actions" present title="Action budget">
      <Meter
        label="Actions used"
        value={share}
        warnAt={0.8}
        text={budget === null ? "not read yet" : `${countText(budget.left)} actions left`}
      />
      <Pairs caption="Address action budget">
        <Pair label="Left of cap">
          {countText(budget?.left ?? null)} / {countText(budget?.cap ?? null)}
        </Pair>
        <Pair label="Sent in this run">{countText(used)}</Pair>
        <Pair label="Churn">{countText(budget?.actionsPerHour ?? null)} per hour</Pair>
        <Pair label="Runway at this churn">
          {runway === null
            ? "nothing is sent"
            : runway > 24 * 365
              ? "over a year"
              : spanText(runway * 3_600_000)}
        </Pair>
      </Pairs>
    </Panel>
  );
}
