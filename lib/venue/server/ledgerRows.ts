import type { LedgerDelta } from "../rules/views.ts";
import { usd } from "./format.ts";

/** A transfer as `userNonFundingLedgerUpdates` tells it (captured). The nonce is the time of the block here. */
export function deltaRow(delta: LedgerDelta, nonce: number): object {
  switch (delta.type) {
    case "accountClassTransfer":
      return { type: delta.type, usdc: usd(delta.microUsd), toPerp: delta.toPerp };
    case "internalTransfer":
      return {
        type: delta.type,
        usdc: usd(delta.microUsd),
        user: delta.user,
        destination: delta.destination,
        fee: usd(delta.feeMicroUsd),
      };
    case "subAccountTransfer":
      return {
        type: delta.type,
        usdc: usd(delta.microUsd),
        user: delta.user,
        destination: delta.destination,
      };
    case "withdraw":
      return { type: delta.type, usdc: usd(delta.microUsd), nonce, fee: usd(delta.feeMicroUsd) };
    case "spotTransfer":
      return { type: delta.type, ...sentRow(delta, nonce) };
    case "send":
      return {
        type: delta.type,
        sourceDex: delta.sourceDex,
        destinationDex: delta.destinationDex,
        ...sentRow(delta, nonce),
      };
  }
}

function sentRow(
  delta: Extract<LedgerDelta, { readonly type: "spotTransfer" | "send" }>,
  nonce: number,
): object {
  return {
    user: delta.user,
    destination: delta.destination,
    token: delta.token,
    amount: usd(delta.microUsd),
    usdcValue: usd(delta.microUsd),
    fee: usd(delta.feeMicroUsd),
    nativeTokenFee: "0.0",
    nonce,
    feeToken: delta.feeMicroUsd === 0 ? "" : delta.token,
  };
}
