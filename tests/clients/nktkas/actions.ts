import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { ExchangeClient } from "@nktkas/hyperliquid";
import type { Actors } from "./actors.ts";
import { ASSET, CAROL, COIN, ETH_ASSET, orderOf, refusalOf, touchOf, USDC } from "./actors.ts";
import type { NamedCheck } from "./checks.ts";

const cloid = (n: number) => `0xa500${n.toString(16).padStart(28, "0")}` as const;
const BUILDER = CAROL;

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected ${what}`);
}

/** Orders, modifies, cancels and triggers. */
function orderChecks({ info, exchange }: Actors): readonly NamedCheck[] {
  const quote = async (n: number) => {
    const { bid } = await touchOf(info, COIN);
    await exchange.order({
      orders: [orderOf(true, bid - 5, "Alo", { c: cloid(n) })],
      grouping: "na",
    });
    return bid;
  };
  const cancel = (n: number) =>
    exchange.cancelByCloid({ cancels: [{ asset: ASSET, cloid: cloid(n) }] });
  return [
    ["exchange.order, exchange.cancelByCloid", async () => [await quote(1), await cancel(1)]],
    [
      "exchange.cancel",
      async () => {
        const { bid } = await touchOf(info, COIN);
        const placed = await exchange.order({
          orders: [orderOf(true, bid - 5, "Gtc")],
          grouping: "na",
        });
        const [status] = placed.response.data.statuses;
        must(typeof status === "object" && "resting" in status, "a resting order");
        if (typeof status === "object" && "resting" in status)
          await exchange.cancel({ cancels: [{ a: ASSET, o: status.resting.oid }] });
      },
    ],
    [
      "exchange.modify, exchange.batchModify",
      async () => {
        const bid = await quote(2);
        const to = (n: number, by: number) => orderOf(true, bid - by, "Alo", { c: cloid(n) });
        await exchange.modify({ oid: cloid(2), order: to(3, 6) });
        await exchange.batchModify({ modifies: [{ oid: cloid(3), order: to(4, 7) }] });
        await cancel(4);
      },
    ],
    [
      "exchange.order: take-profit and stop on a position (positionTpsl)",
      async () => {
        const { bid, ask } = await touchOf(info, COIN);
        await exchange.order({ orders: [orderOf(true, ask + 5, "Ioc")], grouping: "na" });
        const trigger = (px: number, tpsl: "tp" | "sl") => ({
          ...orderOf(false, px, "Gtc", { r: true }),
          t: { trigger: { isMarket: true, triggerPx: String(Math.round(px)), tpsl } },
        });
        const orders = [trigger(ask + 30, "tp"), trigger(bid - 30, "sl")];
        await exchange.order({ orders, grouping: "positionTpsl" });
        await exchange.order({
          orders: [orderOf(false, bid - 5, "Ioc", { r: true })],
          grouping: "na",
        });
      },
    ],
    [
      "exchange.scheduleCancel is refused without volume",
      async () => refusalOf(exchange.scheduleCancel({ time: Date.now() + 60_000 })),
    ],
    ["exchange.noop", () => exchange.noop({ nonce: Date.now() })],
  ];
}

/** Leverage and isolated margin. */
function marginChecks({ info, exchange }: Actors): readonly NamedCheck[] {
  return [
    [
      "exchange.updateLeverage, exchange.updateIsolatedMargin",
      async () => {
        await exchange.updateLeverage({ asset: ETH_ASSET, isCross: false, leverage: 5 });
        const { ask } = await touchOf(info, "ETH");
        const take = orderOf(true, ask * 1.01, "Ioc", { a: ETH_ASSET, szDecimals: 4 });
        await exchange.order({ orders: [take], grouping: "na" });
        await exchange.updateIsolatedMargin({ asset: ETH_ASSET, isBuy: true, ntli: 10_000_000 });
      },
    ],
    [
      "exchange.topUpIsolatedOnlyMargin is refused where cross is allowed",
      async () => refusalOf(exchange.topUpIsolatedOnlyMargin({ asset: ETH_ASSET, leverage: "2" })),
    ],
    ["exchange.reserveRequestWeight", () => exchange.reserveRequestWeight({ weight: 10 })],
  ];
}

/** Transfers, approvals and modes. */
function moneyChecks({ info, exchange, user, http }: Actors): readonly NamedCheck[] {
  const asset = { destination: user, token: USDC, amount: "10" } as const;
  return [
    ["exchange.usdSend", () => exchange.usdSend({ destination: CAROL, amount: "5" })],
    [
      "exchange.usdClassTransfer",
      () => exchange.usdClassTransfer({ amount: "100", toPerp: false }),
    ],
    [
      "exchange.spotSend",
      () => exchange.spotSend({ destination: CAROL, token: USDC, amount: "5" }),
    ],
    [
      "exchange.sendAsset",
      () => exchange.sendAsset({ ...asset, sourceDex: "spot", destinationDex: "mkts" }),
    ],
    [
      "exchange.agentSendAsset",
      () => exchange.agentSendAsset({ ...asset, sourceDex: "mkts", destinationDex: "spot" }),
    ],
    ["exchange.withdraw3", () => exchange.withdraw3({ destination: user, amount: "5" })],
    [
      "exchange.approveBuilderFee",
      async () => {
        await exchange.approveBuilderFee({ builder: BUILDER, maxFeeRate: "0.01%" });
        must((await info.maxBuilderFee({ user, builder: BUILDER })) === 10, "ten tenths of a bp");
      },
    ],
    [
      "exchange.approveAgent, an agent trades",
      async () => {
        const wallet = privateKeyToAccount(generatePrivateKey());
        await exchange.approveAgent({ agentAddress: wallet.address, agentName: "mm1" });
        await new ExchangeClient({ transport: http, wallet }).noop({ nonce: Date.now() });
      },
    ],
    [
      "exchange.userSetAbstraction, exchange.agentSetAbstraction",
      async () => {
        const stranger = await refusalOf(
          exchange.userSetAbstraction({ user: CAROL, abstraction: "unifiedAccount" }),
        );
        await exchange.agentSetAbstraction({ abstraction: "u" });
        must((await info.userAbstraction({ user })) === "unifiedAccount", "unified mode");
        return stranger;
      },
    ],
  ];
}

/** Sub-accounts, TWAP orders, and what is refused in the venue's way. */
function otherChecks({ info, exchange, user, http, wallet }: Actors): readonly NamedCheck[] {
  const subAccount = async () => (await exchange.createSubAccount({ name: "maker" })).response.data;
  return [
    [
      "exchange.createSubAccount, subAccountModify, subAccountTransfer, trading for it",
      async () => {
        const sub = await subAccount();
        await exchange.subAccountModify({ subAccountUser: sub, name: "taker" });
        await exchange.subAccountTransfer({ subAccountUser: sub, isDeposit: true, usd: 2_000e6 });
        const rows = await info.subAccounts({ user });
        must(rows?.[0]?.name === "taker", "the sub-account by its name");
        const { bid } = await touchOf(info, "ETH");
        const order = orderOf(true, bid * 0.99, "Alo", { a: ETH_ASSET, szDecimals: 4 });
        const trader = new ExchangeClient({ transport: http, wallet, defaultVaultAddress: sub });
        await trader.order({ orders: [order], grouping: "na" });
        const open = await info.openOrders({ user: sub });
        must(open.length === 1, "an order of the sub-account");
        await trader.cancel({ cancels: [{ a: ETH_ASSET, o: open[0]?.oid ?? 0 }] });
      },
    ],
    [
      "exchange.subAccountSpotTransfer is refused beyond the balance",
      async () => {
        const [sub] = (await info.subAccounts({ user })) ?? [];
        must(sub !== undefined, "a sub-account");
        return refusalOf(
          exchange.subAccountSpotTransfer({
            subAccountUser: sub?.subAccountUser ?? user,
            isDeposit: true,
            token: USDC,
            amount: "1000000",
          }),
        );
      },
    ],
    [
      "exchange.twapOrder, exchange.twapCancel",
      async () => {
        const started = await exchange.twapOrder({
          twap: { a: ETH_ASSET, b: true, s: "1", r: false, m: 5, t: true },
        });
        const { twapId } = started.response.data.status.running;
        await exchange.twapCancel({ a: ETH_ASSET, t: twapId });
        must((await info.twapHistory({ user })).length === 2, "activated and terminated");
      },
    ],
    [
      "exchange.vaultTransfer is refused: there is no vault",
      async () =>
        refusalOf(exchange.vaultTransfer({ vaultAddress: CAROL, isDeposit: true, usd: 1 })),
    ],
    [
      "exchange.setReferrer is refused",
      async () => refusalOf(exchange.setReferrer({ code: "ABC" })),
    ],
  ];
}

export function actionChecks(actors: Actors): readonly NamedCheck[] {
  return [
    ...orderChecks(actors),
    ...marginChecks(actors),
    ...otherChecks(actors),
    ...moneyChecks(actors),
  ];
}
