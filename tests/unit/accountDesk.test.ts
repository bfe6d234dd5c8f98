import { describe, expect, test } from "bun:test";
import { InfoClient } from "../../lib/hyperliquid/infoClient.ts";
import type { HttpAnswer, Transport } from "../../lib/hyperliquid/transport.ts";
import { AccountDesk, DeskError } from "../../lib/runtime/accountDesk.ts";

type Request = { readonly type: string; readonly dex?: string };
type Action = { readonly type: string; readonly orders?: readonly { readonly s: string }[] };

/** An exchange that answers as the test says; one market, "x:US500". */
class ScriptedVenue implements Transport {
  szi = "0";
  orders: number[] = [];
  /** Requests that are refused first, for the budget. */
  busy = 0;
  book = { bids: [{ px: "690", sz: "1" }], asks: [{ px: "690.1", sz: "1" }] };
  readonly acted: Action[] = [];
  readonly nonces: number[] = [];
  onAct: (action: Action) => string = () => '{"status":"ok","response":{}}';

  info(body: string): Promise<HttpAnswer> {
    if (this.busy-- > 0) return Promise.resolve({ status: 429, text: "null" });
    const answer = this.#answer(JSON.parse(body) as Request);
    return Promise.resolve({ status: 200, text: JSON.stringify(answer) });
  }

  exchange(body: string): Promise<HttpAnswer> {
    const { action, nonce } = JSON.parse(body) as { action: Action; nonce: number };
    this.acted.push(action);
    this.nonces.push(nonce);
    return Promise.resolve({ status: 200, text: this.onAct(action) });
  }

  openSocket(): never {
    throw new Error("no socket is needed");
  }

  #answer({ type, dex }: Request): unknown {
    const x = dex === "x";
    switch (type) {
      case "perpDexs":
        return [null, { name: "x" }];
      case "meta":
        return { universe: x ? [{ name: "x:US500", szDecimals: 3, maxLeverage: 25 }] : [] };
      case "exchangeStatus":
        return { time: 1_700_000_000_000, specialStatuses: null };
      case "frontendOpenOrders":
        return x
          ? this.orders.map((oid) => ({ coin: "x:US500", oid, side: "B", limitPx: "600", sz: "1" }))
          : [];
      case "clearinghouseState":
        return {
          marginSummary: { accountValue: "1000.0" },
          withdrawable: "1000.0",
          assetPositions:
            x && this.szi !== "0" ? [{ position: { coin: "x:US500", szi: this.szi } }] : [],
        };
      case "l2Book":
        return { time: 1, levels: [this.book.bids, this.book.asks] };
      default:
        throw new Error(`unexpected request ${type}`);
    }
  }
}

function desk(venue: ScriptedVenue): AccountDesk {
  return new AccountDesk({
    transport: venue,
    info: new InfoClient(venue),
    signer: { privateKey: new Uint8Array(32).fill(1), source: "a", vault: null },
    account: `0x${"1".repeat(40)}`,
    pause: () => Promise.resolve(),
  });
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DeskError);
  return error instanceof Error ? error.message : "";
}

describe("cancelling everything", () => {
  test("looks again until nothing is listed, forty to an action, nonces rising", async () => {
    const venue = new ScriptedVenue();
    venue.orders = Array.from({ length: 90 }, (_, i) => i + 1);
    venue.onAct = () => {
      venue.orders = venue.orders.slice(45);
      return '{"status":"ok","response":{}}';
    };
    expect(await desk(venue).cancelAll()).toHaveLength(90);
    expect(venue.acted.map(({ type }) => type)).toEqual(["cancel", "cancel", "cancel"]);
    expect(venue.nonces).toEqual([1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002]);
  });

  test("what stays open is a failure that names it, never a success", async () => {
    const venue = new ScriptedVenue();
    venue.orders = [7];
    expect(await failure(desk(venue).cancelAll())).toBe("still open: 1 order, x:US500 7");
    expect(await failure(desk(venue).cancelOne(7))).toContain("the order 7 is still open");
  });

  test("a refusal of the whole action is told in the exchange's words", async () => {
    const venue = new ScriptedVenue();
    venue.orders = [7];
    venue.onAct = () => '{"status":"err","response":"User or API Wallet does not exist."}';
    expect(await failure(desk(venue).cancelAll())).toBe(
      "the exchange refused: User or API Wallet does not exist.",
    );
  });

  test("a busy exchange is waited out", async () => {
    const venue = new ScriptedVenue();
    venue.busy = 20;
    expect(await desk(venue).cancelAll()).toEqual([]);
  });
});

describe("flattening", () => {
  const taken = '{"status":"ok","response":{"data":{"statuses":[{"filled":{"oid":1}}]}}}';
  const refused =
    '{"status":"ok","response":{"data":{"statuses":[{"error":"Order could not immediately match"}]}}}';

  test("goes on slice by slice, each sized from a fresh reading", async () => {
    const venue = new ScriptedVenue();
    venue.szi = "2.5";
    venue.onAct = ({ orders }) => {
      const size = Number(orders?.[0]?.s);
      expect(size).toBeLessThanOrEqual(1);
      venue.szi = String(Math.round(1000 * (Number(venue.szi) - size)) / 1000);
      return taken;
    };
    expect(await desk(venue).flatten(10)).toEqual([{ dex: "x", coin: "x:US500", lots: 2500 }]);
    expect(venue.acted.map(({ orders }) => orders?.[0]?.s)).toEqual(["1", "1", "0.5"]);
    expect(venue.acted).toMatchObject(venue.acted.map(() => ({ orders: [{ r: true, b: false }] })));
  });

  test("says what is left and why when nobody takes the other side", async () => {
    const venue = new ScriptedVenue();
    venue.szi = "-0.5";
    venue.onAct = () => refused;
    expect(await failure(desk(venue).flatten(10))).toBe(
      "not flat, left: -0.500 x:US500 (x:US500: Order could not immediately match)",
    );
    venue.book = { bids: [], asks: [] };
    expect(await failure(desk(venue).flatten(10))).toContain("nobody stands on the other side");
  });
});
