import type { JSX } from "preact";
import { Book } from "./book.tsx";
import { ChartColumn } from "./charts.tsx";
import { Figures, Header, Notices } from "./header.tsx";
import { Log } from "./log.tsx";
import { Account, Actions, Latency, Profit, Risk } from "./panels.tsx";
import { store } from "./context.ts";
import { Volatility } from "./volatility.tsx";
import { stampText } from "../format.ts";

/** The whole page. */
export function App(): JSX.Element {
  return (
    <>
      <Header />
      <Notices />
      <main class={store.link.value === "cut" ? "old" : ""}>
        <Figures />
        <div class="columns">
          <div class="stack charts">
            <ChartColumn />
            <Volatility />
          </div>
          <div class="stack">
            <Book />
            <Risk />
          </div>
          <div class="stack">
            <Profit />
            <Account />
            <Actions />
            <Latency />
          </div>
          <div class="stack log-row">
            <Log />
          </div>
        </div>
      </main>
      <Footer />
    </>
  );
}

const PLAY_MONEY =
  "No real money and no real orders: every number on this page comes from the local exchange.";

const MONEY_WORDS = {
  paper: PLAY_MONEY,
  simulate: PLAY_MONEY,
  testnet: "The test network: no real money.",
  live: "Real money and real orders.",
} as const;

function Footer(): JSX.Element | null {
  const run = store.run.value;
  if (run === null) return null;
  return (
    <footer>
      <p>
        <strong>{stampText(run)}.</strong> {MONEY_WORDS[run.mode]}
      </p>
      <p>How orders fill: {run.fillModel}</p>
    </footer>
  );
}
