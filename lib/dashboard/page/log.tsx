import type { JSX } from "preact";
import { decisionReasons, decisionText } from "../describe.ts";
import { countText, priceText, timeText } from "../format.ts";
import { TOPIC_OF } from "../rings.ts";
import type { DecisionTopic } from "../rings.ts";
import type { Decision } from "../types.ts";
import { store, szDecimals, topic } from "./context.ts";
import { explainMoment, explainOrder } from "./whyState.ts";

const SHOWN = 80;

const TOPICS: readonly (readonly [DecisionTopic | "all", string])[] = [
  ["all", "All"],
  ["orders", "Quotes"],
  ["fills", "Fills"],
  ["refusals", "Refusals"],
  ["risk", "Risk"],
];

/** Where the whole story is told. */
function Ways(props: { readonly decision: Decision }): JSX.Element {
  const { atMs, bid, ask, order } = props.decision;
  const sz = szDecimals.value;
  const orders = [
    ...(order === null ? [] : [["this fill's order", order] as const]),
    ...[bid, ask].flatMap((group) =>
      group === null || group.cloid === null
        ? []
        : [
            [
              `the ${group === bid ? "bid" : "ask"} ${priceText(group.bestPxTicks, sz)}`,
              group.cloid,
            ] as const,
          ],
    ),
  ];
  return (
    <p class="ways">
      {orders.map(([word, id]) => (
        <button key={id} type="button" onClick={() => void explainOrder(id)}>
          why {word}
        </button>
      ))}
      <button type="button" onClick={() => explainMoment(atMs)}>
        show {timeText(atMs)}
      </button>
    </p>
  );
}

/** What merely happened beside the risk mode is in its topic, not in its colour. */
function toneOf(kind: Decision["kind"]): string {
  const of = TOPIC_OF[kind];
  return of === "risk" && kind !== "risk" ? "" : of;
}

function Line(props: { readonly decision: Decision }): JSX.Element {
  const { decision } = props;
  const sz = szDecimals.value;
  const reasons = decisionReasons(decision, sz);
  const text = decisionText(decision, sz);
  const times =
    decision.times > 1 ? ` ×${countText(decision.times)} since ${timeText(decision.firstMs)}` : "";
  const head = (
    <>
      <time dateTime={new Date(decision.atMs).toISOString()}>{timeText(decision.atMs)}</time>
      <span class={`tag ${toneOf(decision.kind)}`}>{decision.kind}</span>
      <span class="text">
        {text}
        {times !== "" && <span class="dim">{times}</span>}
      </span>
    </>
  );
  return (
    <li>
      <details>
        <summary class="line">{head}</summary>
        {reasons.map((reason) => (
          <p key={reason} class="reason">
            {reason}
          </p>
        ))}
        <p class="reason">after a {decision.cause} event</p>
        <Ways decision={decision} />
      </details>
    </li>
  );
}

export function Log(): JSX.Element {
  const chosen = topic.value;
  const all = store.decisions.value;
  const matching = chosen === "all" ? all : all.filter((d) => TOPIC_OF[d.kind] === chosen);
  const shown = matching.slice(-SHOWN).toReversed();
  return (
    <section class="panel" aria-labelledby="log-title">
      <div class="title">
        <h2 id="log-title">Event log: what it did, and why</h2>
        <div class="choice" role="group" aria-label="Show">
          {TOPICS.map(([name, label]) => (
            <button
              key={name}
              type="button"
              aria-pressed={chosen === name}
              onClick={() => {
                topic.value = name;
              }}
            >
              {label}
            </button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? (
        <p class="empty">Nothing yet.</p>
      ) : (
        <ol class="log" tabIndex={0} aria-label="Decisions, newest first">
          {shown.map((decision) => (
            <Line key={decision.seq} decision={decision} />
          ))}
        </ol>
      )}
    </section>
  );
}
