import type { Gateway } from "./gateway.ts";

/**
 * What a network, or a transport in the same process, needs of an exchange: the gateway itself, or one with faults in
 * front of it. A reply with status `CUT` is no answer at all: the connection breaks.
 */
export type Front = Pick<
  Gateway,
  "ask" | "exchange" | "local" | "openSession" | "nowMs" | "nextWorkMs" | "advanceTo"
>;

/** Instead of an HTTP status: the request has no answer, its connection is cut. */
export const CUT = 0;
