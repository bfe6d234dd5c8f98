import type { Alert } from "./alerts/alert.ts";
import { channelsOf, secretsOf } from "./alerts/channels/configured.ts";
import { AlertDesk } from "./alerts/desk.ts";
import { AlertRules } from "./alerts/rules.ts";
import { realClock } from "./clock.ts";
import { auditLog } from "./log/auditLog.ts";
import { openLog } from "./log/logger.ts";
import type { Logger } from "./log/logger.ts";
import { slowSteps } from "./log/slowSteps.ts";
import type { Metric } from "./metrics.ts";
import { operationsMetrics } from "./operationsMetrics.ts";
import { redactor } from "./redact.ts";
import type { Redact } from "./redact.ts";
import type { StepTimes } from "./sequencer.ts";
import type { Settings } from "./settings.ts";
import type { Submitter } from "./submitter.ts";
import { TraceRecorder } from "./traceRecorder.ts";
import type { Audit } from "../messages/audit.ts";
import type { Params } from "../messages/params.ts";
import type { Clock } from "../units/time.ts";

/** What is delivered when the program ends is waited for so long. */
const CLOSE_WITHIN_MS = 5_000;

export type OperationsOptions = {
  readonly dataDir: string;
  readonly settings: Settings;
  readonly params: Params;
  /** What is traded and how, for people: "paper km:US500". */
  readonly source: string;
  /** Address of the account, lower case. */
  readonly account: string;
  /** The bot's own. */
  readonly clock: Clock;
  /** Beside those in the settings: key, token. */
  readonly secrets: readonly string[];
  readonly onWarning: (text: string) => void;
  /** Whether the last life in this folder has left without a goodbye. */
  readonly cameBack: boolean;
};

type Followed = { readonly onAudit: (listener: (audit: Audit) => void) => void };

/** Everything by which people follow a run that they do not look at: alerts, log, traces. Nothing of it disturbs trading. */
export type Operations = {
  readonly redact: Redact;
  /** Watches the batches on their way. */
  readonly around: (submitter: Submitter) => Submitter;
  readonly onTimes: (times: StepTimes) => void;
  readonly follow: (bot: Followed) => void;
  readonly say: (alert: Alert) => void;
  /** Something failed and trading goes on: told, and logged. */
  readonly warn: (text: string) => void;
  /** It quotes. */
  readonly up: (detail: string) => void;
  /** It has ended as it was told to. */
  readonly ended: (why: string, errors: readonly string[]) => void;
  /** It has ended by a contradiction. */
  readonly broke: (error: unknown) => void;
  readonly metrics: () => readonly Metric[];
  /** Delivers what waits, for some seconds at most. */
  readonly close: () => Promise<void>;
};

export function openOperations(options: OperationsOptions): Operations {
  const { dataDir, settings, clock, params, account } = options;
  const redact = redactor([...secretsOf(settings), ...options.secrets]);
  const tell = (text: string): void => options.onWarning(redact(text));
  const nowMs = (): number => clock.nowMs();
  const wall = realClock();
  const { log, close: closeLog } = openLog(dataDir, settings, redact, nowMs, tell);
  const desk = deskOf(options, { wall, redact, log });
  const traces = new TraceRecorder();
  const slow = slowSteps(log, () => wall.monotonicMs());
  const rules = new AlertRules({ params, account });
  return {
    redact,
    around: (submitter) => traces.around(submitter),
    onTimes: (times) => {
      traces.onTimes(times);
      slow(times);
    },
    follow: (bot) => {
      bot.onAudit(() => traces.stepped());
      bot.onAudit(auditLog(log));
      bot.onAudit((audit) => {
        for (const alert of rules.onAudit(audit)) desk.say(alert);
      });
    },
    say: (alert) => desk.say(alert),
    warn: (text) => {
      log.write("warning", "warning", { text });
      tell(text);
    },
    ...milestones(options, log, desk),
    metrics: () => operationsMetrics(desk.stats(), log),
    close: async () => {
      await desk.close(CLOSE_WITHIN_MS);
      closeLog();
    },
  };
}

function deskOf(
  { settings, source, account }: OperationsOptions,
  { wall, redact, log }: { readonly wall: Clock; readonly redact: Redact; readonly log: Logger },
): AlertDesk {
  return new AlertDesk({
    channels: channelsOf(settings, () => wall.nowMs()),
    least: settings.ALERT_MIN_SEVERITY,
    cooldownMs: settings.ALERT_COOLDOWN_MINUTES * 60_000,
    source,
    idPrefix: `${account.slice(2, 10)}-${wall.nowMs()}`,
    clock: wall,
    random: Math.random,
    redact,
    log: (level, event, fields) => log.write(level, event, fields),
  });
}

/** Beginning and end, which no step tells. */
function milestones(
  { source, cameBack, clock }: OperationsOptions,
  log: Logger,
  desk: AlertDesk,
): Pick<Operations, "up" | "ended" | "broke"> {
  const say = (alert: Omit<Alert, "atMs" | "key">): void =>
    desk.say({ ...alert, key: alert.kind, atMs: clock.nowMs() });
  return {
    up: (detail) => {
      log.write("info", "up", { source, detail, cameBack });
      if (cameBack)
        say({
          kind: "restarted",
          severity: "warning",
          text: `Started again: the last run in this data folder ended without a goodbye. ${detail}`,
        });
      else say({ kind: "started", severity: "notice", text: `Started. ${detail}` });
    },
    ended: (why, errors) => {
      const well = errors.length === 0;
      log.write(well ? "info" : "error", "ended", { why, errors });
      const text = [`Ended: ${why}.`, ...errors].join(" ");
      say({ kind: "stopped", severity: well ? "notice" : "warning", text });
    },
    broke: (error) => {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      log.write("error", "broke", { error: text });
      say({ kind: "crashed", severity: "critical", text: `The program ends: ${text}` });
    },
  };
}
