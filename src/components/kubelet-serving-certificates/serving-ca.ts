// Keeps ConfigMap `kube-system/kubelet-serving-ca` in place when it is changed or deleted.
// docs/adr/0049-kubelet-serving-ca.md.

import { readFile } from "node:fs/promises";
import type { KubeClient } from "../../kube/client.ts";
import { createInformer } from "../../kube/informer.ts";
import type { LeaderElector } from "../../kube/lease.ts";
import { configMapKind } from "../../kube/objects/config-map.ts";
import { kubeletServingCa, kubeletServingCaMap } from "./serving-ca-manifest.ts";
import { kubeletServingFiles } from "../../pki/kubelet-serving-ca.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { leaderTask } from "../../supervisor/leader-task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";

export interface KubeletServingCaOptions {
  readonly pkiDir: string;
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly log: Logger;
}

/** The file changes a year after an upgrade, and when its authority is renewed. */
const lookAtFileMs = 3_600_000;

export function kubeletServingCaPublisher(options: KubeletServingCaOptions): Component {
  const { bundle } = kubeletServingFiles(options.pkiDir);
  return leaderTask({
    ...options,
    name: "kubelet-serving-ca",
    dependsOn: [kubeApiserverDeclaration, certificatesDeclaration],
    run: async (client, signal, log, watch) => {
      const { name, namespace } = kubeletServingCaMap;
      const publish = async (during: AbortSignal): Promise<void> => {
        const wanted = kubeletServingCa(await readFile(bundle, "utf8"));
        const present = maps.get(name, namespace);
        if (Bun.deepEquals(present?.["data"], wanted.data)) return;
        await client.apply(wanted, { fieldManager: "k0s", force: true, signal: during });
      };
      const loop = createLoop({
        name: "publication of the kubelets' authority",
        log,
        everyMs: lookAtFileMs,
        round: publish,
      });
      const maps = createInformer({
        client,
        kind: configMapKind,
        namespace,
        fieldSelector: `metadata.name=${name}`,
        log,
        onChange: () => loop.ring(),
      });
      watch(maps);
      watch(loop);
      await Promise.all([maps.run(signal), maps.synced(signal).then(() => loop.run(signal))]);
    },
  });
}
