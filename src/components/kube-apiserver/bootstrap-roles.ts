// The roles of Kubernetes' own programs, which kube-apiserver makes a second after it has begun to serve. Those of an earlier
// start do: what a newer release adds to them comes within that second, and its programs ask again.

import { isNotFoundError } from "../../kube/errors.ts";
import type { KubeClient } from "../../kube/client.ts";
import { pollUntil } from "../../std/wait.ts";
import type { Component } from "../../supervisor/component.ts";
import { onceTask } from "../../supervisor/task.ts";
import { bootstrapRolesDeclaration, kubeApiserverDeclaration } from "./declaration.ts";
import { isReady } from "./readyz.ts";

/** Of the last that are made, and what programs of the control plane ask for first. */
const lastMade =
  "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings/system::extension-apiserver-authentication-reader";
const answerMs = 15_000;

type Asker = Pick<KubeClient, "raw">;

export function bootstrapRoles({ client }: { readonly client: () => Promise<Asker> }): Component {
  return onceTask({
    ...bootstrapRolesDeclaration,
    dependsOn: [kubeApiserverDeclaration],
    work: async (signal) => {
      const probe = async (during: AbortSignal): Promise<boolean> => await areThere(await client(), during);
      await pollUntil(probe, { what: "the roles of Kubernetes", intervalMs: 50, signal });
    },
  });
}

async function areThere(client: Asker, signal: AbortSignal): Promise<boolean> {
  return (await wereMade(client, signal)) || (await isReady(client, signal));
}

async function wereMade(client: Asker, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await client.raw(lastMade, { signal, timeoutMs: answerMs, retries: 0 });
    await answer.body?.cancel();
    return answer.ok;
  } catch (err) {
    if (isNotFoundError(err)) return false;
    throw err;
  }
}
