import { actionWeight as requestsOf } from "../rules/budget.ts";
import type { ActionReply } from "../rules/requests.ts";
import type { Venue } from "../rules/venue.ts";
import { ms } from "../../units/numbers.ts";
import { parseEnvelope } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import { actionWeight } from "./ipBudget.ts";
import type { IpBudget } from "./ipBudget.ts";
import type { ReleaseQueue } from "./releaseQueue.ts";
import { ShapeError } from "./shape.ts";
import { SignerRecovery } from "./signer.ts";

/** Takes an answer: HTTP status and body. Called once. */
export type Reply = (status: number, body: string) => void;

export const BAD_JSON = "Failed to parse the request body as JSON";
export const BAD_SHAPE = "Failed to deserialize the JSON body into the target type";
export const BAD_CONTENT_TYPE = "Expected request with `Content-Type: application/json`";

/** A signed action has at most so many entries (captured). */
const BATCH_MAX = 200;
const TOO_HEAVY = `Signed action over weight limit of ${BATCH_MAX}.`;

/**
 * The door of `/exchange`: shape, signature, signer, then the core. What fails before the core is answered at once,
 * the rest when its block is committed. Order of the checks as measured: shape, signature, vault and nonce fields,
 * signer, then (in the core) nonce admission, expiry and the batch itself.
 */
export class ExchangeDesk {
  readonly #venue: Venue;
  readonly #releases: ReleaseQueue;
  readonly #ip: IpBudget;
  readonly #signers: SignerRecovery;

  constructor(venue: Venue, releases: ReleaseQueue, ip: IpBudget) {
    this.#venue = venue;
    this.#releases = releases;
    this.#ip = ip;
    this.#signers = new SignerRecovery((address) => venue.signerToAccount(address) !== null);
  }

  /** @param body the parsed JSON of a request @param arrivedMs venue time of its arrival */
  take(body: unknown, arrivedMs: number, reply: Reply): void {
    let envelope: Envelope;
    try {
      envelope = parseEnvelope(body);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      reply(422, BAD_SHAPE);
      return;
    }
    const { outcome } = envelope.action;
    const entries = "act" in outcome ? requestsOf(outcome.act) : 1;
    if (!this.#ip.admit(actionWeight(entries), arrivedMs)) {
      reply(429, "null");
      return;
    }
    if (entries > BATCH_MAX) refuse(reply, TOO_HEAVY);
    else this.#verify(envelope, arrivedMs, reply);
  }

  #verify(envelope: Envelope, arrivedMs: number, reply: Reply): void {
    const { action } = envelope;
    const { signer, known } = this.#signers.recover(envelope);
    if (signer === null) return refuse(reply, "Unable to recover signer.");
    if (envelope.vaultAddress !== null && this.#venue.masterOf(envelope.vaultAddress) === null)
      return refuse(reply, `Vault not registered: ${envelope.vaultAddress}`);
    if (action.signing.kind === "user") {
      if (envelope.vaultAddress !== null)
        return refuse(reply, "Vault may not perform this action.");
      if (envelope.expiresAfterMs !== null)
        return refuse(reply, "Action does not support expires_after");
      if (action.signing.nonce !== envelope.nonce) return refuse(reply, "Nonce mismatch.");
    }
    const account = this.#accountOf(envelope, signer, known);
    if (account === null) {
      return refuse(
        reply,
        action.signing.kind === "user"
          ? `Must deposit before performing actions. User: ${signer}`
          : `User or API Wallet ${signer} does not exist.`,
      );
    }
    const { outcome } = action;
    const request = {
      account,
      ...(envelope.vaultAddress === null ? {} : { vault: envelope.vaultAddress }),
      signer,
      nonce: envelope.nonce,
      expiresAfterMs: envelope.expiresAfterMs,
      action: "act" in outcome ? outcome.act : { type: "refused" as const, text: outcome.refusal },
    };
    this.#venue.submit(request, ms(arrivedMs), (answer, blockMs) => {
      const body = JSON.stringify(answer);
      this.#releases.push(blockMs + this.#venue.config.commitMs, () => reply(200, body));
    });
  }

  /** An agent may trade for its account, but what the account signs itself an agent may not sign. */
  #accountOf(envelope: Envelope, signer: string, known: boolean): string | null {
    if (!known) return null;
    const account = this.#venue.signerToAccount(signer);
    return envelope.action.signing.kind === "user" && account !== signer ? null : account;
  }
}

function refuse(reply: Reply, response: string): void {
  const answer: ActionReply = { status: "err", response };
  reply(200, JSON.stringify(answer));
}
