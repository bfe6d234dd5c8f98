import { computed, signal } from "@preact/signals";
import type { RunInfo } from "../types.ts";
import type { DecisionTopic } from "../rings.ts";
import { PageStore } from "./store.ts";

/** The one store of the page, and what the person has chosen to see. */
export const store = new PageStore();

export const WINDOWS: readonly { readonly label: string; readonly spanMs: number }[] = [
  { label: "5 min", spanMs: 300_000 },
  { label: "1 h", spanMs: 3_600_000 },
  { label: "24 h", spanMs: 86_400_000 },
  { label: "all", spanMs: Number.POSITIVE_INFINITY },
];
export const windowMs = signal(300_000);
export const wholeLadder = signal(false);
export const wholeBook = signal(false);
export const topic = signal<DecisionTopic | "all">("all");
/** Counts up when the colours have to be read again. */
export const theme = signal(0);

export const szDecimals = computed(() => store.run.value?.spec.szDecimals ?? 0);
/** The name of the money: never a currency sign, always marked as what it is. */
export const unit = computed(() => moneyName(store.run.value));

const MONEY_PREFIX: Readonly<Record<RunInfo["mode"], string>> = {
  paper: "paper ",
  simulate: "simulated ",
  testnet: "testnet ",
  live: "",
};

function moneyName(run: RunInfo | null): string {
  if (run === null) return "";
  return `${MONEY_PREFIX[run.mode]}${run.spec.collateralName}`;
}
