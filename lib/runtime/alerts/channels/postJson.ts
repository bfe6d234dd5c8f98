import { DeliveryError } from "./channel.ts";

const TIMEOUT_MS = 10_000;
const EXCERPT_MAX = 200;

type Post = {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Posts JSON and looks at the answer. A redirect is not followed: it would carry the message to somebody else.
 * @throws DeliveryError. 429 and 5xx may pass with time, other refusals do not.
 */
export async function postJson({ url, body, headers = {} }: Post): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "amm-500", ...headers },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new DeliveryError(`no answer (${reason})`, { permanent: false }, { cause });
  }
  const text = (await answer.text().catch(() => "")).slice(0, EXCERPT_MAX);
  if (answer.ok) return;
  const passing = answer.status === 429 || answer.status === 408 || answer.status >= 500;
  throw new DeliveryError(`HTTP ${answer.status}: ${text}`, {
    permanent: !passing,
    retryAfterMs: retryAfter(answer.headers.get("retry-after"), text),
  });
}

/** Seconds in the header, or as Telegram and Discord say it in the body. */
function retryAfter(header: string | null, text: string): number | null {
  const said = header ?? /"retry_after":\s*([\d.]+)/.exec(text)?.[1];
  const seconds = said === undefined || said === "" ? Number.NaN : Number(said);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1000) : null;
}
