import type { HttpAnswer, Transport } from "./transport.ts";
import { ms } from "../units/numbers.ts";
import type { Clock } from "../units/time.ts";

const TOO_MANY = 429;
const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 4_000;
/** The venue refills its whole budget in a minute, evenly: about one question a second. */
const PATIENCE_MS = 90_000;

export type PatientOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Called at the first wait of a request, with what to tell people. */
  readonly onWait: (text: string) => void;
};

/**
 * A way to the venue where waiting is better than failing: for a start, and for questions about the account. A request
 * that is turned away with 429 never acted, so it is asked again until the budget of this address has refilled. After
 * 90 s the refusal is the answer. Quotes do not go this way: they would be old.
 */
export function patientTransport({ transport, clock, onWait }: PatientOptions): Transport {
  const patiently = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
    const deadlineMs = clock.nowMs() + PATIENCE_MS;
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      const answer = await ask();
      if (answer.status !== TOO_MANY || clock.nowMs() + waitMs > deadlineMs) return answer;
      if (waitMs === FIRST_WAIT_MS)
        onWait('the exchange says "too many requests" (429): waiting until it answers again');
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
