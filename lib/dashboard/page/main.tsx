import { render } from "preact";
import { App } from "./app.tsx";
import { connect } from "./connection.ts";
import { store, theme } from "./context.ts";

const root = document.getElementById("app");
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme.value++;
  });
  connect(store);
}
