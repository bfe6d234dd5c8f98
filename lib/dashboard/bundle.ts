import { fileURLToPath } from "node:url";

type PageFile = { readonly body: string; readonly type: string; readonly etag: string };
/** By path below the mount point: "" is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#20303c"/><path d="M3 10h10M3 6h10" stroke="#5aa9ff" stroke-width="1.6"/><path d="M3 6h10" stroke="#f0a05a" stroke-width="1.6"/></svg>`;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta name="robots" content="noindex">
<title>AMM-500</title>
<link rel="icon" href="assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="assets/page.css">
<script type="module" src="assets/main.js"></script>
</head>
<body><div id="app"><noscript>This page needs JavaScript. The same numbers: bun run status</noscript></div></body>
</html>
`;

function file(body: string, type: string): PageFile {
  return { body, type: `${type}; charset=utf-8`, etag: `"${Bun.hash(body).toString(36)}"` };
}

/**
 * Bundles the page in memory: nothing is written, nothing is fetched, so that it works without a network.
 * @throws AggregateError when the page does not build.
 */
export async function bundlePage(): Promise<PageFiles> {
  const entries = [
    new URL("./page/main.tsx", import.meta.url),
    new URL("./page/page.css", import.meta.url),
  ];
  const built = await Bun.build({
    entrypoints: entries.map((entry) => fileURLToPath(entry)),
    target: "browser",
    format: "esm",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const files = new Map<string, PageFile>([
    ["", file(HTML, "text/html")],
    ["assets/icon.svg", file(ICON, "image/svg+xml")],
  ]);
  for (const output of built.outputs) {
    const text = await output.text();
    if (output.loader === "css" || output.path.endsWith(".css"))
      files.set("assets/page.css", file(text, "text/css"));
    else files.set("assets/main.js", file(text, "text/javascript"));
  }
  return files;
}
