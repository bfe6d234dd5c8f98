import { batch, signal } from "@preact/signals";
import type { OrderStory } from "../stories.ts";
import { askLedger, lookAt } from "./past.ts";
import { messageOf } from "../../units/messageOf.ts";

/** What the panel explains: an order of ours, or the moment that is looked at. */
export type Subject =
  { readonly kind: "order"; readonly order: string } | { readonly kind: "moment" };

export const subject = signal<Subject | null>(null);
export const story = signal<OrderStory | null>(null);
export const storyFailure = signal<string | null>(null);

let opener: Element | null = null;

function open(next: Subject): void {
  if (subject.value === null) opener = document.activeElement;
  batch(() => {
    subject.value = next;
    story.value = null;
    storyFailure.value = null;
  });
}

/** Explains an order: by our id of it or the exchange's number. */
export async function explainOrder(order: string): Promise<void> {
  const mine: Subject = { kind: "order", order };
  open(mine);
  try {
    const told = await askLedger<OrderStory>(`api/why?order=${order}`);
    if (subject.value === mine) story.value = told;
  } catch (error) {
    if (subject.value === mine) storyFailure.value = messageOf(error);
  }
}

/** Explains both sides of a moment, and shows the whole page as of then. */
export function explainMoment(atMs: number): void {
  lookAt(atMs);
  open({ kind: "moment" });
}

/** The focus goes back to where it came from. */
export function closeWhy(): void {
  subject.value = null;
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  opener = null;
}
