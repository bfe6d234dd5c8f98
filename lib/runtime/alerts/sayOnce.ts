import type { Alert } from "./alert.ts";
import { channelsOf, secretsOf } from "./channels/configured.ts";
import { AlertDesk } from "./desk.ts";
import { realClock } from "../clock.ts";
import { redactor } from "../redact.ts";
import type { Settings } from "../settings.ts";

/** A process beside the bot ends soon; so long it tries. */
const WITHIN_MS = 30_000;

/**
 * One alert from a process beside the bot: its watchdog, its supervisor. Resolves when every channel has it or it is
 * given up; never rejects.
 * @param source which bot is spoken of
 * @param tell hears of failed attempts, without secrets
 */
export async function sayOnce(
  settings: Settings,
  source: string,
  alert: Pick<Alert, "kind" | "severity" | "text">,
  tell: (text: string) => void,
): Promise<void> {
  const clock = realClock();
  const atMs = clock.nowMs();
  const desk = new AlertDesk({
    channels: channelsOf(settings, () => clock.nowMs()),
    least: settings.ALERT_MIN_SEVERITY,
    cooldownMs: 0,
    source,
    idPrefix: `${alert.kind}-${process.pid}-${atMs}`,
    clock,
    random: Math.random,
    redact: redactor(secretsOf(settings)),
    log: (_level, event, fields) => {
      if (event === "alertFailed") tell(`an alert failed: ${JSON.stringify(fields)}`);
    },
  });
  desk.say({ ...alert, key: alert.kind, atMs });
  await desk.close(WITHIN_MS);
}
