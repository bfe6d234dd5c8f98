import { parseAction } from "./canonical.ts";
import type { ParsedAction } from "./parsedAction.ts";
import {
  addressAt,
  objectAt,
  onlyKeys,
  optionalAt,
  ShapeError,
  stringAt,
  unsignedAt,
} from "./shape.ts";

type WireSignature = { readonly r: string; readonly s: string; readonly v: number };

/** A body of `/exchange` whose shape is right; nothing is verified yet. */
export type Envelope = {
  readonly action: ParsedAction;
  readonly nonce: number;
  readonly signature: WireSignature;
  readonly vaultAddress: string | null;
  readonly expiresAfterMs: number | null;
};

const ENVELOPE_KEYS = ["action", "nonce", "signature", "vaultAddress", "expiresAfter"];

/** @throws ShapeError (HTTP 422). Unknown fields are refused here, but not inside `signature` (measured). */
export function parseEnvelope(value: unknown): Envelope {
  const raw = objectAt(value, "body");
  onlyKeys(raw, ENVELOPE_KEYS, "body");
  const signature = objectAt(raw["signature"], "signature");
  return {
    action: parseAction(raw["action"]),
    nonce: unsignedAt(raw["nonce"], "nonce"),
    signature: {
      r: scalarAt(signature["r"], "signature.r"),
      s: scalarAt(signature["s"], "signature.s"),
      v: recoveryAt(signature["v"]),
    },
    vaultAddress: optionalAt(raw["vaultAddress"], "vaultAddress", addressAt),
    expiresAfterMs: optionalAt(raw["expiresAfter"], "expiresAfter", unsignedAt),
  };
}

/** Clients drop leading zeros of r and s, so the text may be short or of odd length: it is padded to 32 bytes. */
function scalarAt(value: unknown, what: string): string {
  const match = /^0x([0-9a-fA-F]{1,64})$/.exec(stringAt(value, what));
  if (match === null) throw new ShapeError(`${what} must be 0x and 1 to 64 hex digits`);
  return `0x${(match[1] ?? "").toLowerCase().padStart(64, "0")}`;
}

/** 0 and 1 mean 27 and 28; anything else is left to the recovery, which fails. */
function recoveryAt(value: unknown): number {
  const v = unsignedAt(value, "signature.v");
  return v < 2 ? v + 27 : v;
}
