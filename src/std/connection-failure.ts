// Why a connection could not be made or broke, in words. What fetch, sockets and TLS throw is told by its code alone: the texts
// of the runtime ask its user something ("Is the computer able to access the url?").

import { errno, errorMessage, UserError } from "./errors.ts";

export type ConnectionFailure =
  | "refused"
  | "closed"
  | "silent"
  | "no route"
  | "no such name"
  | "no TLS"
  /** The certificate is for other names. */
  | "other name"
  /** The certificate is signed by nobody who is trusted here. */
  | "foreign authority"
  | "not valid yet"
  | "expired"
  /** The kernel's reason, which has no words of its own here. */
  | "other";

const codes: Readonly<Record<Exclude<ConnectionFailure, "other">, readonly string[]>> = {
  refused: ["ECONNREFUSED", "ConnectionRefused"],
  closed: ["ECONNRESET", "ConnectionClosed", "EPIPE", "ECONNABORTED"],
  silent: ["ETIMEDOUT"],
  "no route": ["EHOSTUNREACH", "ENETUNREACH"],
  "no such name": ["ENOTFOUND", "EAI_AGAIN", "DNS_ENOTFOUND"],
  "no TLS": ["EPROTO"],
  "other name": ["ERR_TLS_CERT_ALTNAME_INVALID"],
  "foreign authority": [
    "CERT_SIGNATURE_FAILURE",
    "CERT_UNTRUSTED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ],
  "not valid yet": ["CERT_NOT_YET_VALID"],
  expired: ["CERT_HAS_EXPIRED"],
};

const failures: ReadonlyMap<string, ConnectionFailure> = new Map(
  Object.entries(codes).flatMap(([failure, of]) =>
    of.map((code): [string, ConnectionFailure] => [code, failure as ConnectionFailure]),
  ),
);

/** What failed, wherever in the chain of causes it says so; undefined for anything but a connection, e.g. a bug of ours. */
export function connectionFailure(err: unknown): ConnectionFailure | undefined {
  return found(err)?.failure;
}

export interface Contact {
  /** Who was to be reached, where the words would not tell. */
  readonly host?: string;
  /** How long an answer was waited for, e.g. `5s`. */
  readonly within?: string;
}

/** The failure as the end of a sentence: `cannot reach X: …`; undefined for anything but a connection. */
export function describeConnectionFailure(err: unknown, contact: Contact = {}): string | undefined {
  const known = found(err);
  return known === undefined ? undefined : words(known, contact);
}

/** Like describeConnectionFailure; an error that is no failed connection has its own text. */
export function describeFailure(err: unknown, contact: Contact = {}): string {
  return describeConnectionFailure(err, contact) ?? errorMessage(err);
}

interface Found {
  readonly failure: ConnectionFailure;
  readonly code: string;
}

function found(err: unknown): Found | undefined {
  // A UserError has said in its own words what its cause means.
  for (let at = err; at instanceof Error && !(at instanceof UserError); at = at.cause) {
    const code = errno(at) ?? "";
    const failure = at.name === "TimeoutError" ? "silent" : failures.get(code);
    if (failure !== undefined) return { failure, code };
    // With the name of an errno, such an error can only be of fetch.
    if (at instanceof TypeError && /^E[A-Z0-9]+$/.test(code)) return { failure: "other", code };
  }
  return undefined;
}

function words({ failure, code }: Found, { host, within }: Contact): string {
  switch (failure) {
    case "refused":
      return "connection refused";
    case "closed":
      return "the connection was closed";
    case "silent":
      return within === undefined ? "no answer in time" : `no answer within ${within}`;
    case "no route":
      return "no route to that host";
    case "no such name":
      return `the name ${host === undefined ? "" : `${host} `}does not resolve`;
    case "no TLS":
      return "what answers there is no TLS server";
    case "other name":
      return `its certificate is not for ${host ?? "the name it was asked by"}`;
    case "foreign authority":
      return "its certificate is signed by an authority that is not trusted here";
    case "not valid yet":
      return "its certificate is not valid yet, says this host's clock";
    case "expired":
      return "its certificate has expired, says this host's clock";
    case "other":
      return `the connection failed (${code})`;
  }
}
