// Has every Secret written again, with the key that writes now. An empty patch makes kube-apiserver read, decrypt and encrypt it: no
// content comes here, and no write of somebody else is in its way.

import type { KubeClient } from "../../kube/client.ts";
import { isConflict, isNotFoundError } from "../../kube/errors.ts";
import { refOf } from "../../kube/types.ts";
import { secretKind } from "../../kube/objects/secret.ts";
import { workInParallel } from "../../std/parallel.ts";
import { sleep } from "../../std/wait.ts";

const atOnce = 8;
/** Longer than a write takes that was encrypted with the key before. */
const settleMs = 5_000;

/** How many there are. Twice: what was on its way during the first time is met by the second. */
export async function rewriteSecrets(
  client: Pick<KubeClient, "list" | "patch">,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (let time = 0; time < 2; time += 1) {
    await sleep(settleMs, signal);
    count = await rewriteOnce(client, signal);
  }
  return count;
}

async function rewriteOnce(client: Pick<KubeClient, "list" | "patch">, signal: AbortSignal): Promise<number> {
  const { items } = await client.list(secretKind, { metadataOnly: true, signal });
  await workInParallel(items, atOnce, signal, async (secret, during) => {
    const { uid } = secret.metadata;
    try {
      await client.patch(refOf(secret), "merge", { metadata: { uid } }, { signal: during });
    } catch (err) {
      // It is gone, or another one of its name was made meanwhile: with the new key.
      if (!isNotFoundError(err) && !isConflict(err)) throw err;
    }
  });
  return items.length;
}
