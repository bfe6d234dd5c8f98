import { assert } from "../../units/assert.ts";
import { opposite } from "../../units/grid.ts";
import { crosses } from "./book.ts";
import { sweep } from "./match.ts";
import type { CrowdEntry, Market, World } from "./model.ts";
import type { FeedInput } from "./types.ts";

/*
 * Simulated markets: the crowd's orders are ordinary entries of one anonymous house account, which is tracked so that money
 * conserves, but pays no fees and is not margin-checked. Members of the crowd may trade with each other.
 */

type AgentPlace = Extract<FeedInput, { kind: "agentPlace" }>;

/** A post-only order of the crowd that would match is dropped; an IOC takes what it can and the rest is dropped. */
export function placeAgent(world: World, market: Market, input: AgentPlace): void {
  assert(input.sizeLots > 0 && input.pxTicks > 0, `an agent's order has a size and a price`);
  assert(!market.crowd.has(input.agentOrderId), `agent order ${input.agentOrderId} is new`);
  const oid = world.nextOid;
  world.nextOid += 1;
  const { side, pxTicks, sizeLots } = input;
  if (input.tif === "Ioc") {
    sweep(world, market, { account: null, oid, cloid: null, side, dir: null }, pxTicks, sizeLots);
    return;
  }
  const best = market.book.best(opposite(side));
  if (best !== undefined && crosses(side, pxTicks, best.pxTicks)) return;
  const { agentOrderId } = input;
  const entry: CrowdEntry = { kind: "crowd", oid, agentOrderId, side, pxTicks, lots: sizeLots };
  market.crowd.set(agentOrderId, entry);
  market.book.add(entry);
}

/** Unknown or filled ids are ignored: the crowd does not hear of its fills. */
export function cancelAgent(market: Market, agentOrderId: number): void {
  const entry = market.crowd.get(agentOrderId);
  if (entry === undefined) return;
  market.crowd.delete(agentOrderId);
  market.book.remove(entry);
}
