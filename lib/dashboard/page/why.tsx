import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { dateTimeText, moneyText, percentText, priceText, sizeText } from "../format.ts";
import { marketPairs, reasonPairs } from "../reasonPairs.ts";
import type { OrderStory, PastOrder, PastView } from "../stories.ts";
import type { Side } from "../../units/grid.ts";
import { szDecimals } from "./context.ts";
import { Pair, Pairs } from "./panels.tsx";
import { lookAt, past, pastFailure, pastMs } from "./past.ts";
import { closeWhy, explainOrder, story, storyFailure, subject } from "./whyState.ts";

/** To the millisecond: what happened in a second matters here. */
function momentText(atMs: number): string {
  return `${dateTimeText(atMs)}.${String(Math.floor(atMs) % 1000).padStart(3, "0")}`;
}

function PairRows(props: {
  readonly caption: string;
  readonly pairs: readonly (readonly [string, string])[];
}): JSX.Element {
  return (
    <Pairs caption={props.caption}>
      {props.pairs.map(([label, value]) => (
        <Pair key={label} label={label.trim()} depth={Math.floor(label.search(/\S/) / 2)}>
          {value}
        </Pair>
      ))}
    </Pairs>
  );
}

function Part(props: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <>
      <h3>{props.title}</h3>
      {props.children}
    </>
  );
}

function Missing(props: { readonly missing: readonly string[] }): JSX.Element {
  return (
    <>
      {props.missing.map((text) => (
        <p key={text} class="note">
          {text}
        </p>
      ))}
    </>
  );
}

function sentText({ order }: OrderStory, sz: number): string {
  if (order === null) return "What was sent is no longer stored.";
  const { side, sizeLots, pxTicks, tif, reduceOnly } = order;
  const kind = tif === "Alo" ? "post-only" : "immediate or cancel";
  return `${side} ${sizeText(sizeLots, sz)} at ${priceText(pxTicks, sz)}, ${kind}${reduceOnly ? ", reduce-only" : ""}`;
}

/** Ids of other orders are long and lead on to them. */
function Linked(props: { readonly text: string }): JSX.Element {
  return (
    <>
      {props.text.split(/(0x[0-9a-f]{32})/).map((piece) =>
        piece.startsWith("0x") ? (
          <button
            key={piece}
            type="button"
            class="link"
            title={piece}
            onClick={() => void explainOrder(piece)}
          >
            another order (…{piece.slice(-4)})
          </button>
        ) : (
          piece
        ),
      )}
    </>
  );
}

function Life(props: { readonly told: OrderStory }): JSX.Element {
  const { happenings, fills } = props.told;
  const sz = szDecimals.value;
  const all = [
    ...happenings.map(({ atMs, text }) => ({ atMs, text })),
    ...fills.map((fill) => ({
      atMs: fill.venueMs,
      text: `filled ${sizeText(fill.sizeLots, sz)} at ${priceText(fill.pxTicks, sz)} as ${fill.taker ? "taker" : "maker"}, fee ${moneyText(fill.feeMicroUsd)}`,
    })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  return (
    <ol class="life">
      {all.map(({ atMs, text }) => (
        <li key={`${atMs} ${text}`}>
          <button type="button" title={momentText(atMs)} onClick={() => lookAt(atMs)}>
            {momentText(atMs).slice(11)}
          </button>{" "}
          <Linked text={text} />
        </li>
      ))}
    </ol>
  );
}

function OrderPart(): JSX.Element {
  const told = story.value;
  const sz = szDecimals.value;
  if (storyFailure.value !== null) return <p class="bad">{storyFailure.value}</p>;
  if (told === null) return <p class="dim">Looking it up…</p>;
  const { order, cause, market } = told;
  return (
    <>
      <p class={`headline ${order?.side ?? ""}`}>{sentText(told, sz)}</p>
      {order !== null && order.reason !== null && (
        <Part title="From fair value to the price">
          <PairRows
            caption="Steps from fair value to the price"
            pairs={reasonPairs(order.reason, told.distanceBps, sz)}
          />
        </Part>
      )}
      {cause !== null && (
        <Part title={`Caused by a ${cause.kind} event`}>
          <PairRows
            caption="The market then"
            pairs={[
              ["at", `${momentText(cause.atMs)} UTC`],
              ...(market === null ? [] : marketPairs(market, sz)),
            ]}
          />
          <p>
            <button type="button" onClick={() => lookAt(cause.atMs)}>
              show the page as of then
            </button>
          </p>
        </Part>
      )}
      <Part title="What became of it">
        <Life told={told} />
      </Part>
      <Missing missing={told.missing} />
      <p class="note ids">
        {told.oid === null ? "no number of the exchange" : `oid ${told.oid}`} ·{" "}
        {told.cloid ?? "not one of ours"}
      </p>
    </>
  );
}

function SideOrders(props: { readonly orders: readonly PastOrder[] }): JSX.Element {
  const sz = szDecimals.value;
  return (
    <table class="grid wide">
      <thead>
        <tr>
          <th scope="col">price</th>
          <th scope="col">size</th>
          <th scope="col">edge bp</th>
          <th scope="col">placed as</th>
        </tr>
      </thead>
      <tbody>
        {props.orders.map(({ cloid, pxTicks, leavesLots, order }) => (
          <tr key={cloid}>
            <th scope="row">
              <button
                type="button"
                class="link"
                aria-label={`why ${order.side} ${priceText(pxTicks, sz)}`}
                onClick={() => void explainOrder(cloid)}
              >
                {priceText(pxTicks, sz)}
              </button>
            </th>
            <td>{sizeText(leavesLots, sz)}</td>
            <td>{order.reason === null ? "–" : order.reason.edgeBps.toFixed(2)}</td>
            <td>{order.reason?.placement ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SidePart(props: { readonly side: Side; readonly view: PastView }): JSX.Element {
  const { side, view } = props;
  const silence = view.silence[side];
  const orders = view.orders.filter((order) => order.side === side);
  return (
    <Part title={side === "bid" ? "Bids" : "Asks"}>
      {silence !== null && (
        <p class="bad">
          No {side} was wanted: {silence.text} (since {momentText(silence.sinceMs).slice(11)}
          {silence.untilMs === null ? "" : ` until ${momentText(silence.untilMs).slice(11)}`})
        </p>
      )}
      {orders.length === 0 ? (
        <p class="dim">No {side} of ours rested.</p>
      ) : (
        <SideOrders orders={orders} />
      )}
    </Part>
  );
}

function accountPairs(view: PastView): [string, string][] {
  const { mode, account } = view;
  const pairs: [string, string][] = [
    [
      "risk",
      mode === null ? "no change is recorded before: normal" : `${mode.mode}: ${mode.reason}`,
    ],
  ];
  if (account !== null)
    pairs.push(
      ["equity", moneyText(account.equityMicroUsd)],
      ["margin in use", percentText(account.marginUsedMicroUsd / account.equityMicroUsd)],
    );
  for (const row of view.refusals)
    pairs.push([
      `not sent, ${momentText(row.atMs).slice(11, 19)}`,
      `${row.count} × ${row.reason}: ${row.detail}`,
    ]);
  return pairs;
}

function MomentPart(): JSX.Element {
  const view = past.value;
  if (pastMs.value === null)
    return <p class="dim">Back to now. Choose a moment on a chart or with the slider.</p>;
  if (pastFailure.value !== null) return <p class="bad">{pastFailure.value}</p>;
  if (view === null) return <p class="dim">Looking it up…</p>;
  return (
    <>
      <p class="headline">{momentText(pastMs.value)} UTC</p>
      <SidePart side="ask" view={view} />
      <SidePart side="bid" view={view} />
      <Part title="Risk and account">
        <PairRows caption="Risk and account then" pairs={accountPairs(view)} />
      </Part>
      {view.market !== null && (
        <Part title="The market as it was known">
          <PairRows caption="The market then" pairs={marketPairs(view.market, szDecimals.value)} />
        </Part>
      )}
      <Missing missing={view.missing} />
    </>
  );
}

/** Explains what was clicked, beside the page, from what was recorded when it was decided. */
export function Why(): JSX.Element | null {
  const about = subject.value;
  const title = useRef<HTMLHeadingElement>(null);
  const open = about !== null;
  useEffect(() => {
    if (open) title.current?.focus();
  }, [open]);
  if (about === null) return null;
  return (
    <aside class="why" aria-labelledby="why-title">
      <div class="title">
        <h2 id="why-title" ref={title} tabIndex={-1}>
          {about.kind === "order" ? "Why this order" : "Why, at this moment"}
        </h2>
        <button type="button" onClick={closeWhy}>
          close <kbd>Esc</kbd>
        </button>
      </div>
      {about.kind === "order" ? <OrderPart /> : <MomentPart />}
    </aside>
  );
}
