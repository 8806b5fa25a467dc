// Connections apart from those of `fetch`, which shares 256 requests at a time among everything in this process. They are
// for what must not wait behind bulk work, such as the renewal of a lease. docs/adr/0051.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { Connections, Credentials } from "./transport.ts";

/** Two: a request that hangs on a connection which is dead must not hold the next one up. */
const mostConnections = 2;

export function ownConnections(server: string, credentials: Credentials): Connections {
  const { protocol } = new URL(server);
  const keep = { keepAlive: true, maxSockets: mostConnections } as const;
  const agent = protocol === "https:" ? new Agent({ ...keep, ...tlsOf(credentials) }) : new HttpAgent(keep);
  const send = protocol === "https:" ? httpsRequest : httpRequest;
  return {
    fetch: (url, init) =>
      new Promise((resolve, reject) => {
        const { method, headers, body, signal } = init;
        const length = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
        const options = {
          method,
          headers: { ...headers, ...length },
          agent,
          ...(signal === null ? {} : { signal }),
        };
        const request = send(url, options, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.once("error", reject);
          answer.once("end", () => resolve(toResponse(answer.statusCode ?? 0, answer.headers, chunks)));
        });
        request.once("error", reject);
        request.end(body ?? undefined);
      }),
    close: () => agent.destroy(),
  };
}

function toResponse(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  chunks: readonly Buffer[],
): Response {
  const retryAfter = headers["retry-after"];
  return new Response(Buffer.concat(chunks), {
    status,
    headers: typeof retryAfter === "string" ? { "retry-after": retryAfter } : {},
  });
}

function tlsOf({ ca, cert, key, serverName, insecure }: Credentials) {
  return {
    ...(ca === undefined ? {} : { ca: ca.pem }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
}
