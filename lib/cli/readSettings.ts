import type { Params } from "../messages/params.ts";
import { loadSettings, readDotenv, SettingsError, settingsToParams } from "../runtime/settings.ts";
import type { Settings } from "../runtime/settings.ts";
import { microUsd } from "../units/numbers.ts";
import { UsageError } from "./command.ts";
import type { Io } from "./command.ts";

/** Variables that something other than the settings reads. */
const ALSO_READ = ["AMM500_SHARED_DATA", "CHROMIUM_PATH"];

export type FlagOverrides = {
  /** In whole collateral tokens. */
  readonly capital?: number | undefined;
  readonly reduceOnly?: boolean | undefined;
};

/** Environment, `.env` and flags together. @throws UsageError naming each bad value and what is allowed. */
export function readSettings(
  io: Io,
  flags: FlagOverrides,
): { readonly settings: Settings; readonly params: Params } {
  const settings = load(io);
  const params = settingsToParams(settings, {
    ...(flags.capital === undefined
      ? {}
      : { capitalMicroUsd: microUsd(Math.round(flags.capital * 1e6)) }),
    ...(flags.reduceOnly === true ? { forcedReduceOnly: true } : {}),
  });
  return { settings, params };
}

function load(io: Io): Settings {
  try {
    return loadSettings({ env: io.env, dotenv: readDotenv(process.cwd()), alsoRead: ALSO_READ });
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
