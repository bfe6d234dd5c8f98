import { CommandFailure, defineCommand } from "./command.ts";
import type { Io } from "./command.ts";
import { confirmationPhrase, confirmed } from "./confirm.ts";
import { findingsText } from "./findingsText.ts";
import { interruption, untilEnd } from "./ending.ts";
import { explained } from "./explained.ts";
import { liveFlags, livePlace } from "./liveFlags.ts";
import type { LiveFlags, LivePlace } from "./liveFlags.ts";
import { liveKeys } from "./liveKeys.ts";
import type { LiveKeys } from "./liveKeys.ts";
import { readSettings } from "./readSettings.ts";
import { superviseCommand } from "./supervise.ts";
import { renderSummary } from "./summaryText.ts";
import { sessionView } from "./terminalView.ts";
import { HttpTransport } from "../hyperliquid/httpTransport.ts";
import { patientTransport } from "../hyperliquid/patientTransport.ts";
import { addressOf } from "../hyperliquid/signing/signature.ts";
import { realClock } from "../runtime/clock.ts";
import { alertsFinding } from "../runtime/doctor/alerts.ts";
import { examine } from "../runtime/doctor/doctor.ts";
import { machineFindings } from "../runtime/doctor/machine.ts";
import { runLive } from "../runtime/live/live.ts";
import { openLiveFolder } from "../runtime/live/liveFolder.ts";
import { openMarket } from "../runtime/openMarket.ts";
import type { RunSummary } from "../runtime/summary.ts";
import { ANSWER_TIMEOUT_MS } from "../runtime/tradeSession.ts";

type Prepared = LivePlace &
  LiveKeys &
  ReturnType<typeof readSettings> & { readonly symbol: string; readonly given: LiveFlags };

export const liveCommand = defineCommand({
  name: "live",
  summary: "The market maker with real orders, on mainnet or testnet.",
  operands: "",
  flags: liveFlags,
  run: async (given, _operands, io) => {
    try {
      const prepared = await prepare(given, io);
      const confirm = await confirmation(prepared, io);
      if (!given["no-supervise"])
        return await superviseCommand({
          words: ["--no-supervise", "--confirm", confirm],
          without: ["--confirm"],
          dataDir: prepared.dataDir,
          settings: prepared.settings,
          io,
        });
      const summary = await inFolder(prepared, io);
      io.out(given.json ? JSON.stringify(summary) : renderSummary(summary));
      return summary.errors.length === 0 ? 0 : 1;
    } catch (error) {
      throw explained(error);
    }
  },
});

async function prepare(given: LiveFlags, io: Io): Promise<Prepared> {
  const place = livePlace(given);
  const { settings, params } = readSettings(io, {
    capital: place.capital,
    reduceOnly: given["reduce-only"],
  });
  const keys = await liveKeys(given["key-file"], settings);
  return { ...place, ...keys, settings, params, symbol: given.market ?? settings.SYMBOL, given };
}

/** Finds the market and asks for the operator's word. Nothing is sent. @returns the phrase */
async function confirmation(prepared: Prepared, io: Io): Promise<string> {
  const { url, network, capital, account, symbol, params, given } = prepared;
  const transport = new HttpTransport({ url, timeoutMs: ANSWER_TIMEOUT_MS });
  const patient = patientTransport({ transport, clock: realClock(), onWait: io.err });
  const { market } = await openMarket(patient, symbol, account, params);
  const phrase = confirmationPhrase(network.word, market, capital);
  await confirmed(phrase, given.confirm, io);
  return phrase;
}

async function inFolder(prepared: Prepared, io: Io): Promise<RunSummary> {
  const { dataDir, network } = prepared;
  // Read by now: no process that is started beside the bot inherits them.
  for (const name of ["HL_PRIVATE_KEY", "WATCHDOG_PRIVATE_KEY"]) delete process.env[name];
  const folder = openLiveFolder(dataDir, network.mode);
  // From here on an interruption is heeded, once the start is over.
  const view = sessionView(io, prepared.given.json);
  const interrupted = interruption((signal) => view.say(`${signal}: cancelling our orders`));
  try {
    await askDoctor(prepared, io);
    const { given, settings } = prepared;
    return await runLive({
      ...prepared,
      watchdogKey: settings.WATCHDOG ? prepared.watchdogKey : null,
      folder,
      evidenceDir: given.evidence,
      override: given.override ?? null,
      port: given.port,
      tell: io.err,
      onWarning: (text) => view.say(`warning: ${text}`),
      onUp: view.onUp,
      ending: (clock, feed, over) =>
        Promise.race([untilEnd(clock, feed, given.duration ?? null, over), interrupted]),
    });
  } finally {
    view.stop();
    folder.release();
  }
}

/** @throws CommandFailure when anything is wrong: nothing is sent then */
async function askDoctor(prepared: Prepared, io: Io): Promise<void> {
  const { url, symbol, params, privateKey, account, watchdogKey, settings, dataDir } = prepared;
  const watchdog = watchdogKey === null ? null : addressOf(watchdogKey);
  const live = { account, ...(settings.WATCHDOG ? { watchdog } : {}) };
  const clock = realClock();
  const direct = new HttpTransport({ url, timeoutMs: ANSWER_TIMEOUT_MS });
  // After a crash much has been asked already.
  const transport = patientTransport({ transport: direct, clock, onWait: io.err });
  const place = { url, transport, clock, symbol, params };
  const findings = [
    ...machineFindings(dataDir),
    alertsFinding(settings, true),
    ...(await examine({ ...place, privateKey, strict: true, live })),
  ];
  io.err(findingsText(findings));
  const problems = findings.filter(({ status }) => status === "problem");
  if (problems.length === 0) return;
  const [first] = problems;
  throw new CommandFailure(
    `the doctor found ${problems.length} ${problems.length === 1 ? "problem" : "problems"}, nothing was sent: ${first?.name}: ${first?.found} → ${first?.todo}`,
  );
}
