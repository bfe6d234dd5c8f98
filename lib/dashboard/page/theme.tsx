import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { theme } from "./context.ts";

const CHOICES = ["auto", "dark", "light"] as const;
type Choice = (typeof CHOICES)[number];

const KEY = "amm500-theme";
const chosen = signal<Choice>(CHOICES.find((name) => name === localStorage.getItem(KEY)) ?? "auto");

/** Puts the choice where the style sheet looks for it, and has the charts read their colours again. */
export function applyTheme(): void {
  document.documentElement.dataset["theme"] = chosen.value;
  theme.value++;
}

/** Dark, light, or as the system says. */
export function Theme(): JSX.Element {
  return (
    <label class="theme">
      <span class="hidden">Colours</span>
      <select
        value={chosen.value}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          chosen.value = CHOICES.find((name) => name === wanted) ?? "auto";
          localStorage.setItem(KEY, chosen.value);
          applyTheme();
        }}
      >
        {CHOICES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
