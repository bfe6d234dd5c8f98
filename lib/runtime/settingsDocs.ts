import { SETTINGS } from "./settings.ts";
import type { Setting } from "./settingTypes.ts";
import { formatUsd } from "../units/decimal.ts";

const HEAD = `# Settings

Given in the environment, or in a file \`.env\` at the root. A bad value, or a name in \`.env\` that nothing reads, stops
the start with the reason. This page is made from the schema in \`lib/runtime/settings.ts\`.

| name | default | allowed | meaning |
| --- | --- | --- | --- |
`;

/** Text of \`docs/SETTINGS.md\`. */
export function settingsMarkdown(): string {
  const rows = Object.entries<Setting>(SETTINGS).map(([name, setting]) => {
    const alias = setting.alias === undefined ? "" : ` (older name \`${setting.alias}\`)`;
    const cells = [
      `\`${name}\`${alias}`,
      fallbackText(name, setting),
      setting.allowed,
      setting.about,
    ];
    return `| ${cells.join(" | ")} |\n`;
  });
  return HEAD + rows.join("");
}

function fallbackText(name: string, { fallback }: Setting): string {
  if (fallback === null) return "unset";
  if (name === "COLLATERAL") return `\`${formatUsd(SETTINGS.COLLATERAL.fallback)}\``;
  return `\`${String(fallback)}\``;
}
