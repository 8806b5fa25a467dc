// Which token is meant by an id, an id with its secret, or a whole join token.

import { UserError } from "../std/errors.ts";
import { decodeJoinToken } from "./join-token.ts";

/** The id. Throws a `UserError` that never repeats the text: it may be a secret. */
export async function tokenId(given: string): Promise<string> {
  const text = given.trim();
  const [, id] = /^([a-z0-9]{6})(\.[a-z0-9]{16})?$/.exec(text) ?? [];
  if (id !== undefined) return id;
  // What every join token begins with: gzip in base64.
  if (text.startsWith("H4sI")) return (await decodeJoinToken(text)).token.slice(0, 6);
  throw new UserError(`an argument of ${text.length} characters is no token`, {
    code: "bad-token-id",
    hint: "Give what `k0s token list` shows as ID, six letters and digits, or a whole join token.",
  });
}
