import type { JSX } from "preact";
import { Book } from "./book.tsx";
import { ChartColumn } from "./charts.tsx";
import { Figures, Header, Notices } from "./header.tsx";
import { Log } from "./log.tsx";
import { Account, Actions, Profit, Risk } from "./panels.tsx";
import { Confirm } from "./controls.tsx";
import { store } from "./context.ts";
import { EquityChart } from "./equityChart.tsx";
import { Machine } from "./machine.tsx";
import { Markouts } from "./markouts.tsx";
import { pastMs } from "./past.ts";
import { Toolbar } from "./toolbar.tsx";
import { Volatility } from "./volatility.tsx";
import { Why } from "./why.tsx";
import { stampText } from "../format.ts";

/** The whole page. */
export function App(): JSX.Element {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Header />
      <Toolbar />
      <Notices />
      <main id="main" class={mainClass()}>
        <Figures />
        <div class="columns">
          <div class="stack charts">
            <ChartColumn />
            <EquityChart />
            <Volatility />
          </div>
          <div class="side">
            <div class="stack">
              <Book />
              <Risk />
              <Markouts />
            </div>
            <div class="stack">
              <Profit />
              <Account />
              <Actions />
              <Machine />
            </div>
            <div class="stack log-row">
              <Log />
            </div>
          </div>
        </div>
      </main>
      <Footer />
      <Why />
      <Confirm />
    </>
  );
}

function mainClass(): string {
  const old = store.link.value === "cut" || store.quietMs.value !== null;
  return `${old ? "old" : ""} ${pastMs.value === null ? "" : "past"}`.trim();
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
