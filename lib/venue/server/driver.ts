import { ms } from "../../units/numbers.ts";
import type { Clock, StopTimer } from "../../units/time.ts";
import type { Gateway } from "./gateway.ts";

/** Lets a gateway's time pass with a clock: whenever it has work, and before every request. */
export class Driver {
  readonly #gateway: Gateway;
  readonly #clock: Clock;
  #armedMs = Infinity;
  #stopTimer: StopTimer = () => undefined;
  #stopped = false;

  constructor(gateway: Gateway, clock: Clock) {
    this.#gateway = gateway;
    this.#clock = clock;
    this.#arm();
  }

  /** Brings the gateway to now, runs `act`, and waits for what that set going. */
  run<T>(act: (gateway: Gateway) => T): T {
    this.#gateway.advanceTo(this.#clock.nowMs());
    const result = act(this.#gateway);
    this.#arm();
    return result;
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  #arm(): void {
    const nextMs = this.#gateway.nextWorkMs();
    if (this.#stopped || nextMs === this.#armedMs) return;
    this.#stopTimer();
    this.#armedMs = nextMs;
    if (nextMs === Infinity) return;
    this.#stopTimer = this.#clock.at(ms(nextMs), () => {
      this.#armedMs = Infinity;
      this.run(() => undefined);
    });
  }
}
