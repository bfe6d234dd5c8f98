import { composeGateway, SetupError } from "./compose.ts";
import type { FeedChoice } from "./compose.ts";
import { FaultDesk, serveFaultDesk } from "./faults/admin.ts";
import { FaultLayer } from "./faults/faultLayer.ts";
import { NO_FAULTS } from "./faults/plan.ts";
import type { FaultPlan } from "./faults/plan.ts";
import { serveGateway } from "./http.ts";
import type { RunningServer } from "./http.ts";
import { askUpstream, composeMirror, connectMirror } from "./mirror.ts";
import type { MirrorChoice } from "./mirror.ts";
import { venueClock } from "./venueClock.ts";
import { initSigning } from "../../hyperliquid/signing/signature.ts";
import { upstreamAt } from "../../marketdata/live/upstream.ts";
import type { Clock } from "../../units/time.ts";
import type { Gateway } from "./gateway.ts";
import type { VenueClock } from "./localDesk.ts";

/** Everything that a local exchange on a port is started with. Plain data: it crosses to the thread as JSON. */
export type ExchangeConfig = {
  readonly port: number;
  readonly hostname: string;
  readonly feed: FeedChoice | MirrorChoice;
  /** Venue seconds in a wall second. */
  readonly speed: number;
  readonly limits: boolean;
  /** What goes wrong; nothing when left out. */
  readonly faults?: FaultPlan;
  /** Port on loopback where faults are arranged while it runs; none when left out, 0 takes a free one. */
  readonly faultsPort?: number;
};

export type RunningExchange = RunningServer & {
  /** Venue time is this plus `speed` times the wall time since then. */
  readonly epochMs: number;
  /** Where faults are arranged; null without such a port. */
  readonly faultsUrl: string | null;
  /** Which markets live, and what feeds them. */
  readonly feeds: readonly { readonly coin: string; readonly description: string }[];
};

/**
 * Starts a local exchange in this thread; its time begins now.
 * @throws SetupError for a market or tape that does not exist, FaultPlanError for faults of such a market, ServeError when
 * the port cannot be had; for a mirror also TransportError, InfoError and WireError, when the other exchange does not
 * answer as one does
 */
export async function startExchange(config: ExchangeConfig): Promise<RunningExchange> {
  await initSigning();
  const begin = await preparation(config);
  const clock = { epochMs: Date.now(), speed: config.speed };
  const time = venueClock(clock);
  const { gateway, connect } = begin(clock, time);
  const isFaulty = config.faults !== undefined || config.faultsPort !== undefined;
  const layer = isFaulty ? new FaultLayer(gateway, config.faults ?? NO_FAULTS) : null;
  const server = serveGateway({
    front: layer ?? gateway,
    clock: time,
    port: config.port,
    hostname: config.hostname,
  });
  const feeds = gateway.venue
    .feeds()
    .map(({ coin, info }) => ({ coin, description: info.description }));
  const desk =
    layer === null || config.faultsPort === undefined
      ? null
      : serveFaultDesk(new FaultDesk(layer, gateway.venue), layer, time, config.faultsPort);
  const disconnect = connect(server.wake);
  const stop = async () => {
    disconnect();
    await desk?.stop();
    await server.stop();
  };
  return { ...server, stop, epochMs: clock.epochMs, faultsUrl: desk?.url ?? null, feeds };
}

type Begun = {
  readonly gateway: Gateway;
  /** Starts what comes in beside the wire, and gives back how to end it. */
  readonly connect: (wake: () => void) => () => void;
};

/** What has to be asked before the exchange's time begins. */
async function preparation({
  feed,
  limits,
  speed,
}: ExchangeConfig): Promise<(clock: VenueClock, time: Clock) => Begun> {
  if (feed.kind !== "mirror")
    return (clock) => ({
      gateway: composeGateway({ feed, limits, clock }),
      connect: () => () => undefined,
    });
  if (speed !== 1) throw new SetupError(`a mirror runs at speed 1, not at ${speed}`);
  const upstream = upstreamAt(feed.url);
  const listing = await askUpstream(upstream, feed.market);
  return (clock, time) => {
    const mirrored = composeMirror({ listing, upstream: feed.url, limits, clock });
    const connect = (onInput: () => void) => {
      const live = connectMirror({
        upstream,
        listing,
        feed: mirrored.feed,
        clock: time,
        random: Math.random,
        onInput,
      });
      return () => live.stop();
    };
    return { gateway: mirrored.gateway, connect };
  };
}
