import { afterAll, describe, expect, test } from "bun:test";
import { CUT } from "../../lib/venue/server/front.ts";
import { FaultDesk } from "../../lib/venue/server/faults/admin.ts";
import { FaultLayer } from "../../lib/venue/server/faults/faultLayer.ts";
import { FaultPlanError, parseFaultPlan } from "../../lib/venue/server/faults/plan.ts";
import { startExchange } from "../../lib/venue/server/start.ts";
import { ALICE, alo, ASSET, COIN, placing, TestExchange } from "../support/testExchange.ts";

const JSON_TYPE = "application/json";

/** An exchange behind faults, in virtual time. */
class Faulty {
  readonly exchange = new TestExchange();
  readonly layer: FaultLayer;
  readonly desk: FaultDesk;
  #nowMs: number;

  constructor(plan: unknown) {
    this.exchange.fund(ALICE.address);
    this.layer = new FaultLayer(this.exchange.gateway, parseFaultPlan(plan));
    this.desk = new FaultDesk(this.layer, this.exchange.gateway.venue);
    this.#nowMs = this.exchange.nowMs;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    this.layer.advanceTo(this.#nowMs);
  }

  /** Status of an action's answer, null as long as there is none. */
  act(action: Parameters<TestExchange["sign"]>[0]): { status: number | null; atMs: number } {
    const answer: { status: number | null; atMs: number } = { status: null, atMs: 0 };
    const body = JSON.stringify(this.exchange.sign(action));
    this.layer.exchange(body, JSON_TYPE, (status) => {
      answer.status = status;
      answer.atMs = this.layer.nowMs();
    });
    return answer;
  }

  openCount(): number {
    return this.exchange.gateway.venue.openOrders(ALICE.address).length;
  }
}

describe("faults", () => {
  test("a dropped answer: executed, and the connection breaks", () => {
    const faulty = new Faulty({ droppedAcks: { chance: 1, of: ["place"] } });
    const placed = faulty.act(placing(alo(true, "689", "1")));
    const cancelled = faulty.act({ type: "cancel", cancels: [{ a: ASSET, o: 1 }] });
    faulty.advance(1_000);
    expect([placed.status, cancelled.status]).toEqual([CUT, 200]);
    expect(faulty.openCount()).toBe(1);
    expect(faulty.layer.counts.dropped).toBe(1);
  });

  test("a look-up is blind for an order that has just changed, and for no other", () => {
    const faulty = new Faulty({ blindLookups: { chance: 1, forMs: 1_000 } });
    faulty.act(placing(alo(true, "689", "1", `0x${"1".repeat(32)}`)));
    faulty.advance(500);
    const ask = () => {
      const question = { type: "orderStatus", user: ALICE.address, oid: `0x${"1".repeat(32)}` };
      const answers: unknown[] = [];
      faulty.layer.ask(JSON.stringify(question), JSON_TYPE, (_status, body) =>
        answers.push((JSON.parse(body) as { status: string }).status),
      );
      return answers;
    };
    expect(ask()).toEqual(["unknownOid"]);
    expect(faulty.openCount()).toBe(1);
    faulty.advance(1_000);
    expect(ask()).toEqual(["order"]);
    expect(faulty.layer.counts.blind).toBe(1);
  });

  test("latency by kind, before the request arrives", () => {
    const faulty = new Faulty({ latency: { place: { kind: "fixed", ms: 500 } } });
    const startMs = faulty.layer.nowMs();
    const placed = faulty.act(placing(alo(true, "689", "1")));
    const other = faulty.act({ type: "noop" });
    faulty.advance(2_000);
    expect(placed.atMs - other.atMs).toBeGreaterThanOrEqual(450);
    expect(other.atMs - startMs).toBeLessThan(300);
  });

  test("storms of 429 come and go, and nothing is executed in them", () => {
    const faulty = new Faulty({ storms: [{ fromMs: 1_000, lastsMs: 1_000, of: ["place"] }] });
    const statuses = [0, 1_000, 2_000].map((_at) => {
      const answer = faulty.act(placing(alo(true, "689", "1")));
      faulty.advance(1_000);
      return answer.status;
    });
    expect(statuses).toEqual([200, 429, 200]);
    expect(faulty.openCount()).toBe(2);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])("a 502, executed %p", (executed, count) => {
    const faulty = new Faulty({ serverErrors: { chance: 1, executed } });
    const answer = faulty.act(placing(alo(true, "689", "1")));
    faulty.advance(1_000);
    expect(answer.status).toBe(502);
    expect(faulty.openCount()).toBe(count);
  });

  test("the exchange's clock runs ahead of everybody else's", () => {
    const faulty = new Faulty({ clockSkewMs: 5_000 });
    faulty.advance(1_000);
    expect(faulty.exchange.gateway.nowMs() - faulty.layer.nowMs()).toBe(5_000);
  });

  test("the same seed, the same chances", () => {
    const run = (seed: number) => {
      const faulty = new Faulty({ seed, droppedAcks: { chance: 0.5 } });
      const answers = Array.from({ length: 20 }, () => faulty.act({ type: "noop" }));
      faulty.advance(1_000);
      return answers.map(({ status }) => status);
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});

describe("sockets", () => {
  function connected(plan: unknown) {
    const faulty = new Faulty(plan);
    const frames: string[] = [];
    const closes: number[] = [];
    const session = faulty.layer.openSession(
      (text) => frames.push(text),
      (code) => closes.push(code),
    );
    session.receive('{"method":"ping"}');
    return { faulty, frames, closes, session };
  }

  test("are cut on time", () => {
    const { faulty, closes } = connected({ sockets: { cutEveryMs: 1_000 } });
    faulty.advance(999);
    expect(closes).toEqual([]);
    faulty.advance(1);
    expect(closes).toEqual([1006]);
  });

  test("hang without a word: not closed, nothing comes, nothing is heard", () => {
    const { faulty, frames, closes, session } = connected({
      sockets: { cutEveryMs: 1_000, halfOpenChance: 1 },
    });
    faulty.advance(1_000);
    session.receive('{"method":"ping"}');
    faulty.advance(1_000);
    expect([frames.length, closes.length]).toEqual([1, 0]);
    expect(faulty.layer.counts.halfOpen).toBeGreaterThan(0);
  });

  test("repeat frames, and let some come after later ones", () => {
    const twice = connected({ frames: { duplicateChance: 1 } });
    expect(twice.frames).toEqual(['{"channel":"pong"}', '{"channel":"pong"}']);
    const late = connected({ frames: { delayChance: 1, delay: { kind: "fixed", ms: 300 } } });
    expect(late.frames).toEqual([]);
    late.faulty.advance(300);
    expect(late.frames).toHaveLength(1);
  });
});

describe("the market", () => {
  test("an oracle that is frozen stays where it was", () => {
    const faulty = new Faulty({ market: [{ what: "frozenOracle", fromMs: 0, lastsMs: 60_000 }] });
    faulty.advance(100);
    const venue = faulty.exchange.gateway.venue;
    const before = venue.prices(COIN).oraclePxTicks;
    faulty.advance(20_000);
    expect(venue.prices(COIN).oraclePxTicks).toBe(before);
  });

  test("a halt cancels orders, settles positions at mark and refuses until it is over", () => {
    const faulty = new Faulty({
      market: [{ what: "halt", coin: COIN, fromMs: 5_000, lastsMs: 30_000 }],
    });
    const { venue } = faulty.exchange.gateway;
    faulty.act(placing(alo(true, "680", "1")));
    faulty.act(placing({ ...(alo(true, "691", "1") as object), t: { limit: { tif: "Ioc" } } }));
    faulty.advance(1_000);
    expect(venue.account(ALICE.address, "km").positions).toHaveLength(1);
    faulty.advance(19_000);
    expect(faulty.openCount()).toBe(0);
    expect(venue.account(ALICE.address, "km").positions).toEqual([]);
    expect(venue.latestFills(ALICE.address, 1)[0]).toMatchObject({ dir: "Settlement" });
    faulty.act(placing(alo(true, "680", "1")));
    faulty.advance(1_000);
    expect(venue.historicalOrders(ALICE.address)[0]?.status).toBe("rejected");
    faulty.advance(30_000);
    faulty.act(placing(alo(true, "680", "1")));
    faulty.advance(1_000);
    expect(faulty.openCount()).toBe(1);
  });
});

describe("a plan", () => {
  test.each([
    [{ droppedAcks: { chance: 2 } }, "droppedAcks.chance (2)"],
    [{ latency: { place: { kind: "normal" } } }, "latency.place"],
    [{ storms: [{ fromMs: 0 }] }, "storms.0.lastsMs (missing)"],
    [{ noise: 1 }, "noise"],
    [{ latency: { info: { kind: "uniform", fromMs: 9, toMs: 1 } } }, "fromMs must not be above"],
    [[], "the plan"],
  ])("%o is refused by name", (plan, text) => {
    expect(() => parseFaultPlan(plan)).toThrow(FaultPlanError);
    expect(() => parseFaultPlan(plan)).toThrow(text);
  });
});

describe("the desk", () => {
  const faulty = new Faulty({});
  const ask = (method: string, path: string, body = "") => faulty.desk.answer(method, path, body);

  test("shows, changes and clears the plan", () => {
    const put = ask("PUT", "faults", '{"serverErrors":{"chance":1}}');
    expect(JSON.parse(put.body)).toMatchObject({ plan: { serverErrors: { status: 502 } } });
    const cleared = JSON.parse(ask("DELETE", "faults").body) as { plan: object };
    expect(cleared.plan).not.toHaveProperty("serverErrors");
    expect(ask("POST", "cut", "").status).toBe(200);
    expect(ask("POST", "halt", `{"coins":["${COIN}"]}`).status).toBe(200);
  });

  test("delists a market, and lets an upgrade begin", () => {
    const desk = new Faulty({});
    const post = (path: string, body: object) =>
      desk.desk.answer("POST", path, JSON.stringify(body)).status;
    expect([post("upgrade", { forMs: 5_000 }), post("delist", { coins: [COIN] })]).toEqual([
      200, 200,
    ]);
    desk.advance(1_000);
    const meta = desk.exchange.info({ type: "meta", dex: "km" }) as { universe: object[] };
    expect(meta.universe[0]).toMatchObject({ name: COIN, isDelisted: true });
  });

  test.each([
    ["PUT", "faults", '{"seed":-1}', 422, "seed (-1)"],
    ["PUT", "faults", "no", 422, "must be JSON"],
    [
      "PUT",
      "faults",
      '{"market":[{"what":"halt","coin":"GOLD","fromMs":0,"lastsMs":1}]}',
      422,
      'market.0.coin (\\"GOLD\\") is not listed here; allowed: BTC,',
    ],
    ["POST", "halt", '{"coins":["GOLD"]}', 422, '\\"GOLD\\" is not listed'],
    ["POST", "cut", '{"halfOpen":1}', 422, "halfOpen"],
    ["GET", "nothing", "", 404, "GET faults"],
  ])("%s %s %s is refused", (method, path, body, status, text) => {
    const answer = ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(text);
  });
});

describe("over real sockets", () => {
  const started = startExchange({
    port: 0,
    hostname: "127.0.0.1",
    feed: { kind: "sim", seed: 1, market: COIN },
    speed: 1,
    limits: false,
    faults: parseFaultPlan({ droppedAcks: { chance: 1 } }),
    faultsPort: 0,
  });
  afterAll(async () => (await started).stop());

  test("a dropped answer is no answer, and faults are arranged on a port of their own", async () => {
    const { url, faultsUrl } = await started;
    expect(new URL(faultsUrl ?? "").port).not.toBe(new URL(url).port);
    const post = () =>
      fetch(`${url}/exchange`, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: '{"action":{"type":"noop"},"nonce":1,"signature":{"r":"0x1","s":"0x1","v":27}}',
      });
    expect(
      await post().then(
        ({ status }) => status,
        () => "cut",
      ),
    ).toBe("cut");
    await fetch(`${faultsUrl}/faults`, { method: "DELETE" });
    expect((await post()).status).toBe(200);
  }, 30_000);
});
