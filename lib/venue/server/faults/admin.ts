import type { Clock } from "../../../units/time.ts";
import { ms } from "../../../units/numbers.ts";
import {
  arrayAt,
  booleanAt,
  objectAt,
  optionalAt,
  ShapeError,
  stringAt,
  unsignedAt,
} from "../shape.ts";
import { NotJsonError, readJson } from "../readJson.ts";
import type { Answer } from "../localDesk.ts";
import type { FaultLayer } from "./faultLayer.ts";
import { FaultPlanError, NO_FAULTS, parseFaultText } from "./plan.ts";
import type { Venue } from "../../rules/venue.ts";

const ROUTES =
  "GET faults, PUT faults, DELETE faults, POST cut, POST halt, POST resume, POST freeze, POST thaw, POST delist, POST upgrade";

/**
 * The door for whoever arranges faults; it has a port of its own, so that no client of the exchange finds it.
 * Errors are JSON with one sentence that names the field, the value and what is allowed.
 */
export class FaultDesk {
  readonly #layer: FaultLayer;
  readonly #venue: Venue;

  constructor(layer: FaultLayer, venue: Venue) {
    this.#layer = layer;
    this.#venue = venue;
  }

  answer(method: string, path: string, body: string): Answer {
    try {
      switch (`${method} ${path}`) {
        case "GET faults":
          return this.#state();
        case "PUT faults":
          this.#layer.plan(parseFaultText(body));
          return this.#state();
        case "DELETE faults":
          this.#layer.plan(NO_FAULTS);
          return this.#state();
        case "POST cut":
          return this.#cut(body);
        case "POST halt":
          return this.#each(body, (coin) => this.#venue.haltTrading(coin, true));
        case "POST resume":
          return this.#each(body, (coin) => this.#venue.haltTrading(coin, false));
        case "POST freeze":
          return this.#each(body, (coin) => this.#venue.freezeOracle(coin, true));
        case "POST thaw":
          return this.#each(body, (coin) => this.#venue.freezeOracle(coin, false));
        case "POST delist":
          return this.#each(body, (coin) => this.#venue.delist(coin));
        case "POST upgrade":
          return this.#upgrade(body);
        default:
          return refuse(404, `no ${method} ${path}; there are ${ROUTES}`);
      }
    } catch (error) {
      if (error instanceof NotJsonError) return refuse(400, "the body must be JSON");
      if (error instanceof ShapeError || error instanceof FaultPlanError)
        return refuse(422, error.message);
      throw error;
    }
  }

  #state(): Answer {
    const { current, counts } = this.#layer;
    return { status: 200, body: JSON.stringify({ plan: current, counts }) };
  }

  #cut(body: string): Answer {
    const raw = body.trim() === "" ? {} : objectAt(readJson(body), "the body");
    const halfOpen = optionalAt(raw["halfOpen"], "halfOpen", booleanAt) ?? false;
    this.#layer.cutSockets(halfOpen ? 1 : 0);
    return this.#state();
  }

  /** The time after a network upgrade: only post-only orders are taken for so many milliseconds. */
  #upgrade(body: string): Answer {
    const forMs = unsignedAt(objectAt(readJson(body), "the body")["forMs"], "forMs");
    this.#venue.takeOnlyPostOnly(ms(this.#venue.nowMs() + forMs));
    return this.#state();
  }

  #each(body: string, act: (coin: string) => void): Answer {
    const coins = arrayAt(objectAt(readJson(body), "the body")["coins"], "coins").map((coin) => {
      const name = stringAt(coin, "coins");
      if (this.#venue.market(name) === null) throw new ShapeError(`coin "${name}" is not listed`);
      return name;
    });
    for (const coin of coins) act(coin);
    return this.#state();
  }
}

function refuse(status: number, error: string): Answer {
  return { status, body: JSON.stringify({ error }) };
}

export type FaultServer = { readonly url: string; readonly stop: () => Promise<void> };

/** Serves the desk on loopback. @param port 0 takes a free one */
export function serveFaultDesk(
  desk: FaultDesk,
  layer: FaultLayer,
  clock: Clock,
  port: number,
): FaultServer {
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    development: false,
    reusePort: false,
    fetch: async (request) => {
      const path = new URL(request.url).pathname.slice(1);
      const body = await request.text();
      layer.advanceTo(clock.nowMs());
      const answer = desk.answer(request.method, path, body);
      const headers = { "content-type": "application/json" };
      return new Response(answer.body, { status: answer.status, headers });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}
