import { keccak_256 } from "@noble/hashes/sha3.js";
import { signL1Action } from "@nktkas/hyperliquid/signing";
import { privateKeyToAccount } from "viem/accounts";
import { nobleEcdsa } from "../../lib/hyperliquid/signing/ecdsa.ts";
import { keccak256 } from "../../lib/hyperliquid/signing/keccak.ts";
import { l1ActionHash, phantomAgentDigest } from "../../lib/hyperliquid/signing/l1.ts";
import { encodeMessagePack } from "../../lib/hyperliquid/signing/msgpack.ts";
import {
  initSigning,
  parsePrivateKey,
  recoverAddress,
  signDigest,
} from "../../lib/hyperliquid/signing/signature.ts";
import { signedBody } from "../../lib/hyperliquid/signedRequest.ts";
import { buildAction } from "../../lib/hyperliquid/submit.ts";
import { TEST_KEY, tenPlaces, US500 } from "../support/batches.ts";
import { round, timeCalls } from "./measure.ts";
import type { Timing } from "./measure.ts";

export type SigningBench = {
  readonly backend: string;
  /** Build, hash, sign and write the body of ten orders. */
  readonly ours: Timing;
  /** The SDK's signing with a viem wallet, without writing the body. */
  readonly viem: Timing;
  readonly viemOverOurs: number;
  readonly parts: { readonly [part: string]: Timing };
  /** What the exchange's side pays: signer from signature. */
  readonly recover: Timing;
};

const CALLS = 2000;

/** Signatures of batches of ten orders, warm, one thread. */
export async function benchSigning(calls = CALLS): Promise<SigningBench> {
  const backend = await initSigning();
  const signer = { privateKey: parsePrivateKey(TEST_KEY), source: "b", vault: null } as const;
  const batch = tenPlaces(1);
  const action = buildAction(batch, US500);
  const bytes = encodeMessagePack(action);
  const wallet = privateKeyToAccount(TEST_KEY as `0x${string}`);
  const digest = phantomAgentDigest(l1ActionHash(action, 1, null, null), "b");
  const signature = signDigest(digest, signer.privateKey);
  const warmUp = Math.min(300, calls);
  const time = (run: (index: number) => unknown) => timeCalls(run, calls, warmUp);
  const ours = await time((nonce) => signedBody(buildAction(batch, US500), nonce, nonce, signer));
  const viem = await time((nonce) =>
    signL1Action({ wallet, action, nonce, expiresAfter: nonce, isTestnet: true }),
  );
  return {
    backend,
    ours,
    viem,
    viemOverOurs: round(viem.p50Us / ours.p50Us),
    parts: {
      build: await time(() => buildAction(batch, US500)),
      encode: await time(() => encodeMessagePack(action)),
      keccakChosen: await time(() => keccak256(bytes)),
      keccakNoble: await time(() => keccak_256(bytes)),
      ecdsaChosen: await time(() => signDigest(digest, signer.privateKey)),
      ecdsaNoble: await time(() => nobleEcdsa.sign(digest, signer.privateKey)),
      json: await time(() => JSON.stringify({ action, nonce: 1, signature })),
    },
    recover: await time(() => recoverAddress(digest, signature)),
  };
}
