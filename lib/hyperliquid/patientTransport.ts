import type { HttpAnswer, Transport } from "./transport.ts";
import { ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";

const TOO_MANY = 429;
const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 8_000;
/** The venue refills its whole budget in a minute. */
const PATIENCE_MS = 90_000;

export type PatientOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Called once per wait, with what to tell people. */
  readonly onWait: (text: string) => void;
};

/**
 * A way to the venue for a start, where waiting is better than failing: a request that is turned away with 429 never
 * acted, so it is asked again until the budget of this address has refilled. After 90 s the refusal is the answer.
 */
export function patientTransport({ transport, clock, onWait }: PatientOptions): Transport {
  const patiently = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
    const deadlineMs = clock.nowMs() + PATIENCE_MS;
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      const answer = await ask();
      if (answer.status !== TOO_MANY || clock.nowMs() + waitMs > deadlineMs) return answer;
      onWait(
        `the exchange says "too many requests" (429): asking again in ${waitMs / 1000} s of its time`,
      );
      await new Promise<void>((resolve) => {
        clock.at(ms(clock.nowMs() + waitMs), resolve);
      });
      waitMs = Math.min(2 * waitMs, WAIT_MS_MAX);
    }
  };
  return {
    info: (body) => patiently(() => transport.info(body)),
    exchange: (body) => patiently(() => transport.exchange(body)),
    openSocket: (handlers) => transport.openSocket(handlers),
  };
}
