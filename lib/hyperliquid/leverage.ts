import { z } from "zod";
import type { MarketSpec } from "../messages/market.ts";
import { signedBody } from "./signedRequest.ts";
import type { Signer } from "./signedRequest.ts";
import type { Transport } from "./transport.ts";

/** The venue refused the leverage; its own words are in the message. */
export class LeverageRefused extends Error {
  override readonly name = "LeverageRefused";
}

const Answer = z.object({ status: z.enum(["ok", "err"]), response: z.unknown() });
const AssetData = z.object({
  leverage: z.object({ type: z.enum(["cross", "isolated"]), value: z.number() }),
});

export type LeverageRequest = {
  readonly transport: Transport;
  readonly signer: Signer;
  /** Address of the account. */
  readonly account: string;
  readonly spec: MarketSpec;
  readonly leverage: number;
  readonly nextNonce: () => number;
};

/**
 * Makes the market's leverage what the settings say, isolated, and reads it back. With a position open the venue
 * changes less than it confirms (measured), so what counts is what it says afterwards.
 * @throws LeverageRefused, TransportError
 */
export async function setLeverage(request: LeverageRequest): Promise<void> {
  const { transport, signer, spec, leverage, nextNonce } = request;
  if ((await readLeverage(request)) === leverage) return;
  const action = { type: "updateLeverage", asset: spec.assetId, isCross: false, leverage };
  const { text } = await transport.exchange(signedBody(action, nextNonce(), null, signer));
  const answer = Answer.safeParse(jsonOf(text));
  if (!answer.success || answer.data.status === "err")
    throw new LeverageRefused(`leverage ${leverage} on ${spec.market} was refused: ${text}`);
  const now = await readLeverage(request);
  if (now !== leverage)
    throw new LeverageRefused(
      `leverage on ${spec.market} is ${now ?? "cross"}, asked for ${leverage}`,
    );
}

/** @returns null while the market is on cross margin */
async function readLeverage({ transport, account, spec }: LeverageRequest): Promise<number | null> {
  const body = JSON.stringify({ type: "activeAssetData", user: account, coin: spec.market });
  const { text } = await transport.info(body);
  const data = AssetData.safeParse(jsonOf(text));
  if (!data.success)
    throw new LeverageRefused(`leverage on ${spec.market} cannot be read: ${text}`);
  return data.data.leverage.type === "isolated" ? data.data.leverage.value : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
