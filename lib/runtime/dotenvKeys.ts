const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$/;

/** The names that a `.env` file gives a value, in its order. Quoted values may span lines. */
export function dotenvKeys(text: string): readonly string[] {
  const keys: string[] = [];
  let open: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (open !== null) {
      if (closes(line, open)) open = null;
      continue;
    }
    const match = ASSIGNMENT.exec(line);
    if (match === null) continue;
    const [, key = "", value = ""] = match;
    keys.push(key);
    const quote = value.charAt(0);
    if (`"'\``.includes(quote) && quote !== "" && !closes(value.slice(1), quote)) open = quote;
  }
  return keys;
}

function closes(text: string, quote: string): boolean {
  return text.replaceAll(`\\${quote}`, "").includes(quote);
}
