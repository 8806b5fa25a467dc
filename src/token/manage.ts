// Join tokens in the cluster: create, list, remove. Upstream: pkg/token/manager.go.

import type { KubeClient } from "../kube/client.ts";
import { type Secret, secretKind } from "../kube/objects/secret.ts";
import {
  bootstrapSecretFields,
  type BootstrapSecretFields,
  bootstrapSecretRef,
  bootstrapSecretNamespace,
  bootstrapSecretType,
  newBootstrapSecret,
  type NewBootstrapSecret,
} from "./bootstrap-secret.ts";
import type { JoinRole } from "./role.ts";

export async function createBootstrapToken(
  client: KubeClient,
  options: { role: JoinRole; validMs: number; signal: AbortSignal },
): Promise<NewBootstrapSecret> {
  const made = newBootstrapSecret(options.role, options.validMs);
  await client.create(made.secret, { signal: options.signal });
  return made;
}

/** All of one role, or of both. */
export async function listBootstrapTokens(
  client: KubeClient,
  options: { role?: JoinRole | undefined; signal: AbortSignal },
): Promise<BootstrapSecretFields[]> {
  const { items } = await client.list<Secret>(secretKind, {
    namespace: bootstrapSecretNamespace,
    fieldSelector: `type=${bootstrapSecretType}`,
    signal: options.signal,
  });
  return items.map(bootstrapSecretFields).filter(({ role }) => role === (options.role ?? role));
}

/** False if there was none. */
export async function removeBootstrapToken(
  client: KubeClient,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  return client.delete(bootstrapSecretRef(id), { signal });
}
