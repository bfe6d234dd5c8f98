import type { JSX } from "preact";
import { bpsText, priceText, sizeText } from "../format.ts";
import type { Side } from "../../units/grid.ts";
import { bookLines, shortLines } from "./bookLines.ts";
import type { Line } from "./bookLines.ts";
import { szDecimals, wholeBook } from "./context.ts";
import { pastMs, shownMarket, shownMidX2, shownOrders } from "./past.ts";
import { explainOrder } from "./whyState.ts";

/** A price of ours explains itself when it is chosen. */
function WhyPrice(props: {
  readonly cloid: string;
  readonly side: Side;
  readonly text: string;
}): JSX.Element {
  const { cloid, side, text } = props;
  return (
    <button
      type="button"
      class="link"
      aria-label={`${text}, why our ${side} is here`}
      onClick={() => void explainOrder(cloid)}
    >
      {text}
    </button>
  );
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
      <th scope="row">
        {line.cloid === null ? (
          priceText(line.px, sz)
        ) : (
          <WhyPrice cloid={line.cloid} side={side} text={priceText(line.px, sz)} />
        )}
      </th>
      <td class="others">
        <span class="bar" style={{ width: `${share}%` }} />
        <span class="size">{line.others > 0 ? sizeText(line.others, sz) : ""}</span>
      </td>
    </tr>
  );
}

/** The gap between the sides. */
function Touch(): JSX.Element {
  const market = shownMarket.value;
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
  const market = shownMarket.value;
  const orders = shownOrders.value;
  const looking = pastMs.value !== null;
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
          <th
            scope="col"
            title={
              looking
                ? "size of others at the price when it was chosen"
                : "size of others in front of our order, estimated pessimistically"
            }
          >
            {looking ? "at choice" : "ahead"}
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
