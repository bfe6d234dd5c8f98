import { plainText } from "./channel.ts";
import type { Channel } from "./channel.ts";
import { postJson } from "./postJson.ts";

const nothingToClose = (): void => {};

/** The path of a service's address on another base: the service itself, or a proxy in front of it. */
function onBase(base: string, address: string): string {
  return base.replace(/\/+$/, "") + new URL(address).pathname;
}

/** An incoming webhook of Slack. Three characters have a meaning there and are escaped. */
export function slackChannel(webhook: string, base: string): Channel {
  const url = onBase(base, webhook);
  return {
    name: "slack",
    close: nothingToClose,
    send: (message) => {
      const text = plainText(message)
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;");
      return postJson({ url, body: JSON.stringify({ text }) });
    },
  };
}

/** A webhook of Discord. Nobody is called by an `@` in a text of ours. */
export function discordChannel(webhook: string, base: string): Channel {
  const url = onBase(base, webhook);
  return {
    name: "discord",
    close: nothingToClose,
    send: (message) =>
      postJson({
        url,
        body: JSON.stringify({ content: plainText(message), allowed_mentions: { parse: [] } }),
      }),
  };
}

/** `sendMessage` of the Telegram bot API, as plain text. */
export function telegramChannel(token: string, chat: string, base: string): Channel {
  const url = `${base.replace(/\/+$/, "")}/bot${token}/sendMessage`;
  return {
    name: "telegram",
    close: nothingToClose,
    send: (message) =>
      postJson({
        url,
        body: JSON.stringify({
          chat_id: chat,
          text: plainText(message),
          link_preview_options: { is_disabled: true },
        }),
      }),
  };
}
