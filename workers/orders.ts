import { HttpTransport } from "../lib/hyperliquid/httpTransport.ts";
import { machineMs } from "../lib/hyperliquid/orderWorker.ts";
import type {
  OrderWorkerAnswer,
  OrderWorkerRequest,
  OrderWorkerStart,
} from "../lib/hyperliquid/orderWorker.ts";
import { sendBatch, warmSigning } from "../lib/hyperliquid/sendBatch.ts";
import type { BatchSender } from "../lib/hyperliquid/sendBatch.ts";
import { initSigning, parsePrivateKey } from "../lib/hyperliquid/signing/signature.ts";

/*
 * Thread that signs and posts batches. It holds the key and nothing else: no nonce, no database, no state. The handler is
 * installed before anything is awaited, as messages that come before are lost.
 */

declare const self: Worker;

const WARM_SIGNATURES = 200;

let sender: BatchSender | null = null;

function answer(message: OrderWorkerAnswer): void {
  self.postMessage(JSON.stringify(message));
}

async function start(message: OrderWorkerStart): Promise<void> {
  const backend = await initSigning();
  const signer = {
    privateKey: parsePrivateKey(message.privateKey),
    source: message.source,
    vault: message.vault,
  };
  const transport = new HttpTransport({ url: message.url, timeoutMs: message.timeoutMs });
  warmSigning(message.spec, signer, WARM_SIGNATURES);
  sender = {
    spec: message.spec,
    signer,
    post: (body) => transport.exchange(body),
    nowMs: () => performance.now(),
  };
  answer({ kind: "ready", backend });
}

async function receive(request: OrderWorkerRequest): Promise<void> {
  if (request.kind === "start") return start(request);
  if (sender === null) throw new Error("a batch came before the start message");
  const wakeMs = Math.max(0, machineMs() - request.postedMs);
  answer({ kind: "sent", id: request.id, wakeMs, ...(await sendBatch(request.batch, sender)) });
}

self.addEventListener("message", (event: MessageEvent<string>) => {
  // A rejection here ends the thread; the pool sees it die and asks the venue about what it held.
  void receive(JSON.parse(event.data) as OrderWorkerRequest);
});
