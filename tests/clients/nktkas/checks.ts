import type { Check } from "../client.ts";
import { actionChecks } from "./actions.ts";
import { actorsAt } from "./actors.ts";
import { infoChecks } from "./infos.ts";
import { subscriptionChecks } from "./subscriptions.ts";

export type NamedCheck = readonly [name: string, run: () => Promise<unknown>];

/** Every method of the client that makes sense against an exchange of perps, one after the other. */
export async function* checksOfNktkas(url: string): AsyncGenerator<Check> {
  const actors = await actorsAt(url);
  try {
    for (const [name, run] of [
      ...infoChecks(actors),
      ...actionChecks(actors),
      ...subscriptionChecks(actors),
    ])
      yield await outcome(name, run);
  } finally {
    actors.close();
  }
}

async function outcome(name: string, run: () => Promise<unknown>): Promise<Check> {
  try {
    const detail = await run();
    return { name, outcome: "passed", detail: typeof detail === "string" ? detail : "" };
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { name, outcome: "failed", detail: detail.slice(0, 400) };
  }
}
