import { existsSync } from "node:fs";
import { join } from "node:path";
import { keepKeyFile, readKeyFile } from "../keyFile.ts";
import { approveAgent } from "../../hyperliquid/approveAgent.ts";
import { InfoClient } from "../../hyperliquid/infoClient.ts";
import { addressOf } from "../../hyperliquid/signing/signature.ts";
import type { Transport } from "../../hyperliquid/transport.ts";

const KEY_FILE = "watchdog-key";
const AGENT_NAME = "watchdog";

/** The key that paper has made for its watchdog; null when there is none. @throws KeyError */
export function readWatchdogKey(dataDir: string): Uint8Array | null {
  const path = join(dataDir, KEY_FILE);
  return existsSync(path) ? readKeyFile(path) : null;
}

/**
 * Gives the paper account's watchdog an API wallet of its own, so that its nonces never meet the bot's.
 * @throws DataFolderError, ApprovalRefused, TransportError
 */
export async function approveWatchdog(
  dataDir: string,
  transport: Transport,
  mainKey: Uint8Array,
  nextNonce: () => number,
): Promise<void> {
  const agentAddress = addressOf(keepKeyFile(join(dataDir, KEY_FILE)));
  const agents = await new InfoClient(transport).extraAgents(addressOf(mainKey));
  if (agents.some(({ address }) => address === agentAddress)) return;
  const nonce = nextNonce();
  const agentName = AGENT_NAME;
  await approveAgent({ transport, mainKey, network: "Mainnet", agentAddress, agentName, nonce });
}
