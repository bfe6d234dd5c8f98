import type { JSX } from "preact";
import { MARKERS } from "../marker.ts";
import type { MarkerName } from "../marker.ts";

function Mark(props: { readonly name: MarkerName; readonly down?: boolean }): JSX.Element {
  const { path, hollow } = MARKERS[props.name];
  return (
    <svg
      class={`mark ${props.down === true ? "ask" : "bid"} ${hollow ? "hollow" : ""}`}
      viewBox="-1.3 -1.3 2.6 2.6"
      aria-hidden="true"
    >
      <path d={path} transform={props.down === true ? "scale(1 -1)" : ""} />
    </svg>
  );
}

/** What the marks of fills mean. */
export function Legend(): JSX.Element {
  return (
    <p class="legend dim">
      <span>
        <Mark name="ladder" /> bought
      </span>
      <span>
        <Mark name="ladder" down /> sold
      </span>
      <span class="apart">the order stood:</span>
      {Object.entries(MARKERS).map(([name, { word }]) => (
        <span key={name}>
          <Mark name={name as MarkerName} /> {word}
        </span>
      ))}
      <span class="apart">Click a mark, a quote or a moment to see why.</span>
    </p>
  );
}
