// The API servers of the control plane as one controller sees them: whether its own one and those of the others are ready, and
// whom it can ask while its own one is away.

import type { KubeClient } from "../../kube/client.ts";
import { kubeClientOn } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { kubeconfigCredentials } from "../../kube/kubeconfig-client.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import { ownConnections } from "../../kube/own-connections.ts";
import { createTransport } from "../../kube/transport.ts";
import { errorMessage } from "../../std/errors.ts";
import { activeControllers } from "../controller-leases/component.ts";

/** What leases need. */
export type LeaseClient = Pick<KubeClient, "find" | "create" | "update">;

export interface ApiServers {
  /** Why the API server of this controller is not ready; undefined: it is. */
  ownTrouble(signal: AbortSignal): Promise<string | undefined>;
  /** A reason for each of the other controllers with a living lease whose API server is not ready. */
  othersNotReady(signal: AbortSignal): Promise<readonly string[]>;
  /** The own one first; those of the others as they were seen last. */
  readonly leases: LeaseClient;
}

interface ApiServersOptions {
  readonly name: string;
  readonly leaseClient: () => Promise<KubeClient>;
  readonly paths: { readonly adminKubeconfig: string };
}

export function apiServers({ name, leaseClient, paths }: ApiServersOptions): ApiServers {
  const observer = createLeaseObserver();
  const credentials = kubeconfigCredentials(paths.adminKubeconfig);
  const others = new Map<string, KubeClient>();

  const clientOf = (apiAddress: string): KubeClient => {
    const server = `https://${apiAddress}`;
    const client =
      others.get(apiAddress) ??
      kubeClientOn(createTransport({ server, credentials, connect: ownConnections }));
    others.set(apiAddress, client);
    return client;
  };

  return {
    ownTrouble: async (signal) => {
      try {
        return await notReady(await leaseClient(), signal);
      } catch (err) {
        signal.throwIfAborted();
        return errorMessage(err);
      }
    },
    othersNotReady: async (signal) => {
      const active = await activeControllers(await leaseClient(), { observer, signal });
      const asked = active.filter((one) => one.name !== name && one.apiAddress !== "");
      const gone = new Set(others.keys()).difference(new Set(asked.map(({ apiAddress }) => apiAddress)));
      for (const address of gone) others.delete(address);
      const states = await Promise.all(
        asked.map(async (one) => {
          const trouble = await notReady(clientOf(one.apiAddress), signal);
          return trouble === undefined ? [] : [`${one.name} (${trouble})`];
        }),
      );
      return states.flat();
    },
    leases: firstThatAnswers(() => [leaseClient, ...[...others.values()].map((one) => async () => one)]),
  };
}

async function notReady(client: Pick<KubeClient, "raw">, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await client.raw("/readyz", { signal, timeoutMs: 5_000, retries: 0 });
    await answer.body?.cancel();
    return answer.ok ? undefined : String(answer.status);
  } catch (err) {
    signal.throwIfAborted();
    return errorMessage(err);
  }
}

/** Asks one after the other until one answers; what is wrong with the request is an answer, too. */
export function firstThatAnswers(clients: () => readonly (() => Promise<LeaseClient>)[]): LeaseClient {
  const ask = async <T>(call: (client: LeaseClient) => Promise<T>): Promise<T> => {
    let trouble: unknown = new Error("there is no API server to ask");
    for (const connect of clients()) {
      try {
        return await call(await connect());
      } catch (err) {
        if (err instanceof KubeError && err.status < 500 && err.status !== 429) throw err;
        trouble = err;
      }
    }
    throw trouble;
  };
  return {
    find: (ref, options) => ask((client) => client.find(ref, options)),
    create: (object, options) => ask((client) => client.create(object, options)),
    update: (object, options) => ask((client) => client.update(object, options)),
  };
}
