import type { Channel, Message } from "./channel.ts";
import { postJson } from "./postJson.ts";
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, webhookSignature } from "../../webhookSignature.ts";

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

/** @param secret signs when it is given; @param nowMs wall time, for the time stamp (seconds since 1970) */
export function webhookChannel(url: string, secret: string | null, nowMs: () => number): Channel {
  return {
    name: "webhook",
    close: () => {},
    send: (message) => {
      const body = webhookBody(message);
      const timestamp = String(Math.floor(nowMs() / 1000));
      const signed =
        secret === null ? {} : { [SIGNATURE_HEADER]: webhookSignature(secret, timestamp, body) };
      const headers = { "x-amm500-id": message.id, [TIMESTAMP_HEADER]: timestamp, ...signed };
      return postJson({ url, body, headers });
    },
  };
}
