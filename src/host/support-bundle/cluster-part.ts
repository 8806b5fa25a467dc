// Events and objects of the cluster, as a controller sees it. Secrets are not asked for.

import type { KubeClient } from "../../kube/client.ts";
import type { KubeObject } from "../../kube/types.ts";
import { errorMessage } from "../../std/errors.ts";
import { type Collector, jsonFile } from "./collect.ts";
import { shownObject } from "./shown-object.ts";

/** Of each kind; more are counted. */
const mostObjects = 1_000;

/** Whole but for what shown-object.ts takes out. */
const kinds: readonly string[] = [
  "/api/v1/nodes",
  "/api/v1/namespaces",
  "/api/v1/pods",
  "/api/v1/services",
  "/api/v1/events",
  "/api/v1/persistentvolumes",
  "/api/v1/persistentvolumeclaims",
  "/apis/apps/v1/deployments",
  "/apis/apps/v1/daemonsets",
  "/apis/apps/v1/statefulsets",
  "/apis/batch/v1/jobs",
  "/apis/batch/v1/cronjobs",
  "/apis/discovery.k8s.io/v1/endpointslices",
  "/apis/networking.k8s.io/v1/networkpolicies",
  "/apis/networking.k8s.io/v1/ingresses",
  "/apis/coordination.k8s.io/v1/leases",
  "/apis/certificates.k8s.io/v1/certificatesigningrequests",
  "/apis/apiregistration.k8s.io/v1/apiservices",
  "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  "/apis/storage.k8s.io/v1/storageclasses",
  "/apis/etcd.k0sproject.io/v1beta1/etcdmembers",
];

/** Their content may be anything: names alone. */
const named: readonly string[] = [
  "/api/v1/configmaps",
  "/api/v1/serviceaccounts",
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
];

/** `client`: of the administrator; undefined on a host that has none. */
export function clusterPart(client: () => Promise<KubeClient | undefined>): Collector {
  return {
    name: "cluster",
    collect: async (add, signal) => {
      const api = await client();
      if (api === undefined)
        throw new Error("there is no administrator's kubeconfig on this host: it is not a controller");
      const ask = async (path: string, accept?: string): Promise<Response> =>
        api.raw(path, { signal, timeoutMs: 15_000, retries: 1, ...(accept === undefined ? {} : { accept }) });
      // Where nobody answers, nobody is asked again.
      add({ path: "cluster/version.txt", text: await (await ask("/version")).text() });
      for (const path of ["/readyz", "/livez"]) {
        const text = await ask(`${path}?verbose`).then((answer) => answer.text(), errorMessage);
        add({ path: `cluster${path}.txt`, text });
      }
      for (const path of [...kinds, ...named]) {
        const accept = named.includes(path)
          ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
          : undefined;
        const name = path.split("/").at(-1) ?? path;
        try {
          add(
            jsonFile(
              `cluster/${name}.json`,
              shownList(await (await ask(`${path}?limit=${mostObjects}`, accept)).json()),
            ),
          );
        } catch (err) {
          signal.throwIfAborted();
          // Kinds that this cluster does not have among them.
          add(jsonFile(`cluster/${name}.json`, { error: errorMessage(err) }));
        }
      }
    },
  };
}

interface List {
  readonly metadata?: { readonly remainingItemCount?: number };
  readonly items?: readonly KubeObject[];
}

function shownList(list: unknown): object {
  const { metadata, items = [] } = list as List;
  return {
    items: items.map(shownObject),
    ...(metadata?.remainingItemCount === undefined ? {} : { notShown: metadata.remainingItemCount }),
  };
}
