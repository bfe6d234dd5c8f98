import { formatDecimal, parseDecimal } from "../../units/decimal.ts";
import { microUsd } from "../../units/numbers.ts";
import type { MicroUsd } from "../../units/numbers.ts";
import { transactionHash } from "./ids.ts";
import { accountView, backingEquity, requiredMargin } from "./margin.ts";
import { ledgerOf, newAccount } from "./model.ts";
import type { Account, World } from "./model.ts";
import { addSpot, noteMoved, SPOT, spotBalances, spotKey, toSpot } from "./spot.ts";
import { NO_SUB_ACCOUNT, ownSubAccount } from "./subAccounts.ts";
import type { TokenDef, VenueAction } from "./types.ts";
import type { LedgerDelta } from "./views.ts";

/*
 * Money between accounts, dexes and spot balances (exchange-endpoint; texts HCS). Perp money leaves only as far as it is
 * withdrawable. Amounts have at most six decimals here (the venue: as many as the token's wei). An account that receives
 * for the first time costs the sender one quote token (activation-gas-fee).
 */

const ACTIVATION_MICRO_USD = 1_000_000;
const WITHDRAWAL_FEE_MICRO_USD = 1_000_000;
const USDC = 0;

type Transfer = Extract<
  VenueAction,
  {
    readonly type:
      | "usdClassTransfer"
      | "usdSend"
      | "spotSend"
      | "sendAsset"
      | "subAccountTransfer"
      | "subAccountSpotTransfer"
      | "withdraw3";
  }
>;

type Move = {
  readonly token: TokenDef;
  readonly amount: MicroUsd;
  /** "spot" or a dex. */
  readonly from: string;
  readonly to: string;
  readonly destination: string;
};

/** "1 subaccount:0x…": a sub-account's money moves between its own places. */
const OF_SUB_ACCOUNT = /^(\S+) subaccount:(0x[0-9a-fA-F]{40})$/;

/** Null when done, else the venue's refusal. */
export function transfer(world: World, master: Account, action: Transfer): string | null {
  const [account, text] = payerOf(master, action);
  if (account === null) return NO_SUB_ACCOUNT;
  const amount = amountOf(text);
  if (typeof amount === "string") return amount;
  if (action.type === "withdraw3") return withdrawFromVenue(world, account, amount);
  if (account.unified !== null) {
    if (action.type === "usdClassTransfer") return "Action disabled when unified account is active";
    if (
      action.type === "usdSend" ||
      action.type === "subAccountTransfer" ||
      (action.type === "sendAsset" && touchesDex(action))
    )
      return "Unified account only supports sending assets through spot";
  }
  if (action.type === "sendAsset") {
    if (action.byAgent && action.destination !== account.address) return "Invalid send";
  }
  const move = moveOf(world, account, action, amount);
  return typeof move === "string" ? move : carryOut(world, account, move, action.type);
}

/** Who pays, and the amount as text: the account, or one of its sub-accounts (null: not one of them). */
function payerOf(master: Account, action: Transfer): readonly [Account | null, string] {
  switch (action.type) {
    case "sendAsset":
      if (action.fromSubAccount === "") return [master, action.amount];
      return [ownSubAccount(master, action.fromSubAccount.toLowerCase()), action.amount];
    case "usdClassTransfer": {
      const match = OF_SUB_ACCOUNT.exec(action.amount);
      if (match === null) return [master, action.amount];
      return [ownSubAccount(master, (match[2] ?? "").toLowerCase()), match[1] ?? ""];
    }
    case "subAccountTransfer":
    case "subAccountSpotTransfer": {
      const sub = ownSubAccount(master, action.subAccountUser);
      const text =
        action.type === "subAccountTransfer" ? formatDecimal(action.usd, 6) : action.amount;
      return [sub === null || action.isDeposit ? sub && master : sub, text];
    }
    case "usdSend":
    case "spotSend":
    case "withdraw3":
      return [master, action.amount];
  }
}

function touchesDex(action: Extract<Transfer, { readonly type: "sendAsset" }>): boolean {
  return action.sourceDex !== SPOT || action.destinationDex !== SPOT;
}

function amountOf(text: string): MicroUsd | string {
  if (!/^\d*(?:\.\d*)?$/.test(text) || !/\d/.test(text)) return "Invalid decimal number";
  const amount = parseDecimal(text, 6);
  if (amount === null) return "Invalid number of decimals";
  return amount === 0 ? "Send amount cannot be zero" : microUsd(amount);
}

function moveOf(
  world: World,
  account: Account,
  action: Exclude<Transfer, { readonly type: "withdraw3" }>,
  amount: MicroUsd,
): Move | string {
  const usdc = world.config.tokens.find(({ index }) => index === USDC);
  if (usdc === undefined) return "Unknown token USDC";
  switch (action.type) {
    case "usdClassTransfer": {
      const [from, to] = action.toPerp ? [SPOT, ""] : ["", SPOT];
      return { token: usdc, amount, from, to, destination: account.address };
    }
    case "usdSend":
      return { token: usdc, amount, from: "", to: "", destination: action.destination };
    case "subAccountTransfer":
      return { token: usdc, amount, from: "", to: "", destination: otherEnd(account, action) };
    case "spotSend":
    case "subAccountSpotTransfer":
    case "sendAsset": {
      const token = world.config.tokens.find(
        ({ name, tokenId }) => `${name}:${tokenId}` === action.token || name === action.token,
      );
      if (token === undefined) return `Unknown token ${action.token}`;
      const [from, to] =
        action.type === "sendAsset" ? [action.sourceDex, action.destinationDex] : [SPOT, SPOT];
      const destination =
        action.type === "subAccountSpotTransfer" ? otherEnd(account, action) : action.destination;
      return { token, amount, from, to, destination };
    }
  }
}

/** The receiver of money between a master, who pays a deposit, and a sub-account. */
function otherEnd(
  payer: Account,
  action: { readonly isDeposit: boolean; readonly subAccountUser: string },
): string {
  return action.isDeposit ? action.subAccountUser : (payer.master?.address ?? payer.address);
}

function carryOut(
  world: World,
  account: Account,
  move: Move,
  type: Transfer["type"],
): string | null {
  const { from, to, token, amount, destination } = move;
  for (const place of [from, to]) {
    if (place === SPOT) continue;
    const dex = world.dexes.get(place);
    if (dex === undefined) return "Invalid perp DEX";
    if (dex.collateralToken !== token.index)
      return `Token ${token.name} is not the collateral of the perp DEX`;
  }
  if (from === to && destination === account.address) return "Invalid send";
  const isNew = !world.accounts.has(destination);
  const fee = isNew ? ACTIVATION_MICRO_USD : 0;
  const refusal = takeOut(world, account, from, token, amount + fee);
  if (refusal !== null) return refusal;
  noteMoved(world, from === SPOT ? spotKey(token.index) : from, -amount - fee);
  noteMoved(world, "fees", fee);
  const receiver = world.accounts.get(destination) ?? newAccount(destination);
  world.accounts.set(destination, receiver);
  putIn(receiver, to, token, amount);
  noteMoved(world, to === SPOT ? spotKey(token.index) : to, amount);
  const delta = deltaOf(move, type, account.address, microUsd(fee));
  for (const party of new Set([account, receiver])) record(world, party, move.from, amount, delta);
  return null;
}

/** Null when the money was there. */
function takeOut(
  world: World,
  account: Account,
  place: string,
  token: TokenDef,
  amount: number,
): string | null {
  if (place !== SPOT) {
    const view = accountView(world, account, account.address, place);
    if (amount > view.withdrawableMicroUsd) return "Insufficient balance for withdrawal";
    const ledger = ledgerOf(account, place);
    ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd - amount);
    return null;
  }
  const balance = spotBalances(world, account).find((each) => each.token.index === token.index);
  const free = balance === undefined ? 0 : balance.totalMicroUsd - balance.holdMicroUsd;
  if (amount > Math.min(free, unclaimed(account, token)))
    return "Insufficient balance for token transfer";
  collect(world, account, token, amount);
  addSpot(account, token.index, -amount);
  return null;
}

/** Unified equity that no margin claims, losses not yet realised included: they are not there to be sent. */
function unclaimed(account: Account, token: TokenDef): number {
  for (const [dex, collateral] of account.unified ?? [])
    if (collateral === token.index)
      return backingEquity(account, dex) - requiredMargin(account, dex, null);
  return Infinity;
}

/** In unified mode part of the balance may lie in ledgers: it comes to the spot balance before it is sent. */
function collect(world: World, account: Account, token: TokenDef, amount: number): void {
  for (const [dex, collateral] of account.unified ?? []) {
    const missing = amount - (account.spot.get(token.index) ?? 0);
    if (collateral !== token.index || missing <= 0) continue;
    const ledger = ledgerOf(account, dex);
    const { withdrawableMicroUsd } = accountView(world, account, account.address, dex);
    toSpot(world, account, ledger, Math.min(missing, withdrawableMicroUsd));
  }
}

function putIn(account: Account, place: string, token: TokenDef, amount: number): void {
  if (place === SPOT) {
    addSpot(account, token.index, amount);
    return;
  }
  const ledger = ledgerOf(account, place);
  ledger.rawMicroUsd = microUsd(ledger.rawMicroUsd + amount);
}

/** Out of the exchange, over the bridge: always USDC of the main dex, for a fee of one (bridge). */
function withdrawFromVenue(world: World, account: Account, amount: MicroUsd): string | null {
  if (amount <= WITHDRAWAL_FEE_MICRO_USD) return "Insufficient balance for withdrawal";
  const usdc = world.config.tokens.find(({ index }) => index === USDC);
  if (usdc === undefined) return "Unknown token USDC";
  const place = account.unified === null ? "" : SPOT;
  const refusal = takeOut(world, account, place, usdc, amount);
  if (refusal !== null) return refusal;
  const outside = amount - WITHDRAWAL_FEE_MICRO_USD;
  noteMoved(world, place === SPOT ? spotKey(USDC) : place, -amount);
  noteMoved(world, "fees", WITHDRAWAL_FEE_MICRO_USD);
  noteMoved(world, "outside", outside);
  const feeMicroUsd = microUsd(WITHDRAWAL_FEE_MICRO_USD);
  const delta = { type: "withdraw", microUsd: microUsd(outside), feeMicroUsd } as const;
  record(world, account, "", microUsd(-amount), delta);
  return null;
}

function deltaOf(
  { token, amount, from, to, destination }: Move,
  type: Transfer["type"],
  user: string,
  feeMicroUsd: MicroUsd,
): LedgerDelta {
  const money = { microUsd: amount, user, destination, feeMicroUsd };
  if (type === "usdClassTransfer")
    return { type: "accountClassTransfer", microUsd: amount, toPerp: to !== SPOT };
  if (type === "usdSend") return { type: "internalTransfer", ...money };
  if (type === "subAccountTransfer")
    return { type: "subAccountTransfer", microUsd: amount, user, destination };
  if (type === "spotSend" || type === "subAccountSpotTransfer")
    return { type: "spotTransfer", token: token.name, ...money };
  return { type: "send", token: token.name, sourceDex: from, destinationDex: to, ...money };
}

function record(
  world: World,
  account: Account,
  dex: string,
  amount: MicroUsd,
  delta: LedgerDelta,
): void {
  const hash = transactionHash(world.nowMs, world.txIndex);
  const venueMs = world.nowMs;
  account.transfers.push({ venueMs, dex, kind: "transfer", microUsd: amount, hash, delta });
}
