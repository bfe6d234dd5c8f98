import { assert } from "../units/assert.ts";
import type { Ms } from "../units/numbers.ts";
import type { Clock, StopTimer } from "../units/time.ts";

export type Job = (dueMs: Ms) => void | Promise<void>;

/** Starts a cron job (five fields) in a time zone; returns how to stop it. */
export type CronStarter = (expression: string, timeZone: string, run: () => void) => StopTimer;

export type SchedulerOptions = {
  readonly clock: Clock;
  /** A job that failed; it runs again at its next tick. */
  readonly onError: (name: string, error: unknown) => void;
  /** Null where time is not the wall's: a calendar makes no sense there. */
  readonly cron: CronStarter | null;
};

type Task = {
  readonly name: string;
  readonly job: Job;
  running: Promise<void> | null;
  stop: StopTimer;
};

/** The runtime's own cron. The job may not throw, so the caller wraps it. */
export const systemCron: CronStarter = (expression, timeZone, run) => {
  const job = Bun.cron(expression, run, { tz: timeZone });
  return () => {
    job.stop();
  };
};

/**
 * Named ticks. They stay on the grid of their start instead of drifting, ticks that were missed collapse into one, and
 * a job that is still running is joined, never started twice.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #onError: SchedulerOptions["onError"];
  readonly #cron: CronStarter | null;
  readonly #tasks = new Map<string, Task>();

  constructor(options: SchedulerOptions) {
    this.#clock = options.clock;
    this.#onError = options.onError;
    this.#cron = options.cron;
  }

  /** Runs `job` every `periodMs` from now on, first after one period. */
  every(name: string, periodMs: number, job: Job): void {
    assert(
      Number.isSafeInteger(periodMs) && periodMs > 0,
      `the period of "${name}" is a positive number of milliseconds, got ${periodMs}`,
    );
    const task = this.#add(name, job);
    const startMs = this.#clock.nowMs();
    const arm = (dueMs: number): void => {
      task.stop = this.#clock.at(dueMs as Ms, () => {
        void this.#run(task, dueMs as Ms);
        // A job may have ended the schedule.
        if (this.#tasks.get(name) !== task) return;
        const passed = Math.floor((this.#clock.nowMs() - startMs) / periodMs);
        arm(startMs + (passed + 1) * periodMs);
      });
    };
    arm(startMs + periodMs);
  }

  /** Runs `job` by the calendar. Only where time is the wall's. */
  calendar(name: string, expression: string, timeZone: string, job: Job): void {
    assert(this.#cron !== null, `"${name}" follows the calendar, so the clock is the wall's`);
    const task = this.#add(name, job);
    task.stop = this.#cron(expression, timeZone, () => {
      void this.#run(task, this.#clock.nowMs());
    });
  }

  /** Runs a job now, or joins it when it is running. Resolves when it has ended. */
  async trigger(name: string): Promise<void> {
    const task = this.#tasks.get(name);
    assert(task !== undefined, `"${name}" is scheduled`);
    await this.#run(task, this.#clock.nowMs());
  }

  /** Ends every schedule. Jobs that run are not interrupted. */
  stop(): void {
    for (const task of this.#tasks.values()) task.stop();
    this.#tasks.clear();
  }

  #add(name: string, job: Job): Task {
    assert(!this.#tasks.has(name), `"${name}" is scheduled once`);
    const task: Task = { name, job, running: null, stop: () => {} };
    this.#tasks.set(name, task);
    return task;
  }

  /** Resolves when the job, or the run of it that was joined, has ended. */
  #run(task: Task, dueMs: Ms): Promise<void> {
    if (task.running !== null) return task.running;
    const work = this.#start(task, dueMs);
    if (work === null) return Promise.resolve();
    task.running = this.#finish(task, work);
    return task.running;
  }

  /** @returns null when the job has ended already */
  #start(task: Task, dueMs: Ms): Promise<void> | null {
    try {
      return task.job(dueMs) ?? null;
    } catch (error) {
      this.#onError(task.name, error);
      return null;
    }
  }

  async #finish(task: Task, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#onError(task.name, error);
    } finally {
      task.running = null;
    }
  }
}
