import type { Alert } from "../alert.ts";

/** What a channel sends: the alert, where it comes from, and an id that stays the same when it is sent again. */
export type Message = {
  readonly id: string;
  readonly alert: Alert;
  /** Which bot speaks: mode and market. */
  readonly source: string;
};

/** One way to people. */
export type Channel = {
  readonly name: string;
  /** Delivers or throws; never takes longer than some seconds. @throws DeliveryError, or what broke */
  readonly send: (message: Message) => Promise<void>;
  readonly close: () => void;
};

/** The service did not take it. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** Sending the same again cannot help: a wrong token, a deleted webhook. */
  readonly permanent: boolean;
  /** How long the service wants to be left alone; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    text: string,
    about: { readonly permanent: boolean; readonly retryAfterMs?: number | null },
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.permanent = about.permanent;
    this.retryAfterMs = about.retryAfterMs ?? null;
  }
}

/** Services cut or refuse longer ones: Discord takes 2,000 characters, Telegram 4,096. */
const TEXT_MAX = 1500;

/** First line of an alert where there is no subject. */
export function headline({ alert, source }: Message): string {
  return `[${alert.severity}] ${alert.kind} · ${source}`;
}

/** The whole of an alert as plain text. */
export function plainText(message: Message): string {
  const { alert } = message;
  const text = alert.text.length > TEXT_MAX ? `${alert.text.slice(0, TEXT_MAX)}…` : alert.text;
  return `${headline(message)}\n${text}\n${new Date(alert.atMs).toISOString()}`;
}
