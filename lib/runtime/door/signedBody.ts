import { timingSafeEqual } from "node:crypto";
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, webhookSignature } from "../webhookSignature.ts";

/** How far the sender's clock may be off, and how long a request can be repeated by somebody who overheard it. */
const WINDOW_MS = 30_000;
const TIMESTAMP = /^\d{10}$/;
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

type SignedRequest = {
  readonly method: string;
  readonly path: string;
  /** Seconds since 1970, as text. */
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
};

/**
 * A webhook that cannot hold a token signs its request instead: the time, the path and the body, with a shared secret.
 * Each signature counts once, and only near its time.
 */
export class SignedBodies {
  readonly #secret: string;
  readonly #nowMs: () => number;
  /** Signature to the time it can be forgotten at; in order of arrival. */
  readonly #seen = new Map<string, number>();

  constructor(secret: string, nowMs: () => number) {
    this.#secret = secret;
    this.#nowMs = nowMs;
  }

  /** Why the request is refused; null when it is good, which uses its signature up. */
  problem(request: SignedRequest): string | null {
    const { method, path, timestamp, signature, body } = request;
    if (!TIMESTAMP.test(timestamp)) return `${TIMESTAMP_HEADER}: allowed are seconds since 1970`;
    if (!SIGNATURE.test(signature))
      return `${SIGNATURE_HEADER}: allowed is sha256= and 64 lower-case hex digits`;
    const sentMs = Number(timestamp) * 1000;
    const expected = webhookSignature(this.#secret, timestamp, `${method} ${path}`, body);
    if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature)))
      return "the signature does not match";
    const nowMs = this.#nowMs();
    if (Math.abs(nowMs - sentMs) > WINDOW_MS)
      return `${TIMESTAMP_HEADER}: more than ${WINDOW_MS / 1000} s from this machine's time`;
    this.#forget(nowMs);
    if (this.#seen.has(signature)) return "this signature was used before";
    this.#seen.set(signature, sentMs + WINDOW_MS);
    return null;
  }

  #forget(nowMs: number): void {
    for (const [signature, untilMs] of this.#seen)
      if (untilMs < nowMs) this.#seen.delete(signature);
  }
}
