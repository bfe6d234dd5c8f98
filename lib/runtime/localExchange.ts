import { z } from "zod";
import { fillKey } from "./tally.ts";
import type { FillCause } from "../venue/rules/types.ts";

/** A local exchange did not answer as one does; the sentence says what was asked and what came. */
export class LocalExchangeError extends Error {
  override readonly name = "LocalExchangeError";
}

const LocalClock = z.object({ epochMs: z.number(), speed: z.number(), nowMs: z.number() });
export type LocalClock = z.infer<typeof LocalClock>;

const LocalFeed = z.object({
  info: z.object({
    source: z.enum(["simulated", "replayed", "mirrored"]),
    coin: z.string(),
    description: z.string(),
    durationMs: z.number().nullable(),
    seed: z.number().nullable(),
  }),
  /** Venue time of the feed's beginning. */
  startMs: z.number(),
  positionMs: z.number(),
  gapCount: z.number(),
});
export type LocalFeed = z.infer<typeof LocalFeed>;
const LocalFeeds = z.record(z.string(), LocalFeed);

const LocalFills = z.array(
  z.object({
    tid: z.number(),
    oid: z.number(),
    cause: z.enum(["queue", "through", "taker"]),
  }),
);

export type CauseCounts = { readonly [C in FillCause]: number };

/** What a local exchange offers beside the wire. Where it comes from differs: HTTP, or the same process. */
export type LocalPaths = {
  readonly get: (path: string) => Promise<string>;
  readonly post: (path: string, body: string) => Promise<string>;
};

/** Over HTTP; `url` without a slash at the end. */
export function localPathsAt(url: string): LocalPaths {
  const ask = async (path: string, init: RequestInit): Promise<string> => {
    let answer: Response;
    try {
      answer = await fetch(`${url}/local/${path}`, { ...init, signal: AbortSignal.timeout(5000) });
    } catch (cause) {
      throw new LocalExchangeError(`no local exchange answers at ${url}: ${String(cause)}`, {
        cause,
      });
    }
    const text = await answer.text();
    if (!answer.ok)
      throw new LocalExchangeError(`${url}/local/${path} answered ${answer.status}: ${text}`);
    return text;
  };
  return {
    get: (path) => ask(path, {}),
    post: (path, body) =>
      ask(path, { method: "POST", body, headers: { "content-type": "application/json" } }),
  };
}

/** Play money, the market's clock, and what the wire does not tell: why each fill happened. */
export class LocalExchange {
  readonly #paths: LocalPaths;

  constructor(paths: LocalPaths) {
    this.#paths = paths;
  }

  async clock(): Promise<LocalClock> {
    return read(LocalClock, await this.#paths.get("clock"), "clock");
  }

  async feeds(): Promise<{ readonly [coin: string]: LocalFeed }> {
    return read(LocalFeeds, await this.#paths.get("feeds"), "feeds");
  }

  /** @param usd decimal, as the faucet takes it */
  async credit(user: string, dex: string, usd: string): Promise<void> {
    await this.#paths.post("faucet", JSON.stringify({ user, dex, usd }));
  }

  /**
   * Why the fills of these keys happened, as far as the exchange remembers: its latest 10,000. A fill that an earlier
   * life missed is told to this one, so the time of the run does not tell which fills are meant.
   */
  async fillCauses(user: string, keys: ReadonlySet<string>): Promise<CauseCounts> {
    const rows = read(LocalFills, await this.#paths.get(`fills?user=${user}`), "fills");
    const counts = { queue: 0, through: 0, taker: 0 };
    for (const row of rows) if (keys.has(fillKey(row))) counts[row.cause]++;
    return counts;
  }
}

function read<T>(schema: z.ZodType<T>, text: string, what: string): T {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new LocalExchangeError(
    `the local exchange's ${what} are not understood: ${parsed.error.message}`,
  );
}
