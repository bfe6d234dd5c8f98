import { channelsOf } from "../alerts/channels/configured.ts";
import type { Settings } from "../settings.ts";
import { ok, warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

const NAME = "alerts";

/** Who is told when something goes wrong. Nothing is sent. */
export function alertsFinding(settings: Settings, strict: boolean): Finding {
  const channels = channelsOf(settings, () => 0);
  for (const channel of channels) channel.close();
  const names = channels.map(({ name }) => name).join(", ");
  const least = settings.ALERT_MIN_SEVERITY;
  if (names !== "") return ok(NAME, `${names}, from ${least} on; bun run alerts test tries them`);
  const todo = "set one of the ALERT_… settings, and try it: bun run alerts test";
  if (strict) return warning(NAME, "no channel is configured: nobody is told of a halt", todo);
  return ok(NAME, "no channel is configured");
}
