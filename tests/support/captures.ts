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
/** Files that were read so far. */
const read = new Set<string>();
const textOf = (path: string): string => {
  read.add(path);
  return readFileSync(join(capturesFolder, path), "utf8");
};
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

/** The data of a frame, without its channel. */
const BARE_BOOK = "nautilus/ws_book_data.json";

/** Parts of answers that were kept of larger ones: where each stands in the whole. */
const SELECTIONS: Readonly<
  Record<string, readonly (readonly [string, Fields, readonly string[]])[]>
> = {
  m1: [
    ["perpUniverse", { type: "meta" }, ["universe"]],
    ["spotUniverse", { type: "spotMeta" }, ["universe"]],
    ["spotTokens", { type: "spotMeta" }, ["tokens"]],
    ["hip3Universe", { type: "meta", dex: "xyz" }, ["universe"]],
    ["perpDexs", { type: "perpDexs" }, []],
    ["hip3Dex", { type: "perpDexs" }, ["1"]],
  ],
  m2: [
    ["marginSummary", { type: "clearinghouseState", user: "0x" }, ["marginSummary"]],
    ["positions", { type: "clearinghouseState", user: "0x" }, ["assetPositions", "position"]],
    ["btcAssetContext", { type: "metaAndAssetCtxs" }, ["1", "0"]],
    ["fills", { type: "userFills", user: "0x" }, []],
    ["funding", { type: "userFunding", user: "0x", startTime: 0 }, []],
    ["userFees", { type: "userFees", user: "0x" }, []],
    ["btcFundingHistory", { type: "fundingHistory", coin: "BTC", startTime: 0 }, []],
  ],
  m3: [
    ["perpUniverse", { type: "meta" }, ["universe"]],
    ["assetContexts", { type: "metaAndAssetCtxs" }, ["1"]],
    [
      "crossMaintenanceMarginUsed",
      { type: "clearinghouseState", user: "0x" },
      ["crossMaintenanceMarginUsed"],
    ],
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
    ["perpDexs", { type: "perpDexs" }, []],
    ["hip3Dex", { type: "perpDexs" }, ["1"]],
    ["hip3Meta", { type: "meta", dex: "xyz" }, []],
    ["hip3AssetContexts", { type: "metaAndAssetCtxs", dex: "xyz" }, ["1"]],
    ["spotClearinghouseState", { type: "spotClearinghouseState", user: "0x" }, []],
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

/** Answers of `/info` that stand among frames, by their name there. */
const REST_AMONG_FRAMES: Readonly<Record<string, Fields>> = {
  clearinghouse_state_flat: { type: "clearinghouseState", user: "0x" },
  open_orders_one: { type: "openOrders", user: "0x" },
  meta_dex_unit_testnet: { type: "meta", dex: "unit" },
};

function restAmongFrames(): readonly Capture[] {
  return linesOf(TESTNET_FRAMES).flatMap(({ name, frame }) => {
    const request = REST_AMONG_FRAMES[String(name)];
    return request === undefined ? [] : [info(`testnet_frames ${String(name)}`, request, frame)];
  });
}

/** Lines of files of frames that hold no answer: what the recorder sent itself, and a pong, which has no data. */
export function unanswered(): readonly string[] {
  const lines = [
    ...linesOf(TESTNET_FRAMES).map(({ name, frame }) => ({ name, ...(frame as Fields) })),
    ...FRAME_FILES.flatMap((file) => linesOf(`ws_frames/${file}.jsonl`)),
  ] as readonly Fields[];
  return lines
    .filter(({ name, channel, data }) => {
      const isFrame = typeof channel === "string" && data !== undefined;
      return !isFrame && !Object.hasOwn(REST_AMONG_FRAMES, String(name));
    })
    .map(({ channel, method }) =>
      typeof channel === "string" ? channel : `sent ${textIn(method)}`,
    );
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "nothing";
}

const TESTNET_FRAMES = "ws_frames/testnet_frames_20260728.jsonl";
const FRAME_FILES = ["ws_frames_20260924", "user_frames_20260725"] as const;

function frames(): readonly Capture[] {
  const named = [
    ...linesOf(TESTNET_FRAMES).map(({ name, frame }) => [name, frame]),
    ...FRAME_FILES.flatMap((file) =>
      linesOf(`ws_frames/${file}.jsonl`).map((frame, i) => [`${file}#${i}`, frame]),
    ),
    ...SINGLE_FRAMES.map((path) => [path, json(path)]),
    [BARE_BOOK, { channel: "l2Book", data: json(BARE_BOOK) }],
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
    ...restAmongFrames(),
    ...frames(),
  ];
}

/** Answers of `/exchange`, each with what was tried. */
export function capturedOrders(): readonly {
  readonly probe: string;
  readonly response: unknown;
}[] {
  return linesOf("ws_frames/testnet_order_responses_20261006_07.jsonl") as never;
}

/** Files and selections that no capture was made of, without those that say why there is nothing to compare. */
export function unaccounted(excused: readonly RegExp[]): readonly string[] {
  captures();
  capturedErrors();
  capturedOrders();
  const files = readdirSync(capturesFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(capturesFolder.length + 1));
  const parts = files.flatMap((file) => {
    const level = /net-(m\d)\.json$/.exec(file)?.[1];
    if (level === undefined) return [];
    const known = new Set((SELECTIONS[level] ?? []).map(([key]) => key));
    const { selection } = json(file) as { readonly selection: Fields };
    return Object.keys(selection)
      .filter((key) => !known.has(key))
      .map((key) => `${file} ${key}`);
  });
  return [...files.filter((file) => !read.has(file)), ...parts].filter(
    (name) => !excused.some((pattern) => pattern.test(name)),
  );
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
