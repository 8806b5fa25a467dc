// Why a server refused a token: it is one of another cluster, has expired, or was withdrawn.

import { connectionFailure } from "../std/connection-failure.ts";
import { UserError } from "../std/errors.ts";
import type { JoinToken } from "./join-token.ts";

/** The error for a TLS failure that the token explains; undefined for anything else. */
export function wrongClusterError(err: unknown, token: Pick<JoinToken, "server">): UserError | undefined {
  const failure = connectionFailure(err);
  if (failure === "not valid yet" || failure === "expired") {
    const what = failure === "expired" ? "has expired" : "is not valid yet";
    return new UserError(`the certificate of ${token.server} ${what}, says this host's clock`, {
      code: "clock",
      hint: `It is ${new Date().toISOString()} here. Set the clock of this host or of the controller right.`,
      cause: err,
    });
  }
  if (failure !== "foreign authority") return undefined;
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
