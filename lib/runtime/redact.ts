/** Text with every secret in it replaced. */
export type Redact = (text: string) => string;

const HIDDEN = "[secret]";
/** Shorter ones would blot out ordinary words. */
const SECRET_CHARACTERS_MIN = 6;

/**
 * What looks like a secret, known or not: what services put into their addresses, credentials in an address, keys,
 * tokens and parts of signatures (32 bytes in hex, also with leading zeros left out).
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(\/bot)\d+:[\w-]+/g, `$1${HIDDEN}`],
  [/(\/services\/)[\w/-]+/g, `$1${HIDDEN}`],
  [/(\/webhooks\/)[\w/-]+/g, `$1${HIDDEN}`],
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/@"']+@/gi, `$1${HIDDEN}@`],
  [/\b(Bearer|Basic|PLAIN|LOGIN) +[\w+/=.-]{8,}/g, `$1 ${HIDDEN}`],
  [/(?:0x)?[0-9a-f]{60,}/gi, HIDDEN],
];

/** Forms in which a secret may turn up in somebody else's error. */
function formsOf(secret: string): readonly string[] {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  if (!URL.canParse(secret)) return forms;
  const { username, password, pathname, search } = new URL(secret);
  const parts = [username, password, pathname, search].flatMap((part) => [part, decoded(part)]);
  if (password === "") return [...forms, ...parts];
  const pair = `\0${decoded(username)}\0${decoded(password)}`;
  return [...forms, ...parts, Buffer.from(pair).toString("base64")];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param secrets those known; what merely looks like one is hidden as well */
export function redactor(secrets: readonly string[]): Redact {
  const known = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= SECRET_CHARACTERS_MIN)
    // The longest first: one may contain another.
    .toSorted((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of known) clean = clean.replaceAll(form, HIDDEN);
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return clean;
  };
}
