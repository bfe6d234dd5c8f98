/** An exchange of its own process that answers every batch after a delay: `bun stubServer.ts <delayMs>`. */
const delayMs = Number(process.argv[2] ?? "0");

type Action = { readonly orders?: readonly { readonly c?: string }[] };

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  development: false,
  fetch: async (request) => {
    const receivedMs = performance.now();
    const { action } = (await request.json()) as { readonly action: Action };
    const statuses = (action.orders ?? []).map((order, index) => ({
      resting: { oid: index, cloid: order.c },
    }));
    const left = delayMs - (performance.now() - receivedMs);
    if (left > 0) await Bun.sleep(left);
    return Response.json({ status: "ok", response: { type: "order", data: { statuses } } });
  },
});
process.stdout.write(`${server.port}\n`);
