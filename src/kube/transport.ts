// HTTP to one API server with its own TLS identity, on Bun's fetch. docs/adr/0006-own-kubernetes-client.md.

import { directSession } from "../std/direct-fetch.ts";
import { describeFailure } from "../std/connection-failure.ts";
import { errorFromAnswer, KubeConnectionError } from "./errors.ts";
import { retryDelay } from "./retry.ts";
import { sleep } from "../std/wait.ts";
import { isSameTrust, type TrustBundle } from "../std/trust-bundle.ts";

export interface Credentials {
  /** Left out, the host's own trust store decides. */
  readonly ca?: TrustBundle | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  /** Name to expect in the server's certificate when it is not the host of `server`. */
  readonly serverName?: string | undefined;
  /** Only for kubeconfigs that say `insecure-skip-tls-verify`. */
  readonly insecure?: boolean | undefined;
}

export interface TransportRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** Path with query, beginning with `/`. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the whole answer; `false` for streams. Default 30 s. */
  readonly timeoutMs?: number | false | undefined;
  /** Further tries after 429, 503 and, for methods that can be repeated, lost connections. Default 4. */
  readonly retries?: number | undefined;
  /** Asked right before each try is sent; what it throws ends the request. */
  readonly permit?: (() => void) | undefined;
}

export interface Transport {
  readonly server: string;
  /** Resolves with a 2xx answer, else throws KubeError or KubeConnectionError. */
  send(request: TransportRequest): Promise<Response>;
  /** Like `send`, and reads the body. */
  sendJson(request: TransportRequest): Promise<unknown>;
}

/** How requests go to one server under one identity; kept and reused. */
export interface Connections {
  fetch(url: string, init: ConnectionRequest): Promise<Response>;
  close(): void;
}

interface ConnectionRequest {
  readonly method: NonNullable<TransportRequest["method"]>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | null;
}

export interface TransportOptions {
  /** `https://host:port`, without a path. */
  readonly server: string;
  /** Asked before each request, so that renewed certificates are picked up. */
  readonly credentials: () => Credentials | Promise<Credentials>;
  readonly userAgent?: string | undefined;
  /** Default: those of `fetch`. */
  readonly connect?: ((server: string, credentials: Credentials) => Connections) | undefined;
}

const defaultTimeoutMs = 30_000;
const defaultRetries = 4;
/** Seconds; below the API server's own limit, so that we never write into a connection that it is closing. */
const idleConnectionLifetime = 60;

export function createTransport(options: TransportOptions): Transport {
  const server = options.server.replace(/\/+$/, "");
  const userAgent = options.userAgent ?? "k0s";
  const connect = options.connect ?? fetchConnections;
  let current: { readonly credentials: Credentials; readonly connections: Connections } | undefined;

  /** Opened again when a certificate or token is another one, not when it was only read again. */
  const connected = async (): Promise<NonNullable<typeof current>> => {
    const credentials = await options.credentials();
    if (current !== undefined && sameCredentials(current.credentials, credentials)) return current;
    current?.connections.close();
    current = { credentials, connections: connect(server, credentials) };
    return current;
  };

  const transport: Transport = {
    server,
    async sendJson(request) {
      const answer = await transport.send(request);
      return await answered(describe(request), request.signal, () => answer.json());
    },
    async send(request) {
      const retries = request.retries ?? defaultRetries;
      for (let attempt = 0; ; attempt++) {
        request.signal?.throwIfAborted();
        const { credentials, connections } = await connected();
        request.permit?.();
        try {
          return await sendOnce(connections, server, request, headersOf(request, credentials, userAgent));
        } catch (err) {
          const delay = attempt < retries ? retryDelay(err, request.method ?? "GET", attempt) : undefined;
          if (delay === undefined) throw err;
          await sleep(delay, request.signal);
        }
      }
    },
  };
  return transport;
}

/** Without the query: it may be long, and a selector does not belong in a log. */
function describe(request: TransportRequest): string {
  return `${request.method ?? "GET"} ${request.path.split("?", 1)[0] ?? request.path}`;
}

async function sendOnce(
  connections: Connections,
  server: string,
  request: TransportRequest,
  headers: Record<string, string>,
): Promise<Response> {
  const what = describe(request);
  const answer = await answered(what, request.signal, () =>
    connections.fetch(server + request.path, {
      method: request.method ?? "GET",
      headers,
      body: request.body ?? null,
      signal: signalOf(request),
    }),
  );
  if (answer.ok) return answer;
  const body = await answered(what, request.signal, () => answer.text());
  throw errorFromAnswer(what, answer.status, body, answer.headers.get("retry-after"));
}

/** A caller's abort stays what it is; everything else, our own time-out too, means that no answer came. */
async function answered<T>(what: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (err) {
    signal?.throwIfAborted();
    throw new KubeConnectionError(`${what}: ${describeFailure(err)}`, err);
  }
}

function headersOf(
  request: TransportRequest,
  credentials: Credentials,
  userAgent: string,
): Record<string, string> {
  return {
    accept: request.accept ?? "application/json",
    "user-agent": userAgent,
    ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
    ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
  };
}

function signalOf(request: TransportRequest): AbortSignal | null {
  if (request.timeoutMs === false) return request.signal ?? null;
  const timeout = AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs);
  return request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
}

/** Connections of a session are kept and reused, and never shared with another identity. */
export function fetchConnections(_server: string, credentials: Credentials): Connections {
  const session = directSession({
    tls: tlsOf(credentials),
    keepAlive: { idleTimeout: idleConnectionLifetime },
  });
  return {
    // Bun ends quiet answers after some minutes otherwise; our own time-out is in the signal.
    fetch: (url, init) => session.fetch(url, { ...init, redirect: "manual", timeout: false }),
    close: () => session.close(),
  };
}

function sameCredentials(a: Credentials, b: Credentials): boolean {
  if (a === b) return true;
  const others = ["cert", "key", "token", "serverName", "insecure"] as const;
  return sameTrust(a.ca, b.ca) && others.every((name) => a[name] === b[name]);
}

function sameTrust(a: Credentials["ca"], b: Credentials["ca"]): boolean {
  return a === undefined || b === undefined ? a === b : isSameTrust(a, b);
}

function tlsOf(credentials: Credentials): BunFetchRequestInitTLS {
  return {
    ...(credentials.ca === undefined ? {} : { ca: credentials.ca.pem }),
    ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
    ...(credentials.key === undefined ? {} : { key: credentials.key }),
    ...(credentials.serverName === undefined ? {} : { serverName: credentials.serverName }),
    ...(credentials.insecure === true ? { rejectUnauthorized: false } : {}),
  };
}
