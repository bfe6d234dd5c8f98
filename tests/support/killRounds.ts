import { CloidWatch, compare } from "./agreement.ts";
import type { Agreement } from "./agreement.ts";
import { counterpartyOn } from "./counterparty.ts";
import type { ExchangeProcess } from "./exchangeProcess.ts";
import { accountOf, NO_LIMITS, reachPaper, startPaper } from "./paperProcess.ts";
import type { PaperProcess } from "./paperProcess.ts";
import { until } from "./until.ts";
import { Random } from "../../lib/core/random.ts";

/** What is drawn for a round. */
type Plan = {
  /** From the first quote to the kill. */
  readonly liveMs: number;
  /** When somebody takes our best order: not at all, just before the kill, or while the bot is dead. */
  readonly take: "none" | "before" | "dead";
  /** From the kill to the restart. */
  readonly downMs: number;
  /** A second kill, this long into the restart; null for none. */
  readonly startUpMs: number | null;
};

export type RoundReport = Plan &
  Agreement & {
    readonly round: number;
    /** From the last start to agreement with the exchange. */
    readonly recoveryMs: number;
    /** Fills that happened while no bot was there. */
    readonly fillsWhileDead: number;
  };

export type KillRounds = {
  readonly exchange: ExchangeProcess;
  readonly dataDir: string;
  readonly rounds: number;
  readonly seed: number;
  readonly downMsMax: number;
  readonly onRound?: (report: RoundReport) => void;
};

export type KillResult = {
  readonly reports: readonly RoundReport[];
  /** The last life, still running. */
  readonly paper: PaperProcess;
  /** Orders that the exchange took in all lives; each carried an id of its own. */
  readonly ordersAccepted: number;
};

const AGREE_WITHIN_MS = 60_000;
const AGREE_LOOK_EVERY_MS = 200;

/** Kills the bot at random moments and starts it again on the same exchange, which runs on. */
export async function killRounds(options: KillRounds): Promise<KillResult> {
  const { exchange, dataDir, rounds, seed, onRound } = options;
  const random = new Random(seed, "kill rounds");
  const counterparty = await counterpartyOn(exchange);
  const watch = new CloidWatch();
  const reports: RoundReport[] = [];
  let paper = await reachPaper(start(options), dataDir);
  const account = await accountOf(dataDir);

  const kill = async (): Promise<void> => {
    paper.process.kill("SIGKILL");
    await paper.process.ended;
  };
  for (let round = 1; round <= rounds; round++) {
    const plan = draw(random.split(`round ${round}`), options.downMsMax);
    await paper.untilQuoting();
    await Bun.sleep(plan.liveMs);
    const taking = plan.take === "none" ? null : await targetOf(exchange, account);
    const taken =
      plan.take === "before" && taking !== null ? counterparty.take(taking.side, taking.px) : null;
    await kill();
    const fillsBefore = (await exchange.fills(account)).length;
    if (plan.take === "dead" && taking !== null) await counterparty.take(taking.side, taking.px);
    await taken;
    await Bun.sleep(plan.downMs);
    if (plan.startUpMs !== null) {
      const short = start(options);
      await Bun.sleep(plan.startUpMs);
      short.kill("SIGKILL");
      await short.ended;
    }
    const fillsWhileDead = (await exchange.fills(account)).length - fillsBefore;
    const startedMs = performance.now();
    paper = await reachPaper(start(options), dataDir);
    await paper.untilQuoting();
    const agreed = await agree(exchange, paper, account);
    const ids = await watch.check(exchange, dataDir, account);
    const problems = [...agreed.problems, ...ids];
    const recoveryMs = Math.round(performance.now() - startedMs);
    const report = { ...plan, ...agreed, problems, round, recoveryMs, fillsWhileDead };
    reports.push(report);
    onRound?.(report);
  }
  return { reports, paper, ordersAccepted: watch.accepted };
}

function start({ exchange, dataDir }: KillRounds) {
  return startPaper(dataDir, ["--exchange", exchange.url], { env: NO_LIMITS });
}

function draw(random: Random, downMsMax: number): Plan {
  const take = (["none", "before", "dead"] as const)[Math.floor(random.between(0, 3))] ?? "none";
  return {
    liveMs: Math.round(random.between(0, 2500)),
    take,
    downMs: Math.round(random.between(0, downMsMax)),
    startUpMs: random.chance(0.3) ? Math.round(random.between(100, 2000)) : null,
  };
}

/** Our best resting order, on the side that brings the position back; the side is the taker's. */
async function targetOf(
  exchange: ExchangeProcess,
  account: string,
): Promise<{ readonly side: "A" | "B"; readonly px: string } | null> {
  const [open, positionLots] = await Promise.all([
    exchange.openOrders(account),
    exchange.positionLots(account),
  ]);
  const wanted = positionLots > 0 ? "A" : "B";
  const sideOrders = open.filter(({ side }) => side === wanted);
  const sign = wanted === "A" ? 1 : -1;
  const [best] = sideOrders.toSorted((a, b) => sign * (Number(a.limitPx) - Number(b.limitPx)));
  return best === undefined ? null : { side: wanted === "A" ? "B" : "A", px: best.limitPx };
}

/** The last look, when they never agree. */
async function agree(
  exchange: ExchangeProcess,
  paper: PaperProcess,
  account: string,
): Promise<Agreement> {
  let last: Agreement | null = null;
  try {
    return await until(
      "bot and exchange agree",
      async () => {
        last = await compare(exchange, paper, account);
        return last.problems.length === 0 ? last : null;
      },
      AGREE_WITHIN_MS,
      AGREE_LOOK_EVERY_MS,
    );
  } catch (error) {
    if (last === null) throw error;
    return last;
  }
}
