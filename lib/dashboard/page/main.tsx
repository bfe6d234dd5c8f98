import { render } from "preact";
import { App } from "./app.tsx";
import { connect } from "./connection.ts";
import { store } from "./context.ts";
import { backToNow, followPast, pastMs } from "./past.ts";
import { applyTheme } from "./theme.tsx";
import { closeWhy, subject } from "./whyState.ts";

const root = document.getElementById("app");
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
  applyTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
  followPast();
  // A question that is open takes the key for itself; then the explanation closes, then the page returns to now.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]") !== null) return;
    if (subject.value !== null) closeWhy();
    else if (pastMs.value !== null) backToNow();
  });
  connect(store);
}
