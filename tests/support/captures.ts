import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const shared = process.env["AMM500_SHARED_DATA"] ?? join(import.meta.dir, "../../../shared/data");

/** Folder of captured answers and frames of the real venue; they are not part of the repository. */
export const capturesFolder = join(shared, "f_hl_api_captures");
export const hasCaptures = existsSync(capturesFolder);

/** Something that the real venue said. */
export type Capture =
  /** To a request of `/info`. */
  | {
      readonly kind: "info";
      readonly name: string;
      readonly request: Readonly<Record<string, unknown>>;
      readonly answer: unknown;
      /** Where the captured part stands in the whole answer: keys to go down, null for the whole. */
      readonly part: readonly string[] | null;
    }
  /** Over a socket, in a channel. */
  | {
      readonly kind: "frame";
      readonly name: string;
      readonly channel: string;
      readonly data: unknown;
    };

type Fields = Readonly<Record<string, unknown>>;
const textOf = (path: string): string => readFileSync(join(capturesFolder, path), "utf8");
const json = (path: string): unknown => JSON.parse(textOf(path));
const linesOf = (path: string): Fields[] =>
  textOf(path)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Fields);

function info(
  name: string,
  request: Fields,
  answer: unknown,
  part: readonly string[] | null = null,
) {
  return { kind: "info", name, request, answer, part } as const;
}

/** A quoted scalar after `body:` (the request) or `string:` (the answer); a line break in it stands for one space. */
const QUOTED = /\b(body|string): '((?:[^']|'')*)'/g;

/** Recorded by the Python SDK's own tests, in YAML: requests and answers take turns. */
function cassettes(): readonly Capture[] {
  const folder = "python_sdk_cassettes";
  return readdirSync(join(capturesFolder, folder)).flatMap((file) => {
    const texts = [...textOf(`${folder}/${file}`).matchAll(QUOTED)].map(([, , text = ""]) =>
      JSON.parse(text.replaceAll("''", "'").replace(/\n\s*/g, " ")),
    );
    return Array.from({ length: texts.length / 2 }, (_, i) =>
      info(`${folder}/${file}#${i}`, texts[2 * i] as Fields, texts[2 * i + 1]),
    );
  });
}

/** Files that hold one answer, with what was asked. */
const SINGLE_ANSWERS: readonly (readonly [string, Fields])[] = [
  ["freedom/meta_km.json", { type: "meta", dex: "km" }],
  ["freedom/meta_mkts_trimmed.json", { type: "meta", dex: "mkts" }],
  ["eugene2710_mcp/clearinghouse_small.json", { type: "clearinghouseState", user: "0x" }],
  ["eugene2710_mcp/clearinghouse_whale.json", { type: "clearinghouseState", user: "0x" }],
  ["eugene2710_mcp/l2book_btc_nsf3.json", { type: "l2Book", coin: "BTC", nSigFigs: 3 }],
  ["eugene2710_mcp/l2book_btc_nsf4.json", { type: "l2Book", coin: "BTC", nSigFigs: 4 }],
  ["eugene2710_mcp/l2book_btc_nsf5.json", { type: "l2Book", coin: "BTC", nSigFigs: 5 }],
  [
    "eugene2710_mcp/l2book_btc_nsf5_m5.json",
    { type: "l2Book", coin: "BTC", nSigFigs: 5, mantissa: 5 },
  ],
  ["eugene2710_mcp/perpdexs.json", { type: "perpDexs" }],
  ["tengu/recentTrades_xyz_TSLA.json", { type: "recentTrades", coin: "xyz:TSLA" }],
  ["nautilus/http_all_perp_metas_non_usdc_collateral.json", { type: "allPerpMetas" }],
  [
    "nautilus/http_clearinghouse_state_negative_total_raw_usd.json",
    { type: "clearinghouseState", user: "0x" },
  ],
  ["nautilus/http_funding_history.json", { type: "fundingHistory", coin: "BTC", startTime: 0 }],
  ["nautilus/http_l2_book_btc.json", { type: "l2Book", coin: "BTC" }],
  ["nautilus/http_l2_book_snapshot.json", { type: "l2Book", coin: "BTC" }],
  ["nautilus/http_meta_perp_sample.json", { type: "meta" }],
  ["nautilus/http_recent_trades_btc.json", { type: "recentTrades", coin: "BTC" }],
  ["nautilus/http_spot_clearinghouse_state.json", { type: "spotClearinghouseState", user: "0x" }],
  ["nautilus/http_spot_meta_non_usdc_collateral.json", { type: "spotMeta" }],
  ["nautilus/http_user_fills_dust_conversion.json", { type: "userFills", user: "0x" }],
];

/** Files that hold one frame. */
const SINGLE_FRAMES = [
  "nautilus/ws_allmids.json",
  "nautilus/ws_all_dexs_asset_ctxs.json",
  "nautilus/ws_user_fill_liquidation.json",
] as const;

/** Parts of answers that were kept of larger ones: where each stands in the whole. */
const SELECTIONS: Readonly<
  Record<string, readonly (readonly [string, Fields, readonly string[]])[]>
> = {
  m1: [
    ["perpUniverse", { type: "meta" }, ["universe"]],
    ["spotUniverse", { type: "spotMeta" }, ["universe"]],
    ["spotTokens", { type: "spotMeta" }, ["tokens"]],
    ["hip3Universe", { type: "meta", dex: "xyz" }, ["universe"]],
  ],
  m2: [
    ["fills", { type: "userFills", user: "0x" }, []],
    ["funding", { type: "userFunding", user: "0x", startTime: 0 }, []],
    ["userFees", { type: "userFees", user: "0x" }, []],
    ["btcFundingHistory", { type: "fundingHistory", coin: "BTC", startTime: 0 }, []],
  ],
  m3: [
    ["marginSummary", { type: "clearinghouseState", user: "0x" }, ["marginSummary"]],
    ["crossMarginSummary", { type: "clearinghouseState", user: "0x" }, ["crossMarginSummary"]],
    ["positions", { type: "clearinghouseState", user: "0x" }, ["assetPositions", "position"]],
  ],
  m4: [
    ["fills", { type: "userFills", user: "0x" }, []],
    ["orderStatus", { type: "orderStatus", user: "0x", oid: 1 }, []],
    ["openOrders", { type: "openOrders", user: "0x" }, []],
  ],
  m5: [
    ["spotUniverse", { type: "spotMeta" }, ["universe"]],
    ["spotTokens", { type: "spotMeta" }, ["tokens"]],
    ["spotAssetContexts", { type: "spotMetaAndAssetCtxs" }, ["1"]],
  ],
};

function selections(): readonly Capture[] {
  const folder = "minnzen_math_live";
  return readdirSync(join(capturesFolder, folder)).flatMap((file) => {
    const level = /net-(m\d)\.json$/.exec(file)?.[1];
    if (level === undefined) return [];
    const whole = json(`${folder}/${file}`) as {
      readonly selection: Fields;
      readonly l2Book?: unknown;
    };
    const parts = (SELECTIONS[level] ?? []).flatMap(([key, request, part]) =>
      whole.selection[key] === undefined
        ? []
        : [info(`${folder}/${file} ${key}`, request, whole.selection[key], part)],
    );
    return whole.l2Book === undefined
      ? parts
      : [...parts, info(`${folder}/${file} l2Book`, { type: "l2Book", coin: "BTC" }, whole.l2Book)];
  });
}

function frames(): readonly Capture[] {
  const named = [
    ...linesOf("ws_frames/testnet_frames_20260728.jsonl").map(({ name, frame }) => [name, frame]),
    ...["ws_frames_20260924", "user_frames_20260725"].flatMap((file) =>
      linesOf(`ws_frames/${file}.jsonl`).map((frame, i) => [`${file}#${i}`, frame]),
    ),
    ...SINGLE_FRAMES.map((path) => [path, json(path)]),
  ] as unknown as readonly (readonly [string, Fields])[];
  return named.flatMap(([name, frame]): readonly Capture[] =>
    typeof frame["channel"] === "string" && frame["data"] !== undefined
      ? [{ kind: "frame", name, channel: frame["channel"], data: frame["data"] }]
      : [],
  );
}

/** Everything of which the request is known. */
export function captures(): readonly Capture[] {
  return [
    ...cassettes(),
    ...SINGLE_ANSWERS.map(([path, request]) => info(path, request, json(path))),
    ...selections(),
    ...frames(),
  ];
}

/** Refused requests: status, content type and body. */
export function capturedErrors(): readonly {
  readonly name: string;
  readonly request: Fields;
  readonly status: number;
  readonly content_type: string;
  readonly body: string;
}[] {
  const errors = json("tengu/errors.json") as Record<string, never>;
  return Object.entries(errors).map(([name, rest]) => ({ name, ...(rest as object) })) as never;
}
