// Whether the API server of this host says that it is ready, and whether it serves already.

import type { KubeClient } from "../../kube/client.ts";

/**
 * Of one question. A slow host needs seconds for an answer, and asked again each time it would never be heard; what has no limit
 * would hang on an answer that is lost.
 */
const answerMs = 15_000;

/**
 * What kube-apiserver makes a second after it has begun to serve, whatever is there: its own roles, and its classes of priority.
 * Administrators need no role. Who needs them waits for `bootstrapRoles`. docs/adr/0094.
 */
const madeLater = ["rbac/bootstrap-roles", "scheduling/bootstrap-system-priority-classes"];
const butThose = madeLater.map((name) => `exclude=poststarthook/${name}`).join("&");

export type Asker = Pick<KubeClient, "raw">;

/** It makes the namespaces of the system right after it has begun: what k0s applies lies in this one. */
const systemNamespace = "/api/v1/namespaces/kube-system";

/** Whether it does what an administrator asks for, and all there is of an earlier start. */
export async function isServing(client: Asker, signal: AbortSignal): Promise<boolean> {
  return await answers(client, `/readyz?${butThose}`, signal);
}

/** Whether a cluster has begun behind it. */
export async function hasBegun(client: Asker, signal: AbortSignal): Promise<boolean> {
  return await answers(client, systemNamespace, signal);
}

/** Whether all that it makes itself is there. */
export async function isReady(client: Asker, signal: AbortSignal): Promise<boolean> {
  return await answers(client, "/readyz", signal);
}

/** With success; refusals are thrown, as by the client. */
export async function answers(client: Asker, path: string, signal: AbortSignal): Promise<boolean> {
  const answer = await client.raw(path, { signal, timeoutMs: answerMs, retries: 0 });
  await answer.body?.cancel();
  return answer.ok;
}
