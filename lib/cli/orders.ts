import { defineCommand } from "./command.ts";
import { findStatus } from "./findBot.ts";
import { statusFlags } from "./status.ts";
import { ordersText } from "./statusText.ts";

/** What rests on the exchange for us, best first, with its place in the queue. */
export const ordersCommand = defineCommand({
  name: "orders",
  summary: "Our working orders with their place in the queue.",
  operands: "",
  flags: statusFlags,
  run: async (flags, _operands, io) => {
    const status = await findStatus(flags.data, io);
    const { running, spec, atMs, orders } = status;
    io.out(flags.json ? JSON.stringify({ running, spec, atMs, orders }) : ordersText(status));
    return 0;
  },
});
