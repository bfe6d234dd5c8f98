import type { WireValue } from "../../hyperliquid/signing/msgpack.ts";
import type { TypedField } from "../../hyperliquid/signing/userSigned.ts";
import type { VenueAction } from "../rules/types.ts";
import type { JsonObject } from "./shape.ts";

/** What was signed: the venue hashes a canonical re-encoding, never the bytes it received (measured). */
type Signing =
  | { readonly kind: "l1"; readonly canonical: WireValue }
  | {
      readonly kind: "user";
      readonly primaryType: string;
      readonly fields: readonly TypedField[];
      readonly message: JsonObject;
      readonly nonce: number;
    };

export type ParsedAction = {
  readonly signing: Signing;
  /** The core's action, or why this exchange does not take it although its shape is right. */
  readonly outcome: { readonly act: VenueAction } | { readonly refusal: string };
};

/** An action signed through an agent hash. */
export function l1(canonical: WireValue, outcome: ParsedAction["outcome"]): ParsedAction {
  return { signing: { kind: "l1", canonical }, outcome };
}
