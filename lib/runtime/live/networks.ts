import type { SignatureSource } from "../../hyperliquid/signing/l1.ts";

/** Where real orders go. */
export type NetworkName = "mainnet" | "testnet";

export type Network = {
  readonly url: string;
  /** What an L1 action is signed for: a signature of one network is nothing on the other. */
  readonly source: SignatureSource;
  readonly mode: "live" | "testnet";
  /** The first word of the typed confirmation. */
  readonly word: string;
};

export const NETWORKS: Readonly<Record<NetworkName, Network>> = {
  mainnet: { url: "https://api.hyperliquid.xyz", source: "a", mode: "live", word: "live" },
  testnet: {
    url: "https://api.hyperliquid-testnet.xyz",
    source: "b",
    mode: "testnet",
    word: "testnet",
  },
};
