import type { TapeSubject } from "../../../lib/core/tape/tape.ts";
import { TapeWriter } from "../../../lib/marketdata/tape/tapeWriter.ts";
import type { BookReader, MarketFeed } from "../../../lib/venue/rules/types.ts";
import { simulatedFeed } from "../../../lib/venue/feeds/simulated.ts";
import { DEFAULT_SESSION_START_MS } from "../../../lib/venue/feeds/sessions.ts";
import { TinyBook } from "./tinyBook.ts";

const BLOCK_MS = 70;
/** As Hyperliquid sends them: a whole book every eighth block, the touch when it changes, every print. */
const DEPTH_EVERY_MS = 8 * BLOCK_MS;

const SUBJECT: TapeSubject = {
  source: "simulated by this project: seed 500, Wednesday 09:35 New York",
  licence: "MIT, as the project",
  coin: "km:US500",
  szDecimals: 3,
  clock: "ms since the Unix epoch, the simulated market's own",
  receiveClock: null,
};

/** Records a feed as an outside observer of a small exchange would. */
function recordFeed(feed: MarketFeed, path: string, durationMs: number): void {
  const writer = new TapeWriter(path, SUBJECT);
  const book = new TinyBook();
  let [lastTouch, printed] = ["", 0];
  for (let blockMs = BLOCK_MS; blockMs <= durationMs; blockMs += BLOCK_MS) {
    const timeMs = DEFAULT_SESSION_START_MS + blockMs;
    const block = [];
    while (feed.nextMs() <= blockMs) block.push(...feed.next(book));
    const takersLast = block.toSorted((a, b) => Number(isTaker(a)) - Number(isTaker(b)));
    for (const input of takersLast) book.apply(input, timeMs);
    for (; printed < book.trades.length; printed++) {
      const trade = book.trades[printed];
      if (trade !== undefined) writer.print(timeMs, 0, trade.side, trade.px, trade.lots);
    }
    for (const input of block) if (input.kind === "oracle") writer.oracle(timeMs, 0, input.pxTicks);
    const [bid, ask] = [flat(book, "bid", 1), flat(book, "ask", 1)];
    const touch = `${bid.join()}/${ask.join()}`;
    if (touch !== lastTouch) writer.touch(timeMs, 0, bid, ask);
    lastTouch = touch;
    if (blockMs % DEPTH_EVERY_MS === BLOCK_MS)
      writer.depth(timeMs, 0, flat(book, "bid", 20), flat(book, "ask", 20));
  }
  writer.close();
}

/** The recording that is committed as data/samples/us500-simulated.tape. */
export function recordSample(path: string): void {
  const market = { coin: "km:US500", szDecimals: 3, startPxTicks: 693_000 };
  recordFeed(simulatedFeed({ ...market, seed: 500 }), path, 5 * 60_000);
}

function isTaker(input: { kind: string; tif?: string }): boolean {
  return input.kind === "agentPlace" && input.tif === "Ioc";
}

function flat(book: BookReader, side: "bid" | "ask", count: number): number[] {
  return book.levels(side, count).flatMap((level) => [level.pxTicks, level.sizeLots]);
}

// bun tests/venue/feeds/recordFeed.ts data/samples/us500-simulated.tape
if (import.meta.main) recordSample(process.argv[2] ?? "us500-simulated.tape");
