import { createHmac } from "node:crypto";

export const TIMESTAMP_HEADER = "x-amm500-timestamp";
export const SIGNATURE_HEADER = "x-amm500-signature";

/**
 * What a webhook carries as its signature, those that come in and those that go out: `sha256=` and the hex HMAC-SHA-256
 * of its parts with dots between, the time stamp (seconds since 1970) first.
 */
export function webhookSignature(secret: string, ...parts: readonly string[]): string {
  return `sha256=${createHmac("sha256", secret).update(parts.join(".")).digest("hex")}`;
}
