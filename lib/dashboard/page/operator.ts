import { signal } from "@preact/signals";
import { store } from "./context.ts";
import { messageOf } from "../../units/messageOf.ts";

/** An order that a person can give the bot. */
export type Control = {
  readonly id: "reduceOnly" | "cancelAll" | "flatten" | "halt" | "resume";
  readonly label: string;
  /** On the button that carries it out. */
  readonly act: string;
  /** What it does, for the person who is about to. */
  readonly does: string;
  readonly path: string;
  readonly body: (reason: string) => object;
  readonly grave: boolean;
};

export const CONTROLS: readonly Control[] = [
  {
    id: "cancelAll",
    label: "Cancel all",
    act: "Cancel all orders",
    does: "Cancels every order, compares with the exchange's own list and cancels what it finds there. Nothing is quoted until you resume; the position stays.",
    path: "cancel-all",
    body: (reason) => ({ reason }),
    grave: false,
  },
  {
    id: "flatten",
    label: "Flatten",
    act: "Flatten now",
    does: "Cancels the quotes and closes the position at once by taking, which costs the spread and taker fees. Nothing is quoted until you resume.",
    path: "flatten",
    body: (reason) => ({ reason }),
    grave: true,
  },
  {
    id: "halt",
    label: "Halt",
    act: "Halt now",
    does: "Cancels all quotes and quotes nothing until you resume. The position stays as it is.",
    path: "halt",
    body: (reason) => ({ reason }),
    grave: true,
  },
  {
    id: "resume",
    label: "Resume",
    act: "Resume quoting",
    does: "Lifts a halt or a flatten, whoever gave it, and quotes again. Drawdown counts anew from here.",
    path: "resume",
    body: (reason) => ({ reason }),
    grave: false,
  },
];

/** Reduce-only is a switch: what it offers is the other state. */
export function reduceOnlyControl(on: boolean): Control {
  return {
    id: "reduceOnly",
    label: on ? "Reduce-only off" : "Reduce-only on",
    act: on ? "Allow both sides again" : "Only reduce from now on",
    does: on
      ? "Lifts the operator's reduce-only: both sides are quoted again, as far as the limits allow."
      : "Quotes only the side that makes the position smaller, until you lift it.",
    path: "reduce-only",
    body: (reason) => ({ enabled: !on, reason }),
    grave: false,
  };
}

/** The control whose confirmation is open. */
export const asked = signal<Control | null>(null);

type Outcome = {
  readonly atMs: number;
  readonly control: Control;
  readonly text: string;
  readonly tone: "good" | "warn" | "bad";
};
/** What came of the newest order. */
export const outcome = signal<Outcome | null>(null);

const TOKEN_KEY = "amm500-token";
/** Kept for this tab alone, and gone with it. Never in an address, never in a cookie. */
export const token = signal<string | null>(sessionStorage.getItem(TOKEN_KEY));

function keepToken(text: string): void {
  sessionStorage.setItem(TOKEN_KEY, text);
  token.value = text;
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
  token.value = null;
}

type Answer = {
  readonly error?: string;
  readonly stepSeq?: number;
  readonly mode?: string;
  readonly reason?: string;
  readonly operatorReduceOnly?: string | null;
  readonly commandsSent?: number;
};

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Gives an order to the bot. A header carries the token, so a page of another site cannot: it would have to ask first,
 * and is refused.
 * @returns null when the bot obeyed, else why it did not
 */
export async function giveOrder(
  control: Control,
  reason: string,
  bearer: string,
): Promise<string | null> {
  let answer: Response;
  let body: Answer;
  try {
    answer = await fetch(control.path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
      body: JSON.stringify(control.body(reason)),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    body = (await answer.json()) as Answer;
  } catch (error) {
    const text = messageOf(error);
    return `No answer from the bot (${text}). It may or may not have obeyed: look at the risk mode.`;
  }
  if (answer.status === 401) {
    forgetToken();
    return `Refused: ${body.error ?? "the token is not valid"}. Nothing was changed.`;
  }
  if (!answer.ok)
    return `Refused with ${answer.status}: ${body.error ?? "no reason given"}. Nothing was changed.`;
  keepToken(bearer);
  outcome.value = { atMs: store.live.clock.value?.nowMs ?? 0, control, ...toldOf(control, body) };
  return null;
}

/** What the bot says it did: that it obeyed does not mean that the mode is the one that was hoped for. */
function toldOf(control: Control, answer: Answer): Pick<Outcome, "text" | "tone"> {
  const { mode = "unknown", reason = "", commandsSent = 0, stepSeq = 0 } = answer;
  const sent = `${commandsSent} ${commandsSent === 1 ? "action" : "actions"} sent`;
  const now = `risk mode is ${mode}${reason === "" ? "" : `: ${reason}`}`;
  if (control.id === "resume" && (mode === "halted" || mode === "flatten"))
    return {
      text: `The bot took the order (step ${stepSeq}) but stays as it was: ${now}.`,
      tone: "bad",
    };
  return { text: `The bot obeyed (step ${stepSeq}): ${now}; ${sent}.`, tone: "good" };
}
