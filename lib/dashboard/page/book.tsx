import type { JSX } from "preact";
import { bpsText, priceText, sizeText } from "../format.ts";
import type { BookRow, OrderRow } from "../types.ts";
import type { Side } from "../../units/grid.ts";
import { shownMidX2, store, szDecimals, wholeBook } from "./context.ts";

/** Prices of a side in the short form: the best ones, and always some of our own. */
const ROWS_SHORT = 11;
const OWN_SHORT = 3;

type Line = {
  readonly px: number;
  readonly others: number;
  readonly own: number;
  /** Others' lots in front of our first order here; null without an order of ours or while unknown. */
  readonly ahead: number | null;
  readonly pending: boolean;
};

/** One side, best first: what others show and what is ours, at every price that has either. */
export function bookLines(
  levels: readonly BookRow[],
  orders: readonly OrderRow[],
  side: Side,
): readonly Line[] {
  const lines = new Map<number, Line>();
  for (const level of levels)
    lines.set(level.pxTicks, {
      px: level.pxTicks,
      others: Math.max(0, level.sizeLots - level.ownLots),
      own: 0,
      ahead: null,
      pending: false,
    });
  for (const order of orders) {
    if (order.side !== side) continue;
    const line = lines.get(order.pxTicks);
    lines.set(order.pxTicks, {
      px: order.pxTicks,
      others: line?.others ?? 0,
      own: (line?.own ?? 0) + order.leavesLots,
      ahead: line?.ahead ?? order.queueAheadLots,
      pending: (line?.pending ?? false) || order.phase !== "resting",
    });
  }
  const direction = side === "bid" ? -1 : 1;
  return [...lines.values()].toSorted((a, b) => (a.px - b.px) * direction);
}

/** The best prices; where our orders stand deeper than those, the last rows are the nearest of them. */
export function shortLines(lines: readonly Line[]): readonly Line[] {
  const isOwn = (line: Line): boolean => line.own > 0;
  for (let deep = OWN_SHORT; deep > 0; deep--) {
    const head = lines.slice(0, ROWS_SHORT - deep);
    if (head.filter(isOwn).length + deep > OWN_SHORT) continue;
    const deeper = lines.slice(head.length).filter(isOwn).slice(0, deep);
    if (deeper.length === deep) return [...head, ...deeper];
  }
  return lines.slice(0, ROWS_SHORT);
}

function Row(props: {
  readonly line: Line;
  readonly side: Side;
  readonly max: number;
}): JSX.Element {
  const { line, side, max } = props;
  const sz = szDecimals.value;
  const share = max === 0 ? 0 : Math.round((100 * line.others) / max);
  return (
    <tr class={line.own > 0 ? `own ${side}` : side}>
      <td class={line.pending ? "ours pending" : "ours"}>
        {line.own > 0 ? sizeText(line.own, sz) : ""}
      </td>
      <td class="ahead">{line.own > 0 ? sizeText(line.ahead, sz) : ""}</td>
      <th scope="row">{priceText(line.px, sz)}</th>
      <td class="others">
        <span class="bar" style={{ width: `${share}%` }} />
        <span class="size">{line.others > 0 ? sizeText(line.others, sz) : ""}</span>
      </td>
    </tr>
  );
}

/** The gap between the sides. */
function Touch(): JSX.Element {
  const market = store.live.market.value;
  const sz = szDecimals.value;
  const midX2 = shownMidX2.value;
  const bid = market?.bids[0]?.pxTicks;
  const ask = market?.asks[0]?.pxTicks;
  const text =
    midX2 === null || bid === undefined || ask === undefined
      ? "one side is empty"
      : `spread ${bpsText(((ask - bid) / midX2) * 2e4)} bp · mid ${priceText(midX2 / 2, sz)}`;
  return (
    <tr class="touch">
      <td colSpan={4}>{text}</td>
    </tr>
  );
}

function BookTable(): JSX.Element {
  const market = store.live.market.value;
  const orders = store.live.orders.value ?? [];
  const cut = (lines: readonly Line[]): readonly Line[] =>
    wholeBook.value ? lines : shortLines(lines);
  const asks = cut(bookLines(market?.asks ?? [], orders, "ask"));
  const bids = cut(bookLines(market?.bids ?? [], orders, "bid"));
  const max = Math.max(1, ...[...asks, ...bids].map((line) => line.others));
  return (
    <table class="book">
      <caption class="hidden">
        Order book with our orders and the size in front of them, asks above bids
      </caption>
      <thead>
        <tr>
          <th scope="col">ours</th>
          <th scope="col" title="size of others in front of our order, estimated pessimistically">
            ahead
          </th>
          <th scope="col">price</th>
          <th scope="col">others</th>
        </tr>
      </thead>
      <tbody>
        {asks.toReversed().map((line) => (
          <Row key={line.px} line={line} side="ask" max={max} />
        ))}
      </tbody>
      <tbody>
        <Touch />
      </tbody>
      <tbody>
        {bids.map((line) => (
          <Row key={line.px} line={line} side="bid" max={max} />
        ))}
      </tbody>
    </table>
  );
}

/** The whole ladder opens where the sides meet. */
function centreOnTouch(box: HTMLElement | null): void {
  const touch = box?.querySelector<HTMLElement>(".touch");
  if (box !== null && touch !== null && touch !== undefined)
    box.scrollTop = touch.offsetTop - box.clientHeight / 2;
}

export function Book(): JSX.Element {
  const whole = wholeBook.value;
  return (
    <section class="panel" aria-labelledby="book-title">
      <div class="title">
        <h2 id="book-title">Order book</h2>
        <button
          type="button"
          aria-pressed={whole}
          onClick={() => {
            wholeBook.value = !whole;
          }}
        >
          whole ladder
        </button>
      </div>
      {whole ? (
        <div
          ref={centreOnTouch}
          class="scroll"
          tabIndex={0}
          role="region"
          aria-label="Whole order book"
        >
          <BookTable />
        </div>
      ) : (
        <BookTable />
      )}
    </section>
  );
}
