import { z } from "zod";
import { signDigest } from "./signing/signature.ts";
import { USER_SIGNED_TYPES, userSignedDigest } from "./signing/userSigned.ts";
import type { Transport } from "./transport.ts";
import { assert } from "../units/assert.ts";

/** The venue refused an API wallet; its own words are in the message. */
export class ApprovalRefused extends Error {
  override readonly name = "ApprovalRefused";
}

const Answer = z.object({ status: z.literal("ok") });

/** Any chain will do: the venue hashes with the one that the action names. */
const SIGNATURE_CHAIN = "0x66eee";

export type AgentApproval = {
  readonly transport: Transport;
  /** Of the account itself: an API wallet cannot approve another. */
  readonly mainKey: Uint8Array;
  readonly network: "Mainnet" | "Testnet";
  /** Lower case. */
  readonly agentAddress: string;
  /** At most 16 characters; " valid_until <ms>" at its end lets it expire. The same name replaces the older one. */
  readonly agentName: string;
  readonly nonce: number;
};

/** Lets an API wallet trade for the account. @throws ApprovalRefused, TransportError */
export async function approveAgent(approval: AgentApproval): Promise<void> {
  const { transport, mainKey, network, agentAddress, agentName, nonce } = approval;
  const action = {
    type: "approveAgent",
    hyperliquidChain: network,
    signatureChainId: SIGNATURE_CHAIN,
    agentAddress,
    agentName,
    nonce,
  };
  const type = USER_SIGNED_TYPES["approveAgent"];
  assert(type !== undefined, "approveAgent is a user-signed action");
  const signature = signDigest(userSignedDigest(type.primaryType, type.fields, action), mainKey);
  const { text } = await transport.exchange(JSON.stringify({ action, nonce, signature }));
  if (!Answer.safeParse(jsonOf(text)).success)
    throw new ApprovalRefused(`the API wallet ${agentAddress} was refused: ${text.slice(0, 200)}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
