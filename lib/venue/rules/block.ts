import { assert } from "../../units/assert.ts";
import { ms } from "../../units/numbers.ts";
import { actionClass, executeRequest } from "./actions.ts";
import { cancelAgent, placeAgent } from "./crowd.ts";
import { accrueSamples, settleFunding } from "./funding.ts";
import { delistMarket, haltMarket } from "./halt.ts";
import { liquidateUnderwater } from "./liquidation.ts";
import type { Market, Tape, World } from "./model.ts";
import { cancelFarAtCap } from "./openInterest.ts";
import { cancelAll } from "./orders.ts";
import { fallBackToLocal, firstMark, ORACLE_SILENCE_MS, updateOracle } from "./prices.ts";
import { fireSchedule } from "./schedule.ts";
import { applyGap, applyTapeBook, applyTapePrint, closeEndedTape, revealHidden } from "./tape.ts";
import { fireTriggers, settleGroups } from "./trigger.ts";
import { runTwaps } from "./twap.ts";
import type { FeedInput } from "./types.ts";
import type { ActionReply, SignedRequest } from "./requests.ts";

type Reply = (reply: ActionReply, blockMs: number) => void;

export type QueuedRequest = {
  readonly request: SignedRequest;
  readonly arrivedMs: number;
  readonly reply: Reply;
};

/*
 * Order inside a block: funding of an hour that has ended, scheduled cancels, then by class
 *   1 actions without GTC or IOC, the crowd's post-only orders, oracle updates,
 *   2 cancels,
 *   3 what a recording says (in its own order), before takers of ours: the pessimistic reading,
 *   4 actions with a GTC or IOC, the crowd's IOCs;
 * within a class by arrival, the feed first at equal times. Then TWAP suborders, oracle silence, hidden quotes, triggers, liquidations.
 */
type Item = { readonly rank: number; readonly timeMs: number; readonly run: () => void };

/** What a block is made of. */
export type BlockContent = {
  readonly timeMs: number;
  readonly requests: readonly QueuedRequest[];
  readonly inputs: readonly {
    readonly market: Market;
    readonly timeMs: number;
    readonly input: FeedInput;
  }[];
  readonly fundingDue: boolean;
  /** Markets with a feed. */
  readonly fed: readonly Market[];
};

export function runBlock(world: World, block: BlockContent): void {
  world.nowMs = ms(block.timeMs);
  world.txIndex = 0;
  for (const market of block.fed) accrueSamples(market, block.timeMs);
  if (block.fundingDue) for (const market of block.fed) settleFunding(world, market);
  fireScheduledCancels(world);
  for (const market of world.haltsDue) haltMarket(world, market);
  world.haltsDue.clear();
  for (const market of world.delistingsDue) delistMarket(world, market);
  world.delistingsDue.clear();
  for (const item of orderedItems(world, block)) {
    world.txIndex += 1;
    item.run();
  }
  runTwaps(world);
  for (const market of block.fed) {
    if (block.timeMs - market.prices.updatedMs >= ORACLE_SILENCE_MS) {
      fallBackToLocal(market, block.timeMs);
    }
    if (market.tape !== null) {
      closeEndedTape(market, market.tape);
      revealHidden(world, market, market.tape);
    }
    firstMark(market, block.timeMs);
    if (market.pricesChanged) {
      world.solvencyChanged = true;
      cancelFarAtCap(world, market);
    }
  }
  settleGroups(world);
  fireTriggers(world);
  world.txIndex += 1;
  // Who is still under water after a part of the position was sold is looked at again in the next block.
  if (world.solvencyChanged) world.solvencyChanged = liquidateUnderwater(world);
  for (const market of world.markets.values()) announceMarket(world, market);
  world.emit({ kind: "block", timeMs: world.nowMs });
}

function orderedItems(world: World, block: BlockContent): readonly Item[] {
  const items: Item[] = [];
  for (const { market, timeMs, input } of block.inputs) {
    items.push({
      rank: inputRank(input),
      timeMs,
      run: () => applyInput(world, market, input),
    });
  }
  for (const { request, arrivedMs, reply } of block.requests) {
    const rank = actionClass(request.action);
    items.push({
      rank: rank === 3 ? 4 : rank,
      timeMs: arrivedMs,
      run: () => reply(executeRequest(world, request), block.timeMs),
    });
  }
  if (items.length > 1) items.sort((a, b) => a.rank - b.rank || a.timeMs - b.timeMs);
  return items;
}

function inputRank(input: FeedInput): number {
  switch (input.kind) {
    case "oracle":
      return 1;
    case "agentPlace":
      return input.tif === "Alo" ? 1 : 4;
    case "agentCancel":
      return 2;
    case "tapeBook":
    case "tapePrint":
    case "gap":
      return 3;
  }
}

function applyInput(world: World, market: Market, input: FeedInput): void {
  const { tape } = market;
  if (input.kind === "oracle" && market.oracleFrozen) return;
  if ((market.halted || market.delisted) && takes(input)) return;
  switch (input.kind) {
    case "agentPlace":
      return placeAgent(world, market, input);
    case "agentCancel":
      return cancelAgent(market, input.agentOrderId);
    case "oracle":
      return updateOracle(market, input.pxTicks, world.nowMs);
    case "tapeBook":
      return applyTapeBook(world, market, recorded(tape, input), input);
    case "tapePrint":
      return applyTapePrint(world, market, recorded(tape, input), input);
    case "gap":
      return applyGap(world, market, recorded(tape, input), input);
  }
}

/** While trading is halted nobody takes, in a recording either. */
function takes(input: FeedInput): boolean {
  return input.kind === "tapePrint" || (input.kind === "agentPlace" && input.tif === "Ioc");
}

function recorded(tape: Tape | null, input: FeedInput): Tape {
  assert(tape !== null, `${input.kind} comes from a feed that replays or mirrors`);
  return tape;
}

function fireScheduledCancels(world: World): void {
  for (const account of world.accounts.values()) {
    const { timeMs } = account.schedule;
    if (timeMs === null || timeMs > world.nowMs) continue;
    fireSchedule(account.schedule, world.nowMs);
    cancelAll(world, account, "scheduledCancel");
  }
}

/** One bookChanged and one priceUpdate a block and market, if anything changed. */
function announceMarket(world: World, market: Market): void {
  const { book, announced, def } = market;
  if (book.version !== announced.version) {
    announced.version = book.version;
    const bid = book.best("bid");
    const ask = book.best("ask");
    const touchChanged =
      announced.bidPx !== (bid?.pxTicks ?? 0) ||
      announced.bidLots !== (bid?.lots ?? 0) ||
      announced.askPx !== (ask?.pxTicks ?? 0) ||
      announced.askLots !== (ask?.lots ?? 0);
    announced.bidPx = bid?.pxTicks ?? 0;
    announced.bidLots = bid?.lots ?? 0;
    announced.askPx = ask?.pxTicks ?? 0;
    announced.askLots = ask?.lots ?? 0;
    world.emit({ kind: "bookChanged", coin: def.coin, touchChanged });
  }
  if (!market.pricesChanged) return;
  market.pricesChanged = false;
  world.emit({ kind: "priceUpdate", coin: def.coin });
}
