import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ccxtClient } from "./ccxtClient.ts";
import { checksOf, run } from "./client.ts";
import type { Check, Client } from "./client.ts";
import { nktkasClient } from "./nktkasClient.ts";
import { pythonClient } from "./pythonClient.ts";
import { rustClient } from "./rustClient.ts";

/*
 * Clients that nobody here wrote, as published, against the local exchange. Each is installed into a temporary folder
 * that is removed afterwards; where a registry is out of reach, or a tool is missing, the client is skipped with the reason.
 */

const CLIENTS: readonly Client[] = [pythonClient, nktkasClient, ccxtClient, rustClient];
const root = join(import.meta.dir, "../..");

type Report = {
  readonly client: string;
  readonly version: string | null;
  readonly skipped: string | null;
  readonly checks: readonly Check[];
};

/** The exchange as users start it; without budgets, because a session asks for more in a minute than an IP may. */
async function startExchange(port: number) {
  const child = Bun.spawn(
    [
      "bun",
      join(root, "lib/cli/main.ts"),
      "exchange",
      "--port",
      String(port),
      "--seed",
      "7",
      "--no-limits",
      "--json",
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  if (value === undefined) throw new Error(await new Response(child.stderr).text());
  const { url } = JSON.parse(new TextDecoder().decode(value)) as { readonly url: string };
  const stop = async () => {
    child.kill();
    await child.exited;
  };
  return { url, stop };
}

async function examine(client: Client): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), `client-${client.name}-`));
  try {
    const installed = await client.install(folder);
    if ("missing" in installed)
      return { client: client.name, version: null, skipped: installed.missing, checks: [] };
    const exchange = await startExchange(client.port ?? 0);
    try {
      const ran = await run(client.command(folder, exchange.url), folder, client.limitMs);
      const checks = checksOf(ran);
      return { client: client.name, version: installed.version, skipped: null, checks };
    } finally {
      await exchange.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print({ client, version, skipped, checks }: Report): void {
  console.log(`${client}   ${version ?? "skipped"}`);
  if (skipped !== null) console.log(`  ${skipped}`);
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  for (const { name, outcome, detail } of checks)
    console.log(`  ${outcome.padEnd(7)}  ${name.padEnd(width)}  ${detail.slice(0, 240)}`.trimEnd());
  const passed = checks.filter(({ outcome }) => outcome === "passed").length;
  if (skipped === null) console.log(`  ${passed} of ${checks.length} passed`);
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(`bun run clients [--only ${CLIENTS.map(({ name }) => name).join("|")}] [--json]`);
  process.exit(0);
}
const chosen = CLIENTS.filter(({ name }) => values.only === undefined || values.only === name);
if (chosen.length === 0) {
  console.error(
    `--only "${values.only}" is no client; allowed: ${CLIENTS.map(({ name }) => name).join(" ")}`,
  );
  process.exit(2);
}
const reports: Report[] = [];
for (const client of chosen) {
  const report = await examine(client);
  reports.push(report);
  if (!values.json) print(report);
}
if (values.json) console.log(JSON.stringify({ clients: reports }));
const failed = reports.some(({ checks }) => checks.some(({ outcome }) => outcome === "failed"));
process.exit(failed ? 1 : 0);
