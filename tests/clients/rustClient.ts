import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reason, run } from "./client.ts";
import type { Client } from "./client.ts";

const VERSION = "0.6.0";
/** Some four hundred crates take minutes: what was built is kept for the next time. */
const TARGET = join(tmpdir(), "hyperliquid-rust-sdk-target");
const BUILD_LIMIT_MS = 900_000;

const CARGO = `[package]
name = "session"
version = "0.0.0"
edition = "2021"

[[bin]]
name = "session"
path = "main.rs"

[dependencies]
hyperliquid_rust_sdk = "=${VERSION}"
ethers = "2.0.14"
uuid = { version = "1.6.1", features = ["v4"] }
reqwest = { version = "0.11.18", features = ["json"] }
tokio = { version = "1", features = ["full"] }
serde_json = "1"

[profile.dev]
debug = 0
`;

/** The official Rust SDK from crates.io. It knows one local address only: port 3001. */
export const rustClient: Client = {
  name: "rust",
  port: 3001,
  limitMs: 180_000,
  install: async (folder) => {
    mkdirSync(TARGET, { recursive: true });
    writeFileSync(join(folder, "Cargo.toml"), CARGO);
    copyFileSync(join(import.meta.dir, "rust/main.rs"), join(folder, "main.rs"));
    const build = ["nice", "cargo", "build", "--quiet", "--target-dir", TARGET];
    const built = await run(build, folder, BUILD_LIMIT_MS);
    if (built.code !== 0) return reason("cargo build", built);
    return { version: `hyperliquid_rust_sdk ${VERSION}` };
  },
  command: () => [join(TARGET, "debug/session")],
};
