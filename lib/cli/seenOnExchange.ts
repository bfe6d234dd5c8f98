import { InfoClient } from "../hyperliquid/infoClient.ts";
import { patientTransport } from "../hyperliquid/patientTransport.ts";
import { realClock } from "../runtime/clock.ts";
import { formatUsd } from "../units/decimal.ts";
import { deskPlace } from "./deskPlace.ts";
import type { PlaceFlags } from "./deskPlace.ts";
import type { Io } from "./command.ts";
import { onDesk, transportTo } from "./operate.ts";

type SeenDex = {
  /** "" is the main one. */
  readonly dex: string;
  readonly equity: string;
  readonly withdrawable: string;
  readonly positions: readonly { readonly coin: string; readonly size: string }[];
  readonly orders: readonly {
    readonly coin: string;
    readonly side: "bid" | "ask";
    readonly px: string;
    readonly size: string;
    readonly oid: number;
    readonly cloid: string | null;
  }[];
};

/** An account as the exchange shows it, dex by dex. */
export type Seen = {
  readonly exchange: string;
  readonly account: string;
  readonly dexes: readonly SeenDex[];
};

/** Asks the exchange for what an account holds and what rests. Needs no key, no bot and no database. */
export async function seenOnExchange(flags: PlaceFlags, io: Io): Promise<Seen> {
  const { url, account } = await deskPlace(flags, io);
  // A bot beside it, or one that has just crashed, shares the budget of requests.
  const transport = transportTo(url);
  const info = new InfoClient(
    patientTransport({ transport, clock: realClock(), onWait: (text) => io.err(text) }),
  );
  return onDesk(async () => {
    const names = (await info.perpDexs()).map((dex, index) =>
      index === 0 ? "" : (dex?.name ?? ""),
    );
    const dexes: SeenDex[] = [];
    for (const dex of new Set(names)) {
      const { equityMicroUsd, withdrawableMicroUsd, positions } = await info.dexAccount(
        account,
        dex,
      );
      const orders = await info.openOrders(account, dex);
      if (equityMicroUsd === 0 && positions.length + orders.length === 0) continue;
      dexes.push({
        dex,
        equity: formatUsd(equityMicroUsd),
        withdrawable: formatUsd(withdrawableMicroUsd),
        positions: positions.map(({ coin, szi }) => ({ coin, size: szi })),
        orders: orders.map(({ coin, side, limitPx, sz, oid, cloid }) => ({
          coin,
          side,
          px: limitPx,
          size: sz,
          oid,
          cloid,
        })),
      });
    }
    return { exchange: url, account, dexes };
  });
}

export function seenText({ exchange, account, dexes }: Seen): string {
  const lines = dexes.flatMap(({ dex, equity, withdrawable, positions, orders }) => [
    `${dex === "" ? "main dex" : `dex ${dex}`}: ${equity}, ${withdrawable} withdrawable`,
    ...positions.map(({ coin, size }) => `  position ${size} ${coin}`),
    ...orders.map(
      ({ coin, side, px, size, oid }) => `  ${side} ${size} ${coin} at ${px}, order ${oid}`,
    ),
  ]);
  const nothing = "nothing: no collateral, no positions, no orders";
  return [`${account} on ${exchange}`, ...(lines.length === 0 ? [nothing] : lines)].join("\n");
}
