/**
 * An exchange in a process of its own that pushes touches and notes when posts arrive: `bun wireStub.ts <periodMs>`.
 * Each touch moves far enough that quotes have to follow. Prints its port, then serves:
 *   /info, /exchange, /ws   what the bot needs of a venue; every order rests, every cancel finds its order
 *   POST /touches?count=n   pushes n touches, then answers, per touch, with the microseconds from the frame's send to
 *                           the arrival of each post before the next touch
 */
const COIN = "km:US500";
const periodMs = Number(process.argv[2] ?? "20");
/** The touch goes to and fro between these, in cents. */
const MID_CENTS = 69_012;
const MOVE_CENTS = 12;

type WireOrder = {
  readonly b: boolean;
  readonly p: string;
  readonly s: string;
  readonly c: string;
};
type Action = {
  readonly type: string;
  readonly orders?: readonly WireOrder[];
  readonly modifies?: readonly { readonly oid: string; readonly order: WireOrder }[];
  readonly cancels?: readonly { readonly cloid: string }[];
};
type Resting = WireOrder & { readonly oid: number; readonly timestamp: number };

const resting = new Map<string, Resting>();
const marketSockets = new Set<Bun.ServerWebSocket>();
const accountSockets = new Set<Bun.ServerWebSocket>();
/** What has changed since the account's stream last told. */
let updates: object[] = [];
let nextOid = 1;
let touches = 0;
let sentNs = 0n;
let arrivals: number[] = [];

function row(order: Resting) {
  return {
    coin: COIN,
    oid: order.oid,
    cloid: order.c,
    side: order.b ? "B" : "A",
    limitPx: order.p,
    sz: order.s,
    origSz: order.s,
    timestamp: order.timestamp,
    reduceOnly: false,
  };
}

function tell(order: Resting, status: "open" | "canceled"): void {
  updates.push({ order: row(order), status, statusTimestamp: Date.now() });
}

function rest(order: WireOrder) {
  const added = { ...order, oid: nextOid++, timestamp: Date.now() };
  resting.set(order.c, added);
  tell(added, "open");
  return { resting: { oid: added.oid, cloid: order.c } };
}

function remove(cloid: string): void {
  const order = resting.get(cloid);
  if (order === undefined) return;
  resting.delete(cloid);
  tell(order, "canceled");
}

function act(action: Action): readonly unknown[] {
  if (action.orders !== undefined) return action.orders.map(rest);
  if (action.modifies !== undefined)
    return action.modifies.map(({ oid, order }) => {
      remove(oid);
      return rest(order);
    });
  return (action.cancels ?? []).map(({ cloid }) => {
    remove(cloid);
    return "success";
  });
}

function info(request: { readonly type: string }): unknown {
  const none = { accountValue: "1000.0", totalNtlPos: "0.0", totalRawUsd: "1000.0" };
  const margin = { ...none, totalMarginUsed: "0.0" };
  switch (request.type) {
    case "clearinghouseState":
      return {
        marginSummary: margin,
        crossMarginSummary: margin,
        crossMaintenanceMarginUsed: "0.0",
        withdrawable: "1000.0",
        assetPositions: [],
        time: Date.now(),
      };
    case "userRateLimit":
      return { cumVlm: "0.0", nRequestsUsed: 0, nRequestsCap: 1_000_000_000 };
    case "frontendOpenOrders":
      return [...resting.values()].map(row);
    default:
      return [];
  }
}

function level(cents: number) {
  return { px: (cents / 100).toFixed(2), sz: "12.5", n: 3 };
}

function bookText(): string {
  const side = (sign: 1 | -1) =>
    Array.from({ length: 5 }, (_, index) => level(MID_CENTS + sign * (index + 1)));
  const data = { coin: COIN, time: Date.now(), levels: [side(-1), side(1)], fast: true };
  return JSON.stringify({ channel: "l2Book", data });
}

function touchText(): string {
  const mid = MID_CENTS + (touches++ % 2 === 0 ? MOVE_CENTS : 0);
  const data = { coin: COIN, time: Date.now(), bbo: [level(mid - 1), level(mid + 1)] };
  return JSON.stringify({ channel: "bbo", data });
}

async function pushTouches(count: number): Promise<readonly (readonly number[])[]> {
  const rows: number[][] = [];
  for (let n = 0; n < count; n++) {
    const text = touchText();
    arrivals = [];
    rows.push(arrivals);
    sentNs = process.hrtime.bigint();
    for (const socket of marketSockets) socket.send(text);
    await Bun.sleep(periodMs);
  }
  return rows;
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  reusePort: false,
  idleTimeout: 0,
  development: false,
  fetch: async (request, self) => {
    const arrivedNs = process.hrtime.bigint();
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/exchange") {
      arrivals.push(Number(arrivedNs - sentNs) / 1000);
      const { action } = (await request.json()) as { readonly action: Action };
      const statuses = act(action);
      const type = action.cancels === undefined ? "order" : "cancel";
      const told = JSON.stringify({ channel: "orderUpdates", data: updates });
      updates = [];
      for (const socket of accountSockets) socket.send(told);
      return Response.json({ status: "ok", response: { type, data: { statuses } } });
    }
    if (pathname === "/info")
      return Response.json(info((await request.json()) as { readonly type: string }));
    if (pathname === "/touches")
      return Response.json(await pushTouches(Number(searchParams.get("count"))));
    return self.upgrade(request) ? undefined : new Response("not found", { status: 404 });
  },
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: false,
    close: (socket) => {
      marketSockets.delete(socket);
      accountSockets.delete(socket);
    },
    message: (socket, message) => {
      const { method, subscription } = JSON.parse(message.toString()) as {
        readonly method: string;
        readonly subscription?: { readonly type: string };
      };
      if (method === "ping") return void socket.send(JSON.stringify({ channel: "pong" }));
      const data = { method, subscription };
      socket.send(JSON.stringify({ channel: "subscriptionResponse", data }));
      if (subscription?.type === "l2Book") socket.send(bookText());
      if (subscription?.type === "bbo") marketSockets.add(socket);
      if (subscription?.type === "orderUpdates") accountSockets.add(socket);
    },
  },
});
process.stdout.write(`${server.port}\n`);
