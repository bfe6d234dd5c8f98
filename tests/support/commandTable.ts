/** What a command of the pages gets from the test, known only once that runs. */
export type Facts = {
  /** An exchange that runs already. */
  readonly exchangeUrl: string;
  /** The bot's page. */
  readonly pageUrl: string;
  /** An order that rested, by the exchange's number. */
  readonly order: string;
  /** A moment in which it rested. */
  readonly atMs: number;
  /** Folder of a backup that was made. */
  readonly backup: () => string;
};

type Value = string | ((facts: Facts) => string);

/** How a command of the pages is run: as it stands there, but for what is named here. */
export type Execution = {
  /** In the folder in which one bot trades; after live runs in theirs; or in an empty folder. */
  readonly in: "bot" | "live" | "empty";
  /** Flags that make it end soon or stay on this machine; in the place of the pages' values, else added. */
  readonly set?: Readonly<Record<string, Value>>;
  /** What stands for something else, such as `<order>`. */
  readonly fill?: Readonly<Record<string, Value>>;
  /** Made-up files that have to be there, see `madeUpFiles.ts`. */
  readonly files?: readonly string[];
  /** Files that it leaves. */
  readonly leaves?: readonly string[];
  /** It runs on until it is interrupted, or until the bot has ended. */
  readonly endless?: "interrupted" | "as the bot";
  /** How it ends, where the page lets expect something else than success. */
  readonly code?: number;
  /** What its output has to tell. */
  readonly says?: RegExp;
};

/** Not run, and why; what is run in its place, if anything. */
export type Exclusion = { readonly not: string; readonly instead?: string };

const SAMPLE = "data/tapes/us500.tape";
const EXCHANGE: Value = ({ exchangeUrl }) => exchangeUrl;
const LOCAL = { "--exchange": EXCHANGE } as const;
const SHORT_PAPER = { "--duration": "1s", "--port": "0" } as const;
const EXCHANGE_ALONE: Execution = { in: "empty", set: { "--port": "0" }, endless: "interrupted" };
/** A minute in which it records little: the markets beside it are as seldom as real ones. */
const SHORT_RECORD = {
  "--exchange": EXCHANGE,
  "--market": "km:US500",
  "--duration": "1s",
} as const;
const CLASSIC = { "--seeds": "0" } as const;
const LIVE = { ...LOCAL, "--port": "0", "--duration": "3s" } as const;
const PAGE: Value = ({ pageUrl }) => pageUrl.replace("http://", "");
const AT_MS: Value = ({ atMs }) => String(atMs);
const TAKEN: Execution = { in: "bot", fill: { "127.0.0.1:8500": PAGE, "1795354626000": AT_MS } };

/** Every command of the README and the chapters, in the order in which those of one folder run. */
export const COMMAND_TABLE: Readonly<Record<string, Execution | Exclusion>> = {
  // Without anything before them.
  "bun run doctor": { in: "empty", says: /ready/ },
  "bun run simulate --days 0.02 --seed 9 --json": { in: "empty", set: { "--days": "0.001" } },
  "bun run simulate --days 0.02 --seed 9 --runs 3 --faults faults.json": {
    in: "empty",
    set: { "--days": "0.001", "--runs": "2" },
    files: ["faults.json"],
  },
  "bun run simulate --tape data/eth.tape": {
    in: "empty",
    set: { "--days": "0.001" },
    files: ["data/eth.tape"],
  },
  "bun run simulate --days 7 --seed 1 --json": { in: "empty", set: { "--days": "0.001" } },
  "bun run tape import --format hl-csv --coin ETH --out data/eth.tape book20.csv.gz bbo.csv.gz trades.csv.gz":
    {
      in: "empty",
      files: ["book20.csv.gz", "bbo.csv.gz", "trades.csv.gz"],
      leaves: ["data/eth.tape"],
    },
  "bun run tape info data/eth.tape": { in: "empty", files: ["data/eth.tape"] },
  "bun run paper --feed mainnet": { in: "empty", set: SHORT_PAPER, says: /Mirror of the live/ },
  "bun run live": { in: "empty", code: 2, says: /say where: --network/ },
  "bun run completion bash": { in: "empty", says: /reduce-only/ },
  "bun run paper --feed data/eth.tape --speed 20": {
    in: "empty",
    set: { "--duration": "20s", "--port": "0" },
    files: ["data/eth.tape"],
  },
  "bun run paper --feed data/tapes/mkts-US500/mkts-US500-20261122T130033072Z.tape": {
    in: "empty",
    set: SHORT_PAPER,
    fill: { "data/tapes/mkts-US500/mkts-US500-20261122T130033072Z.tape": SAMPLE },
    files: [SAMPLE],
  },
  "bun run paper --duration 7d --data data/paper": { in: "empty", set: SHORT_PAPER },
  "bun run paper --data /var/lib/amm-500/paper --json": {
    in: "empty",
    set: { ...SHORT_PAPER, "--data": "data/paper" },
  },
  "bun run paper --exchange http://127.0.0.1:3001": {
    in: "empty",
    set: { ...SHORT_PAPER, ...LOCAL },
  },
  "bun run exchange": EXCHANGE_ALONE,
  "bun run exchange --market km:US500 --seed 7 --speed 20": EXCHANGE_ALONE,
  "bun run exchange --feed data/tapes/us500.tape": { ...EXCHANGE_ALONE, files: [SAMPLE] },
  "bun run exchange --feed mainnet --market US500": EXCHANGE_ALONE,
  "bun run exchange --no-limits": EXCHANGE_ALONE,
  "bun run exchange --faults faults.json --faults-port 3002": {
    ...EXCHANGE_ALONE,
    set: { "--port": "0", "--faults-port": "0" },
    files: ["faults.json"],
  },
  "bun run paper --faults faults.json": {
    in: "empty",
    set: SHORT_PAPER,
    files: ["faults.json"],
    says: /faults are injected: faults\.json/,
  },
  "bun run record": { in: "empty", set: SHORT_RECORD },
  "bun run record --market US500 --exchange mainnet --out data/tapes": {
    in: "empty",
    set: { "--duration": "1s" },
    leaves: ["data/tapes"],
  },
  "bun run record --market mkts:US500 --exchange testnet --rotate 50MB --duration 7d": {
    in: "empty",
    set: { "--market": "km:US500", "--duration": "1s" },
  },
  "bun run record --exchange http://127.0.0.1:3001 --rotate off --duration 10m --json": {
    in: "empty",
    set: SHORT_RECORD,
  },
  "bun run fetch": { in: "empty", leaves: ["data/paper/history.sqlite"] },
  "bun run fetch --tapes": { in: "empty", set: { "--tapes": SAMPLE }, files: [SAMPLE] },
  "bun run retrain": { in: "empty", set: CLASSIC },
  "bun run retrain --source file --candles spy.csv.gz --horizon 5m --json": {
    in: "empty",
    set: CLASSIC,
    files: ["spy.csv.gz"],
  },
  "bun run retrain --candles spy.csv --pool qqq.csv --horizon 15m --html out.html --dry-run": {
    in: "empty",
    set: CLASSIC,
    files: ["spy.csv", "qqq.csv"],
    leaves: ["out.html"],
  },
  "bun run retrain --source file --candles <csv> [--pool …] --dry-run": {
    in: "empty",
    set: CLASSIC,
    fill: { "<csv>": "spy.csv", "[--pool …]": "--pool qqq.csv" },
    files: ["spy.csv", "qqq.csv"],
  },
  "taskset -c 1 bun run retrain …": {
    in: "empty",
    set: CLASSIC,
    fill: { "taskset -c 1 ": "", "…": "--candles spy.csv" },
    files: ["spy.csv"],
  },

  // Those for who works on it.
  "bun run bench": { in: "empty", set: { "--only": "bookMessage" } },
  "bun run bench --json": { in: "empty", set: { "--only": "bookMessage" } },
  "bun run calibrate": {
    in: "empty",
    set: { "--days": "1", "--sessions": "1", "--no-nulls": "", "--images": "images" },
    leaves: ["images/market-spread.svg"],
  },
  "bun run calibrate --json": {
    in: "empty",
    set: { "--days": "1", "--sessions": "1", "--no-nulls": "", "--images": "images" },
  },
  "bun run soak": { in: "empty", set: { "--rounds": "1", "--no-limits": "", "--no-replay": "" } },
  "bun run soak --rounds 20 --seed 11 --no-limits --no-replay": {
    in: "empty",
    set: { "--rounds": "0" },
  },
  "bun run ablation --seeds 10 --days 2 --resume runs.jsonl --jobs 2": {
    in: "empty",
    set: { "--seeds": "1", "--days": "0.001", "--only": "plain ladder" },
    leaves: ["runs.jsonl"],
  },
  'bun run ablation --seeds 10 --days 2 --only "plain ladder,mid,no shift,no volatility,fade,tolerance,session"':
    {
      in: "empty",
      set: { "--seeds": "1", "--days": "0.001", "--only": "plain ladder" },
    },
  'bun run ablation --scenario informed --only "touch quoter,linear ladder,pure market making"': {
    in: "empty",
    set: { "--seeds": "1", "--days": "0.001" },
  },
  "bun run ablation --tapes <folder>": {
    in: "empty",
    set: { "--only": "plain ladder" },
    fill: { "<folder>": "data/tapes" },
    files: [SAMPLE],
  },
  "bun run fit-fair-value --seconds 2 <tape>…": {
    in: "empty",
    fill: { "<tape>…": SAMPLE },
    files: [SAMPLE],
  },
  "bun run ablation": {
    in: "empty",
    set: { "--seeds": "1", "--days": "0.001", "--only": "plain ladder" },
  },
  "bun run volatility": { in: "empty", set: { "--seeds": "1", "--days": "0.001" } },
  "bun run volatility --seeds 6 --days 0.25": {
    in: "empty",
    set: { "--seeds": "1", "--days": "0.001" },
  },
  "FAST_CHECK_SEED=<n> bun test tests": {
    in: "empty",
    fill: { "<n>": "3", tests: "tests/property/tape.test.ts" },
  },

  // Beside a bot that trades.
  "bun run paper": {
    in: "bot",
    set: { "--port": "0" },
    endless: "interrupted",
    says: /left over {3}no open orders/,
  },
  "bun run watchdog --data <folder>": {
    in: "bot",
    fill: { "<folder>": "data/paper" },
    endless: "as the bot",
    says: /ended properly/,
  },
  "bun run status": { in: "bot", says: /US500/ },
  "bun run orders": { in: "bot" },
  "bun run fills": { in: "bot" },
  "bun run report --days 1": { in: "bot" },
  "bun run report --days 1 --html report.html": { in: "bot", leaves: ["report.html"] },
  "bun run report --days 7 --metrics all --html week.html": { in: "bot", leaves: ["week.html"] },
  "bun run why": { in: "bot", set: { "": ({ order }) => order } },
  "bun run why <oid|cloid>": { in: "bot", fill: { "<oid|cloid>": ({ order }) => order } },
  "bun run why --at <time> --side bid": {
    in: "bot",
    fill: { "<time>": ({ atMs }) => new Date(atMs).toISOString() },
  },
  "bun run trace <oid|cloid>": { in: "bot", fill: { "<oid|cloid>": ({ order }) => order } },
  "curl -s 'http://127.0.0.1:8500/api/why?order=1203'": {
    in: "bot",
    fill: { "127.0.0.1:8500": PAGE, "1203": ({ order }) => order },
    says: /^\{(?!"error)/,
  },
  "curl -s 'http://127.0.0.1:8500/api/why?at=1795354626000&side=bid'": {
    ...TAKEN,
    says: /^\{(?!"error)/,
  },
  "curl -s 'http://127.0.0.1:8500/api/past?at=1795354626000'": { ...TAKEN, says: /^\{(?!"error)/ },
  'curl -X POST http://127.0.0.1:8500/reduce-only -H "authorization: Bearer $(cat data/paper/api-token)" -H "content-type: application/json" -d \'{"enabled":true,"reason":"lunch"}\'':
    { ...TAKEN, says: /"reduceOnly"/ },
  "bun run alerts": { in: "bot", says: /webhook/ },
  "bun run alerts test": { in: "bot", says: /webhook/ },
  "bun run backup": { in: "bot", leaves: ["data/backups"] },
  "bun run backup --data data/paper --out data/backups": { in: "bot" },
  "bun run restore data/backups/<time> --data data/restored": {
    in: "bot",
    fill: { "data/backups/<time>": ({ backup }) => backup() },
    leaves: ["data/restored/bot.sqlite"],
  },
  "bun run restore <backup> --data <new folder>": {
    in: "bot",
    fill: { "<backup>": ({ backup }) => backup(), "<new folder>": "data/again" },
  },
  "bun run reduce-only on": { in: "bot", says: /reduceOnly/ },
  "bun run reduce-only off": { in: "bot" },
  "bun run flatten": { in: "bot" },
  "bun run resume": { in: "bot" },
  "bun run halt": { in: "bot", says: /halted/ },
  "bun run cancel --all": { in: "bot" },
  "bun run cancel --all --data <folder>": { in: "bot", fill: { "<folder>": "data/paper" } },

  // With the keys of an account.
  "bun run doctor --network testnet": {
    in: "live",
    set: { ...LOCAL, "--market": "km:US500" },
    says: /ready/,
  },
  "bun run live --network testnet --market US500 --capital 500": {
    in: "live",
    set: { ...LIVE, "--confirm": "testnet km:US500 500" },
  },
  "bun run live --network mainnet --market mkts:US500 --capital 500": {
    in: "live",
    set: {
      ...LIVE,
      "--market": "km:US500",
      "--confirm": "live km:US500 500",
      "--override": "the commands of the pages",
    },
  },
  "bun run status --direct --data data/live": { in: "live" },
  "bun run cancel --all --data data/live": { in: "live" },
  "bun run flatten --data data/live": { in: "live" },
  "bun run cancel --all --network mainnet": { in: "live", set: LOCAL },

  // Not run.
  "bun run test": { not: "it is the gate, of which this test is a part" },
  "bun run verify": { not: "it is the gate, of which this test is a part" },
  "bun run clients": {
    not: "it installs clients of others from their registries",
    instead: "bun run clients --help",
  },
  "bun run soak-alerts": {
    not: "an hour of market time takes more than a minute; tests/sim/alerts.test.ts has the same hour",
    instead: "bun run soak-alerts --help",
  },
  "bun run bench --only volatility": {
    not: "it trains networks for minutes",
    instead: "bun run bench --help",
  },
  "bun install --frozen-lockfile --production": {
    not: "it installs from the registry",
    instead: "bun install --frozen-lockfile --production --dry-run",
  },
  "bun build --compile": { not: "the page says that it does not work" },
  "npm install --global --allow-scripts=bun bun@1.4.5": { not: "it installs from the registry" },
  "git clone <this repository> /opt/amm-500": { not: "it changes the machine" },
  "cd /opt/amm-500": { not: "it changes the machine" },
  "git pull": { not: "it changes the checkout" },
  "ssh -L 8500:127.0.0.1:8500 host": { not: "it needs another machine" },
  "systemctl stop amm-500": { not: "it needs the service" },
  "systemd-analyze verify": { not: "it needs systemd" },
};

/** Named with `<command>`: each of them, with `--help`. */
export const EVERY_HELP = "bun run <command> --help";
