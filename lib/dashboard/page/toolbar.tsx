import type { JSX } from "preact";
import { spanText, timeText } from "../format.ts";
import { store, WINDOWS, windowMs } from "./context.ts";
import { Controls, Outcome } from "./controls.tsx";
import { backToNow, lookAt, pastFailure, pastMs, shownRange } from "./past.ts";
import { explainMoment } from "./whyState.ts";

function Windows(): JSX.Element {
  return (
    <div class="choice" role="group" aria-label="Time shown">
      {WINDOWS.map((choice) => (
        <button
          key={choice.label}
          type="button"
          aria-pressed={windowMs.value === choice.spanMs}
          onClick={() => {
            windowMs.value = choice.spanMs;
          }}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

const STEPS = 300;

/** Drags the whole page through the time that the charts show; its right end is now. */
function Scrub(): JSX.Element {
  const { fromMs, toMs } = shownRange.value;
  const atMs = pastMs.value;
  const now = store.live.clock.value?.nowMs ?? toMs;
  const step = Math.max(250, Math.round((toMs - fromMs) / STEPS / 250) * 250);
  // Steps count back from the right end, so that the thumb can stand there.
  const from = toMs - Math.ceil((toMs - fromMs) / step) * step;
  const text =
    atMs === null ? "now" : `${timeText(atMs)} UTC, ${spanText(Math.max(0, now - atMs))} ago`;
  return (
    <input
      class="scrub"
      type="range"
      aria-label="Moment shown"
      aria-valuetext={text}
      min={from}
      max={toMs}
      step={step}
      value={atMs ?? toMs}
      onInput={(event) => {
        const value = Number(event.currentTarget.value);
        if (value >= toMs && atMs === null) return;
        if (value >= toMs) backToNow();
        else lookAt(value);
      }}
    />
  );
}

function Moment(): JSX.Element {
  const atMs = pastMs.value;
  if (atMs === null) return <span class="moment live">now</span>;
  const now = store.live.clock.value?.nowMs ?? atMs;
  return (
    <span class="moment">
      <strong>{timeText(atMs)} UTC</strong>
      <span class="dim"> {spanText(now - atMs)} ago, not now</span>
      <button type="button" onClick={() => explainMoment(atMs)}>
        why
      </button>
      <button type="button" class="wanted" onClick={backToNow}>
        Back to now
      </button>
    </span>
  );
}

/** Time and controls: always in reach. */
export function Toolbar(): JSX.Element {
  const looking = pastMs.value !== null;
  return (
    <section class={looking ? "toolbar past" : "toolbar"} aria-label="Time and controls">
      <div class="bar">
        <Windows />
        <Scrub />
        <Moment />
        <Controls />
      </div>
      {looking && pastFailure.value !== null && (
        <p class="bad" role="alert">
          The ledger does not answer: {pastFailure.value}
        </p>
      )}
      <Outcome />
    </section>
  );
}
