import type { Address, VenueAction } from "./types.ts";

/** A request whose signer was recovered and mapped to an account by `signerToAccount`. */
export type SignedRequest = {
  readonly account: Address;
  /** The sub-account that the account acts for (`vaultAddress`); absent: for itself. */
  readonly vault?: Address;
  readonly signer: Address;
  readonly nonce: number;
  readonly expiresAfterMs: number | null;
  readonly action: VenueAction;
};

export type OrderStatusReply =
  | { readonly resting: { readonly oid: number; readonly cloid?: string } }
  | {
      readonly filled: {
        readonly totalSz: string;
        readonly avgPx: string;
        readonly oid: number;
        readonly cloid?: string;
      };
    }
  | { readonly error: string }
  | "waitingForFill"
  | "waitingForTrigger";

/** Body of an `/exchange` answer with status 200. */
export type ActionReply =
  | { readonly status: "err"; readonly response: string }
  | {
      readonly status: "ok";
      readonly response:
        | {
            readonly type: "order";
            readonly data: { readonly statuses: readonly OrderStatusReply[] };
          }
        | {
            readonly type: "cancel";
            readonly data: {
              readonly statuses: readonly ("success" | { readonly error: string })[];
            };
          }
        | { readonly type: "createSubAccount"; readonly data: Address }
        | {
            readonly type: "twapOrder";
            readonly data: {
              readonly status:
                { readonly running: { readonly twapId: number } } | { readonly error: string };
            };
          }
        | {
            readonly type: "twapCancel";
            readonly data: { readonly status: "success" | { readonly error: string } };
          }
        | { readonly type: "default" };
    };

/** A large order cut into small ones: asset, side, size, reduce-only, minutes, randomised. */
export type WireTwap = {
  readonly a: number;
  readonly b: boolean;
  readonly s: string;
  readonly r: boolean;
  readonly m: number;
  readonly t: boolean;
};
