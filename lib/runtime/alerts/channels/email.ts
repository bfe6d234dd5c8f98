import type { Transporter } from "nodemailer";
import { DeliveryError, headline, plainText } from "./channel.ts";
import type { Channel } from "./channel.ts";
import { messageOf } from "../../../units/messageOf.ts";

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000 };
const DOMAIN = "amm-500.invalid";

export type EmailRoute = {
  /** "smtps://user:password@host:465": the library reads user, password, host and port out of it. */
  readonly smtpUrl: string;
  readonly from: string;
  /** Addresses with commas between them. */
  readonly to: string;
};

/** Mail by SMTP, one connection a message: alerts are rare. The library is loaded with the first one. */
export function emailChannel({ smtpUrl, from, to }: EmailRoute): Channel {
  let transport: Transporter | null = null;
  return {
    name: "email",
    close: () => transport?.close(),
    send: async (message) => {
      const { default: nodemailer } = await import("nodemailer");
      transport ??= nodemailer.createTransport({ url: smtpUrl, ...TIMEOUTS });
      const [subject, text] = [headline(message), plainText(message)];
      // Mail programs drop a second delivery with the same id.
      const messageId = `<${message.id.replaceAll(/[^\w.-]/g, "-")}@${DOMAIN}>`;
      try {
        await transport.sendMail({ from, to, subject, text, messageId });
      } catch (cause) {
        throw failureOf(cause);
      }
    },
  };
}

/** A refusal with a 5xx code, of the password or of an address, stays one; everything else may pass. */
function failureOf(cause: unknown): DeliveryError {
  const text = messageOf(cause);
  const code =
    cause instanceof Error && "responseCode" in cause ? Number(cause.responseCode) : Number.NaN;
  return new DeliveryError(text, { permanent: code >= 500 }, { cause });
}
