// Whether the API server of this host says that it is ready.

import type { KubeClient } from "../../kube/client.ts";

/**
 * Of one question. A slow host needs seconds for an answer, and asked again each time it would never be heard; what has no limit
 * would hang on an answer that is lost.
 */
const answerMs = 15_000;

export async function isReady(client: Pick<KubeClient, "raw">, signal: AbortSignal): Promise<boolean> {
  const answer = await client.raw("/readyz", { signal, timeoutMs: answerMs, retries: 0 });
  await answer.body?.cancel();
  return answer.ok;
}
