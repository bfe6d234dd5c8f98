import { LocalExchange, localPathsAt } from "./localExchange.ts";
import { startVenueThread } from "../venue/server/thread.ts";
import type { ExchangeConfig } from "../venue/server/start.ts";

/** The local exchange of a paper run: its own thread here, or one that runs already. */
export type PaperExchange = {
  readonly url: string;
  readonly epochMs: number;
  readonly speed: number;
  readonly local: LocalExchange;
  /** Part of this process: it ends with it. */
  readonly isOwn: boolean;
  readonly stop: () => Promise<void>;
};

/** @throws VenueThreadError when it cannot start; `onFailure` when it ends later on its own. */
export async function ownExchange(
  wanted: Pick<ExchangeConfig, "feed" | "speed" | "faults">,
  onFailure: (error: Error) => void,
): Promise<PaperExchange> {
  const config = { port: 0, hostname: "127.0.0.1", limits: true, ...wanted };
  const { speed } = wanted;
  const { url, epochMs, stop } = await startVenueThread(config, onFailure);
  return { url, epochMs, speed, local: new LocalExchange(localPathsAt(url)), isOwn: true, stop };
}

/** @throws LocalExchangeError when none answers there. */
export async function runningExchange(address: string): Promise<PaperExchange> {
  const url = address.replace(/\/+$/, "");
  const local = new LocalExchange(localPathsAt(url));
  const { epochMs, speed } = await local.clock();
  return { url, epochMs, speed, local, isOwn: false, stop: () => Promise.resolve() };
}
