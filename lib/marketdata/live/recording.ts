import type { LiveMarket } from "./liveMarket.ts";
import type { LiveMarketDeps } from "./liveMarket.ts";
import { TapeRecorder } from "./tapeRecorder.ts";
import type { FinishedTape, Rotation } from "./tapeRecorder.ts";
import type { TapeSubject } from "../../core/tape/tape.ts";
import { ms } from "../../units/numbers.ts";
import type { Clock, StopTimer } from "../../units/time.ts";
import { counted } from "../../units/counted.ts";

/** How often what is due is written. */
const TICK_MS = 250;

const CLOCK =
  "exchange timestamp, ms since the Unix epoch; at equal times prints come first, then the touch, then depth";
const RECEIVE_CLOCK = "the recorder's, ms after the exchange timestamp";

export type RecordingDeps = {
  /** Streams of the market; not started yet. */
  readonly listen: (
    deps: Pick<LiveMarketDeps, "onMessage" | "onLive" | "onCut"> & {
      readonly coin: string;
      readonly szDecimals: number;
      readonly clock: Clock;
    },
  ) => LiveMarket;
  readonly clock: Clock;
  readonly coin: string;
  readonly szDecimals: number;
  /** Of what is recorded, for the header: where it comes from. */
  readonly source: string;
  readonly folder: string;
  readonly rotation: Rotation;
  readonly onNews: (text: string) => void;
  /** The tape cannot be written; the recording has stopped. */
  readonly onFailure: (error: unknown) => void;
};

export type RecordingGap = {
  readonly fromMs: number;
  /** Null when it lasted until the end. */
  readonly toMs: number | null;
  readonly reason: string;
};

export type RecordingSummary = {
  readonly coin: string;
  readonly source: string;
  readonly rows: number;
  /** On the recorder's clock. */
  readonly gaps: readonly RecordingGap[];
  readonly latePrints: number;
  readonly tapes: readonly FinishedTape[];
};

/** Listens and records, until it is stopped. */
export class Recording {
  readonly #deps: RecordingDeps;
  readonly #recorder: TapeRecorder;
  readonly #live: LiveMarket;
  readonly #gaps: RecordingGap[] = [];
  #stopTick: StopTimer = () => {};

  constructor(deps: RecordingDeps) {
    this.#deps = deps;
    const { coin, szDecimals, source, folder, rotation, clock } = deps;
    const subject: TapeSubject = {
      source,
      licence: "public market data of the exchange",
      coin,
      szDecimals,
      clock: CLOCK,
      receiveClock: RECEIVE_CLOCK,
    };
    this.#recorder = new TapeRecorder({ folder, subject, rotation });
    this.#live = deps.listen({
      coin,
      szDecimals,
      clock,
      onMessage: (message, recvMs) => this.#recorder.push(message, recvMs),
      onLive: () => this.#resumed(),
      onCut: (reason, atMs) => this.#cut(reason, atMs),
    });
  }

  start(): void {
    this.#live.start();
    this.#tick();
  }

  /** One line on how far it is. */
  progress(): string {
    const { rows, gaps, latePrints } = this.#recorder.counts;
    const { current, finished } = this.#recorder;
    const tape =
      current === null ? "no book yet" : `${current.path} ${Math.round(current.bytes / 1024)} KiB`;
    const late = latePrints === 0 ? "" : `, ${counted(latePrints, "trade")} too late`;
    return `${counted(rows, "row")}, ${counted(gaps, "gap")}${late}, ${counted(finished.length, "tape")} finished; ${tape}`;
  }

  /** Ends the last tape. */
  stop(): RecordingSummary {
    this.#stopTick();
    this.#live.stop();
    this.#recorder.close();
    const { coin, source } = this.#deps;
    const { rows, latePrints } = this.#recorder.counts;
    const tapes = this.#recorder.finished;
    return { coin, source, rows, gaps: [...this.#gaps], latePrints, tapes };
  }

  #tick(): void {
    const { clock } = this.#deps;
    try {
      this.#recorder.tick(clock.nowMs());
    } catch (error) {
      this.#live.stop();
      return this.#deps.onFailure(error);
    }
    this.#stopTick = clock.at(ms(clock.nowMs() + TICK_MS), () => this.#tick());
  }

  #cut(reason: string, atMs: number): void {
    this.#recorder.cut(reason, atMs);
    this.#gaps.push({ fromMs: atMs, toMs: null, reason });
    this.#deps.onNews(`gap: ${reason}`);
  }

  #resumed(): void {
    const last = this.#gaps.at(-1);
    if (last === undefined) return this.#deps.onNews("the first book has come");
    const nowMs = this.#deps.clock.nowMs();
    this.#gaps[this.#gaps.length - 1] = { ...last, toMs: nowMs };
    this.#deps.onNews(`books come again after ${((nowMs - last.fromMs) / 1000).toFixed(1)} s`);
  }
}
