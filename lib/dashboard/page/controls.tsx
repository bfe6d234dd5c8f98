import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { countText, MODE_WORDS, positionText, timeText } from "../format.ts";
import { store, szDecimals } from "./context.ts";
import {
  asked,
  CONTROLS,
  forgetToken,
  giveOrder,
  outcome,
  reduceOnlyControl,
  token,
} from "./operator.ts";
import type { Control } from "./operator.ts";

/** The buttons that change something. Each asks before it acts. */
export function Controls(): JSX.Element {
  const risk = store.live.risk.value;
  const reduceOnly = risk?.operatorReduceOnly ?? null;
  const stopped = risk?.mode === "halted" || risk?.mode === "flatten";
  return (
    <div class="controls" role="group" aria-label="Controls of the bot">
      {[reduceOnlyControl(reduceOnly !== null), ...CONTROLS].map((control) => (
        <button
          key={control.id}
          type="button"
          class={control.grave ? "grave" : control.id === "resume" && stopped ? "wanted" : ""}
          aria-haspopup="dialog"
          onClick={() => {
            asked.value = control;
          }}
        >
          {control.label}
        </button>
      ))}
    </div>
  );
}

/** What came of the newest order, and how far it has got. */
export function Outcome(): JSX.Element {
  const told = outcome.value;
  return (
    <div class="outcome" role="status" aria-label="Result of the newest order to the bot">
      {told !== null && (
        <p class={told.tone}>
          <strong>
            {told.control.label} at {timeText(told.atMs)}.
          </strong>{" "}
          {told.text}{" "}
          <button
            type="button"
            onClick={() => {
              outcome.value = null;
            }}
          >
            dismiss
          </button>
        </p>
      )}
    </div>
  );
}

/** What is at stake, from the live figures. */
function Stake(): JSX.Element {
  const orders = store.live.orders.value?.length ?? null;
  const position = store.live.ledger.value?.positionLots ?? null;
  const run = store.run.value;
  const market = run?.spec.market ?? "";
  return (
    <p class="stake">
      {run !== null && <strong>{MODE_WORDS[run.mode]} </strong>}
      {market}: {countText(orders)} orders rest, position {positionText(position, szDecimals.value)}{" "}
      contracts.
    </p>
  );
}

function TokenField(): JSX.Element {
  return (
    <label>
      Token
      <input name="token" type="password" autocomplete="off" spellcheck={false} required />
      <small>
        In the file <code>api-token</code> of the bot's data folder, or the setting API_TOKEN. Kept
        in this tab only.
      </small>
    </label>
  );
}

function textOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === "string" ? value.trim() : "";
}

function Form(props: { readonly control: Control; readonly close: () => void }): JSX.Element {
  const { control, close } = props;
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const bearer = token.value ?? textOf(form, "token");
    setBusy(true);
    setFailure(null);
    const refusal = await giveOrder(control, textOf(form, "reason"), bearer);
    setBusy(false);
    if (refusal === null) close();
    else setFailure(refusal);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h2 id="confirm-title">{control.label}?</h2>
      <p>{control.does}</p>
      <Stake />
      <label>
        Reason, for the log
        <input name="reason" maxLength={200} required value="from the page" autocomplete="off" />
      </label>
      {token.value === null ? (
        <TokenField />
      ) : (
        <p class="dim">
          The token of this tab is used.{" "}
          <button type="button" onClick={forgetToken}>
            forget it
          </button>
        </p>
      )}
      <p class="refusal" role="alert">
        {failure}
      </p>
      <div class="choice">
        <button type="submit" class={control.grave ? "grave" : "wanted"} disabled={busy}>
          {busy ? "Sending…" : control.act}
        </button>
        <button type="button" onClick={close}>
          Do nothing
        </button>
      </div>
    </form>
  );
}

/** Asks before an order is given. The browser keeps the focus inside and closes it on Escape. */
export function Confirm(): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const control = asked.value;
  useEffect(() => {
    const dialog = box.current;
    if (dialog === null) return;
    if (control !== null && !dialog.open) dialog.showModal();
    if (control === null && dialog.open) dialog.close();
  }, [control]);
  const close = (): void => {
    asked.value = null;
  };
  return (
    <dialog ref={box} class="confirm" aria-labelledby="confirm-title" onClose={close}>
      {control !== null && <Form key={control.label} control={control} close={close} />}
    </dialog>
  );
}
