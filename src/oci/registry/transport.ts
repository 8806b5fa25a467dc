// HTTP to registries, and to where they send us: through the environment's proxy, by the certificates that the host trusts,
// and with credentials for nobody but who asked for them.

import {
  type ConnectionFailure,
  connectionFailure,
  describeConnectionFailure,
} from "../../std/connection-failure.ts";
import { UserError } from "../../std/errors.ts";
import { RegistryTrouble } from "./trouble.ts";

export interface TransportOptions {
  /** Leave certificates unverified. */
  readonly skipVerification?: boolean;
  /** Plain HTTP to every registry; without it an answer that leads from HTTPS to HTTP is refused. */
  readonly plainHttp?: boolean;
  /** PEM; undefined: those that the runtime brings along. */
  readonly authorities?: readonly string[] | undefined;
}

export interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: "GET" | "HEAD" | "POST";
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Resolves with the answer to the last of the redirects; rejects with plain words for why there was none. */
export type Send = (url: string, request: Request) => Promise<Response>;

const mostRedirects = 10;
/** For the head of an answer; what follows is watched by who reads it. */
const patienceMs = 60_000;

export function createTransport(options: TransportOptions): Send {
  return async (url, request) => {
    let target = new URL(url);
    let headers = request.headers;
    for (let hop = 0; hop <= mostRedirects; hop += 1) {
      const response = await ask(target, { ...request, headers }, options);
      const location = response.headers.get("location");
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, target);
      if (next.protocol !== "https:" && (next.protocol !== "http:" || target.protocol === "https:"))
        throw new UserError(`${target.host} sends us to ${next.protocol}//${next.host}, which is not HTTPS`);
      // What is sent may be a token, and a redirect would have it sent again.
      if (next.origin !== target.origin && request.body !== undefined)
        throw new UserError(
          `${target.host} sends us to ${next.host}, which does not get what was meant for ${target.host}`,
          { code: "registry-token" },
        );
      // Storage behind a registry refuses a second kind of credentials, and has no business with them.
      if (next.origin !== target.origin) headers = withoutAuthorization(headers);
      target = next;
    }
    throw new UserError(
      `${new URL(url).host} sends us from one address to the next, more than ${mostRedirects} times`,
    );
  };
}

async function ask(url: URL, request: Request, options: TransportOptions): Promise<Response> {
  const silence = new AbortController();
  const timer = setTimeout(
    () => silence.abort(new DOMException(`no answer within ${patienceMs / 1000}s`, "TimeoutError")),
    patienceMs,
  );
  try {
    return await fetch(url.href, {
      method: request.method ?? "GET",
      // A digest is that of the bytes as they are stored.
      headers: { "accept-encoding": "identity", "user-agent": "k0s", ...request.headers },
      decompress: false,
      redirect: "manual",
      signal: AbortSignal.any([request.signal, silence.signal]),
      ...(request.body === undefined ? {} : { body: request.body }),
      tls: {
        rejectUnauthorized: options.skipVerification !== true,
        ...(options.authorities === undefined ? {} : { ca: [...options.authorities] }),
      },
    });
  } catch (err) {
    request.signal.throwIfAborted();
    const why = describeConnectionFailure(err, { host: url.hostname, within: `${patienceMs / 1000}s` });
    if (why === undefined) throw err;
    const message = `cannot reach ${url.host}: ${why}`;
    const hint = hints[connectionFailure(err) ?? "other"];
    if (hint !== undefined) throw new UserError(message, { code: "registry-tls", hint, cause: err });
    throw new RegistryTrouble(message, { cause: err });
  } finally {
    clearTimeout(timer);
  }
}

const foreign =
  "--certificate-authority names a file with its CA, as do SSL_CERT_FILE and SSL_CERT_DIR; --insecure-registries=skip-tls-verify trusts it unseen.";

/** What to do about failures that do not pass by themselves. */
const hints: Readonly<Partial<Record<ConnectionFailure, string>>> = {
  "no TLS": "A registry without TLS needs --insecure-registries=plain-http.",
  "foreign authority": foreign,
  "other name": foreign,
  expired: foreign,
  "not valid yet": foreign,
};

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
  );
}
