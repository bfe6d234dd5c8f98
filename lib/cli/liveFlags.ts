import { z } from "zod";
import { Duration, integerBetween, numberBetween, oneOf, Switch, UsageError } from "./command.ts";
import { NETWORKS } from "../runtime/live/networks.ts";
import type { Network } from "../runtime/live/networks.ts";

const REASON_CHARS_MIN = 10;

/** Where real orders go; shared with the commands that work without a bot. */
export const NetworkFlag = oneOf("mainnet", "testnet");

const Reason = z.string().transform((text, context) => {
  const reason = text.trim();
  if (reason.length >= REASON_CHARS_MIN && reason.length <= 500) return reason;
  context.addIssue({
    code: "custom",
    message: `"${text}" is not allowed; a reason of ${REASON_CHARS_MIN} to 500 characters`,
  });
  return z.NEVER;
});

export const liveFlags = z.object({
  network: NetworkFlag.optional().describe("mainnet or testnet"),
  exchange: z
    .string()
    .optional()
    .describe("URL of another exchange, taken for the network (mainnet unless --network says)"),
  market: z.string().optional().describe("coin, such as US500 or mkts:US500 (SYMBOL)"),
  capital: numberBetween(1, 10_000_000)
    .optional()
    .describe("most that is traded with, in whole collateral tokens; has to be given"),
  confirm: z.string().optional().describe('the confirmation, such as "live mkts:US500 500"'),
  override: Reason.optional().describe("why a capital step is opened without its evidence"),
  evidence: z
    .string()
    .min(1)
    .default("data/paper")
    .describe("folder of the paper run that opens the first step (data/paper)"),
  "key-file": z
    .string()
    .optional()
    .describe("file of mode 0600 with the API wallet's key (HL_PRIVATE_KEY)"),
  duration: Duration.optional().describe("90s, 15m, 4h, 7d (until interrupted)"),
  "reduce-only": Switch.describe("quote only what reduces a position"),
  port: integerBetween(0, 65_535).default(8500).describe("of the page; 0 takes a free one (8500)"),
  data: z.string().optional().describe("folder for database and token (data/live, data/testnet)"),
  "no-supervise": Switch.describe("do not start again after a crash"),
  json: Switch.describe("one JSON object on standard output, progress on standard error"),
});
export type LiveFlags = z.infer<typeof liveFlags>;

export type LivePlace = {
  readonly network: Network;
  readonly url: string;
  readonly dataDir: string;
  readonly capital: number;
};

/** What the flags mean together. @throws UsageError naming the flag and what is allowed */
export function livePlace(given: LiveFlags): LivePlace {
  const { exchange, capital } = given;
  if (given.network === undefined && exchange === undefined)
    throw new UsageError("say where: --network mainnet or --network testnet");
  if (exchange !== undefined && (!/^https?:\/\/[^/]/.test(exchange) || !URL.canParse(exchange)))
    throw new UsageError(
      `--exchange: "${exchange}" is not allowed; a URL such as http://127.0.0.1:3001`,
    );
  if (capital === undefined)
    throw new UsageError("--capital has to be given: the most that is traded with");
  const network = NETWORKS[given.network ?? "mainnet"];
  const url = (exchange ?? network.url).replace(/\/+$/, "");
  return { network, url, capital, dataDir: given.data ?? `data/${network.mode}` };
}
