import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { completionCommand } from "../../lib/cli/completion.ts";
import { helpText, oneOf, parseArguments } from "../../lib/cli/command.ts";
import { simulateCommand } from "../../lib/cli/simulate.ts";
import { COMMANDS } from "../../lib/cli/commands.ts";
import manifest from "../../package.json";
import { cliRun } from "../support/cliRun.ts";

describe("every command", () => {
  test.each(Object.keys(COMMANDS))("%s has help for itself and each flag", async (name) => {
    const def = await COMMANDS[name]?.();
    if (def === undefined) throw new Error(`${name} is no command`);
    expect(def.name).toBe(name);
    expect(def.summary.length).toBeGreaterThan(10);
    expect(parseArguments(def, ["--help"])).toEqual({ help: true });
    for (const [flag, schema] of Object.entries(def.flags.shape)) {
      expect(schema.description ?? `--${flag} lacks words`).not.toContain("lacks words");
      expect(helpText(def)).toContain(`--${flag}`);
    }
    expect(() => parseArguments(def, ["--no-such-flag"])).toThrow("unknown flag --no-such-flag");
  });

  test("a word that is not allowed is named, with those that are", () => {
    const flags = z.object({ side: oneOf("bid", "ask").optional() });
    const def = { ...completionCommand, flags };
    expect(() => parseArguments(def, ["--side", "left"])).toThrow(
      '--side: "left" is not allowed; bid or ask',
    );
  });

  test("so is a scenario that there is not", async () => {
    const { code, failure } = await cliRun(simulateCommand, ["--scenario", "stormy"]);
    expect(code).toBe(2);
    expect(failure).toContain('--scenario: "stormy" is not allowed; week, us-session, calm, ');
    expect(failure).toContain("flat or informed");
  });

  test("can be started by its name", () => {
    const scripts: Readonly<Record<string, string>> = manifest.scripts;
    for (const name of Object.keys(COMMANDS))
      expect(scripts[name]).toEndWith(`bun lib/cli/main.ts ${name}`);
  });
});

describe("completion", () => {
  const words = async (line: readonly string[]): Promise<string> => {
    const { out } = await cliRun(completionCommand, ["bash"]);
    const ask = `${out}\nCOMP_WORDS=(${line.map((word) => `"${word}"`).join(" ")})
COMP_CWORD=${line.length - 1}; _amm500; echo "\${COMPREPLY[*]}"`;
    const { stdout, stderr } = Bun.spawnSync(["bash", "-c", ask]);
    expect(stderr.toString()).toBe("");
    return stdout.toString().trim();
  };

  test("knows commands, flags and words", async () => {
    expect(await words(["amm500", "red"])).toBe("reduce-only");
    expect(await words(["amm500", "reduce-only", "o"])).toBe("on off");
    expect(await words(["amm500", "flatten", "--sl"])).toBe("--slippage");
    expect((await words(["amm500", "report", "--"])).split(" ")).toContain("--html");
  });

  test("knows what a flag allows, and leaves files to the shell", async () => {
    expect(await words(["amm500", "why", "--side", ""])).toBe("bid ask");
    expect(await words(["amm500", "live", "--network", "t"])).toBe("testnet");
    expect(await words(["amm500", "retrain", "--source", ""])).toBe("chain file");
    expect(await words(["amm500", "tape", "i"])).toBe("import info");
    expect(await words(["amm500", "alerts", "t"])).toBe("test");
    expect(await words(["amm500", "restore", "/tm"])).toBe("");
    const { out } = await cliRun(completionCommand, ["bash"]);
    expect(out).toContain("complete -o default -F _amm500 amm500");
  });

  test("exists for zsh, and for nothing else", async () => {
    const { out } = await cliRun(completionCommand, ["zsh"]);
    expect(out).toContain("compdef _amm500 amm500");
    expect(out).toContain("'1:word:(on off)'");
    expect(out).toContain("'--side=[with --at\\: bid or ask]:value:(bid ask)'");
    const fish = await cliRun(completionCommand, ["fish"]);
    expect([fish.code, fish.failure]).toEqual([
      2,
      'completion takes one word, bash or zsh, got "fish"',
    ]);
  });
});
