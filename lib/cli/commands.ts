import type { CommandDef } from "./command.ts";

/** Every command by its name. Loaded on demand, so that a short one does not pay for a long one's imports. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandDef>>> = {
  paper: async () => (await import("./paper.ts")).paperCommand,
  exchange: async () => (await import("./exchange.ts")).exchangeCommand,
  watchdog: async () => (await import("./watchdog.ts")).watchdogCommand,
  simulate: async () => (await import("./simulate.ts")).simulateCommand,
  record: async () => (await import("./record.ts")).recordCommand,
  tape: async () => (await import("./tape.ts")).tapeCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  orders: async () => (await import("./orders.ts")).ordersCommand,
  fills: async () => (await import("./fills.ts")).fillsCommand,
  report: async () => (await import("./report.ts")).reportCommand,
  why: async () => (await import("./why.ts")).whyCommand,
  trace: async () => (await import("./trace.ts")).traceCommand,
  alerts: async () => (await import("./alerts.ts")).alertsCommand,
  cancel: async () => (await import("./cancel.ts")).cancelCommand,
  flatten: async () => (await import("./flatten.ts")).flattenCommand,
  "reduce-only": async () => (await import("./reduceOnly.ts")).reduceOnlyCommand,
  halt: async () => (await import("./halt.ts")).haltCommand,
  resume: async () => (await import("./resume.ts")).resumeCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  fetch: async () => (await import("./fetch.ts")).fetchCommand,
  retrain: async () => (await import("./retrain.ts")).retrainCommand,
  backup: async () => (await import("./backup.ts")).backupCommand,
  restore: async () => (await import("./restore.ts")).restoreCommand,
  completion: async () => (await import("./completion.ts")).completionCommand,
};
