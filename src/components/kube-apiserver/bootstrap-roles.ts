// The roles of Kubernetes' own programs, which kube-apiserver makes a second after it has begun to serve. Those of an earlier
// start do: what a newer release adds to them comes within that second, and its programs ask again.

import { isNotFoundError } from "../../kube/errors.ts";
import { pollUntil } from "../../std/wait.ts";
import type { Component } from "../../supervisor/component.ts";
import { onceTask } from "../../supervisor/task.ts";
import { bootstrapRolesDeclaration, kubeApiserverDeclaration } from "./declaration.ts";
import { answers, type Asker, isReady } from "./readyz.ts";

/** Of the last that are made, and what programs of the control plane ask for first. */
const lastMade =
  "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings/system::extension-apiserver-authentication-reader";

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
    return await answers(client, lastMade, signal);
  } catch (err) {
    if (isNotFoundError(err)) return false;
    throw err;
  }
}
