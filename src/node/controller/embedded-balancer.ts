// The load balancer on a controller that runs pods: its own kubelet talks to the API server beside it, but konnectivity's
// agents go through the same local ports on every node. Upstream: pkg/component/worker/nllb/reconciler.go.

import type { KubeClient } from "../../kube/client.ts";
import { follow } from "../../kube/follow.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import { type ConfigMap, configMapKind } from "../../kube/objects/config-map.ts";
import { workerConfigMapName } from "../../components/worker-config/manifest.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import type { NodeLocalBalancer } from "../../components/node-local-balancing/balancer.ts";
import type { SettingsSource } from "../../components/worker-config/settings-holder.ts";
import { parseWorkerSettings } from "../../components/worker-config/schema.ts";
import { kubeApiserverDeclaration } from "../../components/kube-apiserver/declaration.ts";
import { nodeLocalBalancingDeclaration } from "../../components/node-local-balancing/declaration.ts";

export interface EmbeddedBalancerOptions {
  readonly balancer: NodeLocalBalancer;
  readonly settings: SettingsSource;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export function embeddedBalancer({ balancer, settings, client, log }: EmbeddedBalancerOptions): Component {
  const name = workerConfigMapName("default", k0sVersion);

  const informer = async (): Promise<{ informer: Informer<ConfigMap> }> => {
    const maps = createInformer<ConfigMap>({
      client: await client(),
      kind: configMapKind,
      namespace: "kube-system",
      fieldSelector: `metadata.name=${name}`,
      log,
      onChange: () => {
        const data = maps.get(name, "kube-system")?.data;
        if (data === undefined) return;
        balancer
          .apply(parseWorkerSettings(data, name))
          .catch((err: unknown) =>
            log.error("Cannot balance as the cluster wants it", { err: errorMessage(err) }),
          );
      },
    });
    return { informer: maps };
  };
  const following = follow({ name: "the workers' settings", log, informer });

  return task({
    name: nodeLocalBalancingDeclaration.name,
    dependsOn: [kubeApiserverDeclaration],
    parts: async () => {
      await balancer.apply(settings.current());
      return [following];
    },
    end: () => balancer.stop(),
  });
}
