import { ms } from "../../units/numbers.ts";
import type { Clock, StopTimer } from "../../units/time.ts";
import type { Front } from "./front.ts";

/** Lets an exchange's time pass with a clock: whenever it has work, and before every request. */
export class Driver {
  readonly #front: Front;
  readonly #clock: Clock;
  #armedMs = Infinity;
  #stopTimer: StopTimer = () => undefined;
  #stopped = false;

  constructor(front: Front, clock: Clock) {
    this.#front = front;
    this.#clock = clock;
    this.#arm();
  }

  /** Brings the gateway to now, runs `act`, and waits for what that set going. */
  run<T>(act: (front: Front) => T): T {
    this.#front.advanceTo(this.#clock.nowMs());
    const result = act(this.#front);
    this.#arm();
    return result;
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  #arm(): void {
    const nextMs = this.#front.nextWorkMs();
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
