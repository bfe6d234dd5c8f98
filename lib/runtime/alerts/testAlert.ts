import type { Channel } from "./channels/channel.ts";
import type { Redact } from "../redact.ts";
import { messageOf } from "../../units/messageOf.ts";

export type Tried = {
  readonly channel: string;
  readonly ok: boolean;
  /** Why it failed, without secrets; null when it went. */
  readonly error: string | null;
};

/** Sends one alert through every channel, once, side by side, and says how each did. */
export function tryChannels(
  channels: readonly Channel[],
  source: string,
  nowMs: number,
  redact: Redact,
): Promise<readonly Tried[]> {
  const text = "This is a test. If you can read it, alerts reach you here.";
  const alert = { kind: "test", severity: "notice", key: "test", text, atMs: nowMs } as const;
  return Promise.all(
    channels.map(async (channel): Promise<Tried> => {
      try {
        await channel.send({ id: `test-${nowMs}`, alert, source });
        return { channel: channel.name, ok: true, error: null };
      } catch (error) {
        const said = messageOf(error);
        return { channel: channel.name, ok: false, error: redact(said) };
      } finally {
        channel.close();
      }
    }),
  );
}
