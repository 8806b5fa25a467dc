// Why a server turned a token away, in words: a token of another cluster, an expired one, one that was withdrawn.

import { UserError } from "../std/errors.ts";
import type { JoinToken } from "./join-token.ts";

/** What TLS says when the server's certificate was not signed by the CA in the token. */
const foreignAuthority = new Set([
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The error for a TLS failure that the token explains; undefined for anything else. */
export function wrongClusterError(err: unknown, token: Pick<JoinToken, "server">): UserError | undefined {
  const code = tlsCode(err);
  if (code === "CERT_NOT_YET_VALID" || code === "CERT_HAS_EXPIRED") {
    const what = code === "CERT_NOT_YET_VALID" ? "is not valid yet" : "has expired";
    return new UserError(`the certificate of ${token.server} ${what}, says this host's clock`, {
      code: "clock",
      hint: `It is ${new Date().toISOString()} here. Set the clock of this host or of the controller right.`,
      cause: err,
    });
  }
  if (code === undefined || !foreignAuthority.has(code)) return undefined;
  return new UserError(`the join token belongs to another cluster than ${token.server}`, {
    code: "token-cluster",
    hint: "The certificate that answered there is not signed by the CA in the token. Make a new token on a controller of the cluster to join.",
    cause: err,
  });
}

/** For an answer that says 401. `reason` is what the server said beyond that, if it is ours. */
export function refusedTokenError(token: JoinToken, reason = "", now = new Date()): UserError {
  const expired = reason === "expired" || (token.expires !== undefined && token.expires <= now);
  const hint = `Make a new one: k0s token create --role ${token.role}`;
  if (!expired) {
    return new UserError(`${token.server} does not accept the join token`, {
      code: "token-refused",
      hint: `It was invalidated, has expired, or never belonged to this cluster. ${hint}`,
    });
  }
  const since = token.expires === undefined ? "" : ` since ${token.expires.toISOString()}`;
  return new UserError(`the join token has expired${since}`, { code: "token-expired", hint });
}

/** The code of a TLS failure, wherever in the chain of causes it is. */
function tlsCode(err: unknown): string | undefined {
  for (let at: unknown = err; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && isTlsCode(at.code)) return at.code;
  }
  return undefined;
}

function isTlsCode(code: string): boolean {
  return foreignAuthority.has(code) || code === "CERT_NOT_YET_VALID" || code === "CERT_HAS_EXPIRED";
}
