// How endpoints are asked: an API server says itself how it is; anything else only has to take connections.

import { connect } from "node:net";
import { KubeError } from "../kube/errors.ts";
import { createTransport, type Credentials, type Transport } from "../kube/transport.ts";
import type { EndpointChecks } from "./endpoint-health.ts";
import { splitHostPort } from "../std/ip.ts";

type Probe = (address: string, signal: AbortSignal) => Promise<void>;

/** Of API servers, which say themselves whether they are ready. */
export function apiServerChecks(credentials: () => Promise<Credentials>): EndpointChecks {
  return { probe: apiServerProbe(credentials), reach };
}

/** Asks `/readyz` with the node's credentials, on a connection that stays: a frozen server does not answer on it. */
function apiServerProbe(credentials: () => Promise<Credentials>): Probe {
  const transports = new Map<string, Transport>();
  return async (address, signal) => {
    const transport =
      transports.get(address) ?? createTransport({ server: `https://${address}`, credentials });
    transports.set(address, transport);
    try {
      const answer = await transport.send({ path: "/readyz", retries: 0, signal });
      await answer.body?.cancel();
    } catch (err) {
      // An endpoint that refuses the question is alive.
      if (err instanceof KubeError && err.status < 500) return;
      throw err;
    }
  };
}

const reach: Probe = (address, signal) => {
  const { hostname, port } = splitHostPort(address);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: hostname, port });
  const onAbort = (): void => reject(new Error("no answer"));
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("connect", () => resolve());
  socket.once("error", reject);
  return promise.finally(() => {
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  });
};

/** Of anything else: it is well while it takes connections. */
export const tcpChecks: EndpointChecks = { probe: reach, reach };
