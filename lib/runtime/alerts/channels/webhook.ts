import { createHmac } from "node:crypto";
import type { Channel, Message } from "./channel.ts";
import { postJson } from "./postJson.ts";

/** Body of the generic webhook. `id` stays the same when a delivery is repeated. */
function webhookBody({ id, alert, source }: Message): string {
  const { kind, severity, key, text, atMs } = alert;
  return JSON.stringify({
    id,
    source,
    kind,
    severity,
    key,
    text,
    time: new Date(atMs).toISOString(),
  });
}

/** `sha256=` and the hex HMAC of time stamp, a dot and the body: what the receiver computes to compare. */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}

/** @param secret signs when it is given; @param nowMs wall time, for the time stamp (seconds since 1970) */
export function webhookChannel(url: string, secret: string | null, nowMs: () => number): Channel {
  return {
    name: "webhook",
    close: () => {},
    send: (message) => {
      const body = webhookBody(message);
      const timestamp = String(Math.floor(nowMs() / 1000));
      const signed =
        secret === null ? {} : { "x-amm500-signature": webhookSignature(secret, timestamp, body) };
      const headers = { "x-amm500-id": message.id, "x-amm500-timestamp": timestamp, ...signed };
      return postJson({ url, body, headers });
    },
  };
}
