import type { BookReader, FeedInput, MarketFeed } from "../../../lib/venue/rules/types.ts";
import { TinyBook } from "./tinyBook.ts";

export const BLOCK_MS = 70;

/** A user in the market: asked once per block, after the feed's inputs of the block before. */
export type User = (timeMs: number, book: TinyBook) => void;

/**
 * Runs a feed against a small book in blocks, as the exchange does: what arrives up to a block boundary acts in that
 * block; cancels and post-only orders first, takers afterwards.
 */
export function runFeed(
  feed: MarketFeed,
  untilMs: number,
  user: User | null = null,
  onInputs: (timeMs: number, inputs: readonly FeedInput[], book: BookReader) => void = () => {},
  onBlockEnd: (book: TinyBook) => void = () => {},
): { book: TinyBook; inputs: number } {
  const book = new TinyBook();
  let inputs = 0;
  let block: FeedInput[] = [];
  let blockMs = BLOCK_MS;
  const isTaker = (input: FeedInput): boolean => input.kind === "agentPlace" && input.tif === "Ioc";
  const commit = (): void => {
    for (const input of block) if (!isTaker(input)) book.apply(input, blockMs);
    user?.(blockMs, book);
    for (const input of block) if (isTaker(input)) book.apply(input, blockMs);
    block = [];
    onBlockEnd(book);
  };
  for (let atMs = feed.nextMs(); atMs <= untilMs; atMs = feed.nextMs()) {
    while (atMs > blockMs) {
      if (block.length > 0 || user !== null) commit();
      blockMs += BLOCK_MS;
    }
    const fresh = feed.next(book);
    inputs += fresh.length;
    onInputs(atMs, fresh, book);
    block.push(...fresh);
  }
  commit();
  return { book, inputs };
}
