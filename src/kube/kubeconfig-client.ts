// Credentials of a kubeconfig that are read again while they are used: kubelet and renewals replace certificates in place.

import { type KubeClient, kubeClientOn } from "./client.ts";
import { type ConnectionDetails, readKubeconfig } from "./kubeconfig.ts";
import { createTransport, type Credentials, type TransportOptions } from "./transport.ts";

/** How long credentials read from files are used before the files are read again. */
const credentialsLifetimeMs = 60_000;

/** The credentials of a kubeconfig, read again now and then. */
export function kubeconfigCredentials(
  path: string,
  now: () => number = () => performance.now(),
): () => Promise<Credentials> {
  let current: { readonly details: Promise<ConnectionDetails>; readonly readAt: number } | undefined;
  return async () => {
    if (current !== undefined && now() - current.readAt < credentialsLifetimeMs) return await current.details;
    // Requests that come meanwhile wait for the same reading.
    const reading = { details: readKubeconfig(path), readAt: now() };
    current = reading;
    try {
      return await reading.details;
    } catch (err) {
      if (current === reading) current = undefined;
      throw err;
    }
  };
}

/** A client that follows the kubeconfig: renewed certificates and tokens are picked up within a minute. */
export async function kubeClientFromKubeconfig(
  path: string,
  options: { readonly userAgent?: string; readonly connect?: TransportOptions["connect"] } = {},
): Promise<KubeClient> {
  const { server } = await readKubeconfig(path);
  const credentials = kubeconfigCredentials(path);
  return kubeClientOn(createTransport({ ...options, server, credentials }));
}
