import { closeMinute, OPEN_MINUTE } from "../../lib/vol/calendar/usEquitySession.ts";
import { newYorkTime } from "../../lib/vol/calendar/newYork.ts";

/** How a stubbed provider behaves. */
export type Behaviour =
  | "good"
  | "empty"
  | "partial"
  | "stale"
  | "429"
  | "429 once"
  | "500"
  | "malformed"
  | "slow"
  | "bad crumb";

export type HistoryStub = {
  readonly url: string;
  readonly set: (who: "yahoo" | "us500" | "btc", behaviour: Behaviour) => void;
  readonly requests: () => { readonly yahoo: number; readonly us500: number; readonly btc: number };
  readonly stop: () => Promise<void>;
};

const DAY_MS = 86_400_000;

/** A price that wanders by a rule, not by chance: the same for every request. */
function priceAt(base: number, openMs: number, size: number): number {
  const t = openMs / 300_000;
  return base * Math.exp(size * (Math.sin(t * 12.9898) + Math.sin(t * 78.233) + Math.sin(t / 50)));
}

function openTimes(fromMs: number, toMs: number, barMs: number, session: boolean): number[] {
  const times: number[] = [];
  for (let t = Math.ceil(fromMs / barMs) * barMs; t < toMs; t += barMs) {
    const { day, minute } = newYorkTime(t);
    if (!session || (minute >= OPEN_MINUTE && minute < (closeMinute(day) ?? 0))) times.push(t);
  }
  return times;
}

/** What a behaviour leaves of the bars. */
function shaped(times: number[], behaviour: Behaviour, toMs: number): number[] {
  if (behaviour === "empty") return [];
  if (behaviour === "partial") return times.slice(-150);
  if (behaviour === "stale") return times.filter((t) => t < toMs - 8 * DAY_MS);
  return times;
}

function yahooBody(times: readonly number[]): object {
  const px = (t: number, f: number): number => priceAt(3400, t + f, 0.002);
  const quote =
    times.length === 0
      ? {}
      : {
          open: times.map((t) => px(t, 0)),
          close: times.map((t) => px(t, 300_000)),
          high: times.map((t) => Math.max(px(t, 0), px(t, 300_000)) * 1.0003),
          low: times.map((t) => Math.min(px(t, 0), px(t, 300_000)) * 0.9997),
          volume: times.map(() => 0),
        };
  const meta = {
    currency: "USD",
    symbol: "^OEX",
    exchangeName: "SNP",
    instrumentType: "INDEX",
    firstTradeDate: 0,
    regularMarketTime: 1,
    gmtoffset: -18_000,
    timezone: "EST",
    exchangeTimezoneName: "America/New_York",
    regularMarketPrice: 3400,
    chartPreviousClose: 3400,
    priceHint: 2,
    dataGranularity: "5m",
    range: "",
    validRanges: ["1d"],
    currentTradingPeriod: {
      pre: { timezone: "EST", start: 1, end: 2, gmtoffset: 0 },
      regular: { timezone: "EST", start: 1, end: 2, gmtoffset: 0 },
      post: { timezone: "EST", start: 1, end: 2, gmtoffset: 0 },
    },
  };
  const timestamp = times.map((t) => t / 1000);
  const result = {
    meta,
    ...(times.length > 0 ? { timestamp } : {}),
    indicators: { quote: [quote] },
  };
  return { chart: { result: [result], error: null } };
}

function candleBody(times: readonly number[], base: number, barMs: number): object {
  return times.map((t) => {
    const [open, close] = [priceAt(base, t, 0.006), priceAt(base, t + barMs, 0.006)];
    return {
      t,
      T: t + barMs - 1,
      s: "x",
      i: "5m",
      o: open.toFixed(4),
      c: close.toFixed(4),
      h: (Math.max(open, close) * 1.0005).toFixed(4),
      l: (Math.min(open, close) * 0.9995).toFixed(4),
      v: "1.5",
      n: 3,
    };
  });
}

/** Yahoo and Hyperliquid on one local port, each in any mood. */
export function historyStub(): HistoryStub {
  const moods: Record<"yahoo" | "us500" | "btc", Behaviour> = {
    yahoo: "good",
    us500: "good",
    btc: "good",
  };
  const counts = { yahoo: 0, us500: 0, btc: 0 };
  const refusal = async (mood: Behaviour, count: number): Promise<Response | null> => {
    if (mood === "429" || (mood === "429 once" && count === 1))
      return new Response("Too Many Requests", { status: 429 });
    if (mood === "500") return new Response("oops", { status: 500 });
    if (mood === "malformed") return new Response('{"chart":{"result":[{"meta":5}],"error":null}}');
    if (mood === "slow") await Bun.sleep(1500);
    if (mood === "bad crumb")
      return Response.json(
        {
          finance: { result: null, error: { code: "Unauthorized", description: "Invalid Crumb" } },
        },
        { status: 401 },
      );
    return null;
  };
  const yahoo = async (url: URL): Promise<Response> => {
    counts.yahoo++;
    const refused = await refusal(moods.yahoo, counts.yahoo);
    if (refused !== null) return refused;
    const [fromMs, toMs] = ["period1", "period2"].map(
      (k) => Number(url.searchParams.get(k)) * 1000,
    );
    const times = openTimes(fromMs ?? 0, toMs ?? 0, 300_000, true);
    return Response.json(yahooBody(shaped(times, moods.yahoo, toMs ?? 0)));
  };
  const info = async (body: {
    type: string;
    req?: { coin: string; startTime: number; endTime: number };
  }) => {
    if (body.type !== "candleSnapshot" || body.req === undefined)
      return new Response("stub", { status: 422 });
    const who = body.req.coin === "BTC" ? "btc" : "us500";
    counts[who]++;
    const refused = await refusal(moods[who], counts[who]);
    if (refused !== null) return refused;
    const { startTime, endTime } = body.req;
    const times = openTimes(startTime, endTime, 300_000, false).slice(-5000);
    const left = shaped(times, moods[who], endTime);
    return Response.json(candleBody(left, who === "btc" ? 90_000 : 690, 300_000));
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const url = new URL(request.url);
      if (url.pathname.startsWith("/v8/finance/chart/")) return yahoo(url);
      return info((await request.json()) as { type: string });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    set: (who, behaviour) => {
      moods[who] = behaviour;
      counts[who] = 0;
    },
    requests: () => ({ ...counts }),
    stop: () => server.stop(true),
  };
}
