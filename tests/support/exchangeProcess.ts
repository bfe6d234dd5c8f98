import { z } from "zod";
import { startCli } from "./cliProcess.ts";
import type { CliOptions, CliProcess } from "./cliProcess.ts";
import { until } from "./until.ts";
import { parseDecimal } from "../../lib/units/decimal.ts";

/** The market of every process test, and where it is listed. */
export const COIN = "km:US500";
const DEX = "km";
const SZ_DECIMALS = 3;

const Lots = z.string().transform((text) => {
  const lots = parseDecimal(text, SZ_DECIMALS);
  if (lots === null) throw new Error(`"${text}" is no size`);
  return lots;
});

const OpenOrder = z.object({
  coin: z.literal(COIN),
  side: z.enum(["A", "B"]),
  limitPx: z.string(),
  sz: Lots,
  oid: z.int(),
  timestamp: z.int(),
  reduceOnly: z.boolean(),
  cloid: z.string(),
});
export type OpenOrder = z.infer<typeof OpenOrder>;

const PastOrder = z.object({
  order: OpenOrder,
  status: z.string(),
  statusTimestamp: z.int(),
});
type PastOrder = z.infer<typeof PastOrder>;

const Fill = z.object({
  coin: z.literal(COIN),
  side: z.enum(["A", "B"]),
  sz: Lots,
  time: z.int(),
  tid: z.int(),
  oid: z.int(),
});
type ExchangeFill = z.infer<typeof Fill>;

const State = z.object({
  assetPositions: z.array(z.object({ position: z.object({ szi: Lots }) })),
});

const Level = z.object({ px: z.string(), sz: z.string() });
const Book = z.object({ levels: z.tuple([z.array(Level), z.array(Level)]) });

export type ExchangeProcess = {
  readonly url: string;
  readonly process: CliProcess;
  /** Venue time. */
  readonly nowMs: () => Promise<number>;
  readonly openOrders: (user: string) => Promise<readonly OpenOrder[]>;
  /** The newest 2000, newest first. */
  readonly history: (user: string) => Promise<readonly PastOrder[]>;
  /** Every fill, oldest first. */
  readonly fills: (user: string) => Promise<readonly ExchangeFill[]>;
  readonly positionLots: (user: string) => Promise<number>;
  /** Best price of a side, as text. */
  readonly bestPx: (side: "A" | "B") => Promise<string>;
  readonly credit: (user: string, usd: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** `exchange` in a process of its own, and questions to it as anybody may ask them. */
export async function startExchangeProcess(
  words: readonly string[] = [],
  options: CliOptions = {},
): Promise<ExchangeProcess> {
  const port = words.includes("--port") ? [] : ["--port", "0"];
  const cli = startCli(["exchange", ...port, "--json", ...words], options);
  const url = await until("the exchange says where it is", () => {
    const [line, rest] = cli.stdout().split("\n");
    return rest === undefined
      ? null
      : z.object({ url: z.string() }).parse(JSON.parse(line ?? "")).url;
  });
  const ask = async <T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> => {
    const post = { method: "POST", body: JSON.stringify(body) };
    const headers = { "content-type": "application/json" };
    // Bot and observer share an address and its request budget.
    const answer = await until("the exchange has time for an observer", async () => {
      const given = await fetch(`${url}${path}`, body === undefined ? {} : { ...post, headers });
      return given.status === 429 ? null : given;
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} ${JSON.stringify(body)}: ${answer.status} ${text}`);
    return schema.parse(JSON.parse(text));
  };
  return {
    url,
    process: cli,
    nowMs: async () => (await ask(z.object({ nowMs: z.number() }), "/local/clock")).nowMs,
    openOrders: (user) =>
      ask(z.array(OpenOrder), "/info", { type: "frontendOpenOrders", user, dex: DEX }),
    history: (user) => ask(z.array(PastOrder), "/info", { type: "historicalOrders", user }),
    fills: (user) => ask(z.array(Fill), `/local/fills?user=${user}`),
    positionLots: async (user) => {
      const state = await ask(State, "/info", { type: "clearinghouseState", user, dex: DEX });
      return state.assetPositions[0]?.position.szi ?? 0;
    },
    bestPx: async (side) => {
      const { levels } = await ask(Book, "/info", { type: "l2Book", coin: COIN });
      const best = levels[side === "B" ? 0 : 1][0];
      if (best === undefined) throw new Error(`nobody quotes side ${side}`);
      return best.px;
    },
    credit: async (user, usd) => {
      await ask(z.looseObject({}), "/local/faucet", { user, dex: DEX, usd });
    },
    stop: async () => {
      cli.kill("SIGTERM");
      const { code, stderr } = await cli.ended;
      if (code !== 0) throw new Error(`the exchange ended with ${code}: ${stderr}`);
    },
  };
}
