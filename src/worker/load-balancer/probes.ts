// Whether an endpoint is well: an API server says so itself, of anything else it is enough that it accepts connections.

import { connect } from "node:net";
import { KubeError } from "../../kube/errors.ts";
import { createTransport, type Credentials, type Transport } from "../../kube/transport.ts";

export type Probe = (address: string, signal: AbortSignal) => Promise<void>;

/** Asks `/readyz` with the node's credentials, on a connection that stays: a frozen server does not answer on it. */
export function apiServerProbe(credentials: () => Promise<Credentials>): Probe {
  const transports = new Map<string, Transport>();
  return async (address, signal) => {
    const transport =
      transports.get(address) ?? createTransport({ server: `https://${address}`, credentials });
    transports.set(address, transport);
    try {
      const answer = await transport.send({ path: "/readyz", retries: 0, signal });
      await answer.body?.cancel();
    } catch (err) {
      // Whoever refuses the question is alive.
      if (err instanceof KubeError && err.status < 500) return;
      throw err;
    }
  };
}

export const tcpProbe: Probe = (address, signal) => {
  const { hostname, port } = new URL(`tcp://${address}`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) });
  const onAbort = (): void => reject(new Error("no answer"));
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("connect", () => resolve());
  socket.once("error", reject);
  return promise.finally(() => {
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  });
};
