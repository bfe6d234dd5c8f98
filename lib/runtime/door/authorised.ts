import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import type { SignedBodies } from "./signedBody.ts";
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from "../webhookSignature.ts";

/**
 * Lets through who knows the token, or signed the request with the webhook's secret. The body must be bounded before.
 * @param signed null where no secret is set
 */
export function authorised(token: string, signed: SignedBodies | null) {
  const expected = digest(`Bearer ${token}`);
  return async (context: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const signature = context.req.header(SIGNATURE_HEADER);
    if (signed !== null && signature !== undefined) {
      const problem = signed.problem({
        method: context.req.method,
        path: context.req.path,
        timestamp: context.req.header(TIMESTAMP_HEADER) ?? "",
        signature,
        body: await context.req.text(),
      });
      if (problem !== null) return context.json({ error: problem }, 401);
    } else if (!timingSafeEqual(digest(context.req.header("authorization") ?? ""), expected)) {
      context.header("www-authenticate", "Bearer");
      return context.json({ error: "a valid bearer token is needed" }, 401);
    }
    await next();
    return undefined;
  };
}

/** Equal lengths, so that the comparison tells nothing about the token. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
