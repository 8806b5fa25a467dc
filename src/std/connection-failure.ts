// Why a connection could not be made or broke, in words. Of what fetch, sockets and TLS throw, only the code is used: the
// texts of the runtime ask questions ("Is the computer able to access the url?").

import { errno, errorMessage, UserError } from "./errors.ts";

export interface Contact {
  /** Who was to be reached, where the words do not say it. */
  readonly host?: string;
  /** How long an answer was waited for, e.g. `5s`. */
  readonly within?: string;
}

interface Kind {
  readonly codes: readonly string[];
  readonly words: (contact: Contact, code: string) => string;
}

const kinds = {
  refused: { codes: ["ECONNREFUSED", "ConnectionRefused"], words: () => "connection refused" },
  closed: {
    codes: ["ECONNRESET", "ConnectionClosed", "EPIPE", "ECONNABORTED"],
    words: () => "the connection was closed",
  },
  silent: {
    codes: ["ETIMEDOUT"],
    words: ({ within }) => (within === undefined ? "no answer in time" : `no answer within ${within}`),
  },
  "no route": { codes: ["EHOSTUNREACH", "ENETUNREACH"], words: () => "no route to that host" },
  "no such name": {
    codes: ["ENOTFOUND", "EAI_AGAIN", "DNS_ENOTFOUND"],
    words: ({ host }) => `the name ${host === undefined ? "" : `${host} `}does not resolve`,
  },
  "no TLS": { codes: ["EPROTO"], words: () => "what answers there is no TLS server" },
  "other name": {
    codes: ["ERR_TLS_CERT_ALTNAME_INVALID"],
    words: ({ host = "the name it was asked by" }) => `its certificate is not for ${host}`,
  },
  "foreign authority": {
    codes: [
      "CERT_SIGNATURE_FAILURE",
      "CERT_UNTRUSTED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ],
    words: () => "its certificate is signed by an authority that is not trusted here",
  },
  "not valid yet": {
    codes: ["CERT_NOT_YET_VALID"],
    words: () => "its certificate is not valid yet, says this host's clock",
  },
  expired: {
    codes: ["CERT_HAS_EXPIRED"],
    words: () => "its certificate has expired, says this host's clock",
  },
  // What the kernel says beyond that; with the name of an errno, such a TypeError can only be of fetch.
  other: { codes: [], words: (_, code) => `the connection failed (${code})` },
} satisfies Record<string, Kind>;

export type ConnectionFailure = keyof typeof kinds;

const failures = new Map(
  (Object.keys(kinds) as ConnectionFailure[]).flatMap((failure) =>
    kinds[failure].codes.map((code): [string, ConnectionFailure] => [code, failure]),
  ),
);

/** What failed, wherever in the chain of causes it says so; undefined for anything but a connection, e.g. a bug in k0s. */
export function connectionFailure(err: unknown): ConnectionFailure | undefined {
  return found(err)?.failure;
}

/** The failure as the end of a sentence: `cannot reach X: …`; undefined for anything but a connection. */
export function describeConnectionFailure(err: unknown, contact: Contact = {}): string | undefined {
  const known = found(err);
  return known === undefined ? undefined : kinds[known.failure].words(contact, known.code);
}

/** Like describeConnectionFailure; an error that is not a failed connection has its own text. */
export function describeFailure(err: unknown, contact: Contact = {}): string {
  return describeConnectionFailure(err, contact) ?? errorMessage(err);
}

function found(err: unknown): { readonly failure: ConnectionFailure; readonly code: string } | undefined {
  // A UserError has said in its own words what its cause means.
  for (let at = err; at instanceof Error && !(at instanceof UserError); at = at.cause) {
    const code = errno(at) ?? "";
    const failure = at.name === "TimeoutError" ? "silent" : failures.get(code);
    if (failure !== undefined) return { failure, code };
    if (at instanceof TypeError && /^E[A-Z0-9]+$/.test(code)) return { failure: "other", code };
  }
  return undefined;
}
