// What the deployer needs to know of CustomResourceDefinitions: the kinds they bring, and when they are served.

import type { KubeClient } from "../kube/client.ts";
import type { ApiResource, KubeObject, KubeResource, ObjectRef } from "../kube/types.ts";
import { pollUntil } from "../std/wait.ts";
import { isCrd } from "./apply-order.ts";

interface CustomResourceDefinition extends KubeResource {
  spec?: {
    group?: string;
    scope?: string;
    names?: { kind?: string; plural?: string };
    versions?: { name?: string; served?: boolean }[];
  };
  status?: { conditions?: { type?: string; status?: string }[] };
}

const servedVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** The kinds that the definitions among `objects` bring. */
export function definedResources(objects: readonly KubeObject[]): ApiResource[] {
  return objects.filter((object) => isCrd(object)).flatMap((object) => resourcesOf(object));
}

function resourcesOf(crd: CustomResourceDefinition): ApiResource[] {
  const { group, scope, names, versions } = crd.spec ?? {};
  const { kind, plural } = names ?? {};
  if (group === undefined || kind === undefined || plural === undefined) return [];
  return (versions ?? []).flatMap(({ name, served }) =>
    name === undefined || served === false
      ? []
      : [
          {
            apiVersion: `${group}/${name}`,
            group,
            version: name,
            kind,
            plural,
            namespaced: scope === "Namespaced",
            verbs: servedVerbs,
          },
        ],
  );
}

export function isEstablished(object: KubeResource): boolean {
  const { status }: CustomResourceDefinition = object;
  return status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") ?? false;
}

/** Waits until the server serves the definition's kinds, up to 5 s as upstream does. */
export async function waitEstablished(
  client: KubeClient,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<void> {
  await pollUntil(async (probe) => isEstablished(await client.get(ref, { signal: probe })), {
    what: `CustomResourceDefinition ${ref.name} to be established`,
    intervalMs: 50,
    timeoutMs: 10_000,
    signal,
  });
}
