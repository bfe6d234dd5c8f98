import type { VenueOutput } from "../../rules/types.ts";

/** What all subscribers of the same thing share: it turns blocks into frames. Frames are texts ready to send. */
export type Topic = {
  /** Frames for one who has just subscribed. */
  readonly snapshot: (nowMs: number) => readonly string[];
  /** After a block, or with no outputs when `nextMs` has come. */
  readonly frames: (nowMs: number, outputs: readonly VenueOutput[]) => readonly string[];
  /** When `frames` wants to be called even without a block; Infinity when it does not. */
  readonly nextMs: () => number;
};

/** Text of a frame. */
export function frame(channel: string, data: unknown): string {
  return JSON.stringify({ channel, data });
}

/** The same with data that is JSON already. */
export function frameOf(channel: string, data: string): string {
  return `{"channel":${JSON.stringify(channel)},"data":${data}}`;
}

/** A topic that only passes on what happens in blocks. */
export function eventTopic(
  snapshot: (nowMs: number) => readonly string[],
  frames: (outputs: readonly VenueOutput[]) => readonly string[],
): Topic {
  return { snapshot, frames: (_nowMs, outputs) => frames(outputs), nextMs: () => Infinity };
}

/**
 * A topic that shows a state: at most once in `periodMs`, only after something touched it, only when it differs.
 * @param touches whether an output may have changed the state
 * @param state what is compared, as JSON; the frame is made from it and the time
 */
export function stateTopic(
  periodMs: number,
  touches: (output: VenueOutput) => boolean,
  state: () => string,
  toFrame: (state: string, nowMs: number) => string,
): Topic {
  let sentMs = -Infinity;
  let sent = "";
  let touched = false;
  return {
    snapshot: (nowMs) => {
      const now = state();
      if (sentMs === -Infinity) {
        sentMs = nowMs;
        sent = now;
        touched = false;
      }
      return [toFrame(now, nowMs)];
    },
    frames: (nowMs, outputs) => {
      touched ||= outputs.some(touches);
      if (!touched || nowMs < sentMs + periodMs) return [];
      touched = false;
      const now = state();
      if (now === sent) return [];
      sent = now;
      sentMs = nowMs;
      return [toFrame(now, nowMs)];
    },
    nextMs: () => (touched ? sentMs + periodMs : Infinity),
  };
}

/** Says nothing for a while; what it says afterwards is as new as ever. */
export function silentWhile(isSilent: () => boolean, topic: Topic): Topic {
  const unless = (frames: readonly string[]): readonly string[] => (isSilent() ? [] : frames);
  return {
    snapshot: (nowMs) => unless(topic.snapshot(nowMs)),
    frames: (nowMs, outputs) => unless(topic.frames(nowMs, outputs)),
    nextMs: topic.nextMs,
  };
}

/** A topic that is sent every `periodMs`, and at once after an output that concerns it. */
export function periodicTopic(
  periodMs: number,
  hastens: (output: VenueOutput) => boolean,
  toFrame: (nowMs: number) => string,
): Topic {
  let dueMs = -Infinity;
  return {
    snapshot: (nowMs) => {
      if (dueMs === -Infinity) dueMs = nowMs + periodMs;
      return [toFrame(nowMs)];
    },
    frames: (nowMs, outputs) => {
      if (nowMs < dueMs && !outputs.some(hastens)) return [];
      dueMs = nowMs + periodMs;
      return [toFrame(nowMs)];
    },
    nextMs: () => dueMs,
  };
}
