import { approveAgent } from "../../lib/hyperliquid/approveAgent.ts";
import { HttpTransport } from "../../lib/hyperliquid/httpTransport.ts";
import { patientTransport } from "../../lib/hyperliquid/patientTransport.ts";
import { addressOf, initSigning } from "../../lib/hyperliquid/signing/signature.ts";
import { realClock } from "../../lib/runtime/clock.ts";
import { LocalExchange, localPathsAt } from "../../lib/runtime/localExchange.ts";

/** A funded account with two API wallets, as somebody has it who wants to trade live. */
export type LiveAccount = {
  readonly address: string;
  readonly mainKey: Uint8Array;
  readonly agentKey: Uint8Array;
  /** What `live` and the commands beside it read from the environment. */
  readonly env: {
    readonly ACCOUNT_ADDRESS: string;
    readonly HL_PRIVATE_KEY: string;
    readonly WATCHDOG_PRIVATE_KEY: string;
  };
};

const hex = (key: Uint8Array): string => Buffer.from(key).toString("hex");
export const newKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

let lastNonce = 0;

/** Lets the exchange know an API wallet of the account. `name` may end in " valid_until <ms>". */
export async function approve(
  url: string,
  mainKey: Uint8Array,
  agentKey: Uint8Array,
  name: string,
): Promise<void> {
  lastNonce = Math.max(Date.now(), lastNonce + 1);
  await approveAgent({
    transport: patientTransport({
      transport: new HttpTransport({ url, timeoutMs: 10_000 }),
      clock: realClock(),
      onWait: () => {},
    }),
    mainKey,
    network: "Mainnet",
    agentAddress: addressOf(agentKey),
    agentName: name,
    nonce: lastNonce,
  });
}

export async function newLiveAccount(url: string, usd = "2000"): Promise<LiveAccount> {
  await initSigning();
  const [mainKey, agentKey, watchdogKey] = [newKey(), newKey(), newKey()];
  const address = addressOf(mainKey);
  await new LocalExchange(localPathsAt(url)).credit(address, "km", usd);
  await approve(url, mainKey, agentKey, "bot");
  await approve(url, mainKey, watchdogKey, "watchdog");
  return {
    address,
    mainKey,
    agentKey,
    env: {
      ACCOUNT_ADDRESS: address,
      HL_PRIVATE_KEY: hex(agentKey),
      WATCHDOG_PRIVATE_KEY: hex(watchdogKey),
    },
  };
}
