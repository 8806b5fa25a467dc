// Keeps a context for every controller in admin.conf, so that anyone who has this file, or this host, reaches the
// cluster while the API server here is gone. The current context stays the local one. See
// docs/adr/0036-admin-kubeconfig.md.

import type { NodePaths } from "../../product/paths.ts";
import type { KubeClient } from "../../kube/client.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { adminFiles, writeContexts } from "./admin-contexts.ts";
import { controllerContexts } from "../controller-leases/component.ts";

export interface AdminKubeconfigOptions {
  readonly paths: Pick<NodePaths, "pkiDir" | "adminKubeconfig">;
  /** What its current context points to. */
  readonly server: string;
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

/** A controller that dies keeps its lease for a minute anyway. */
const everyMs = 20_000;

export function adminKubeconfig(options: AdminKubeconfigOptions): Component {
  const log = options.log.with({ component: "admin-kubeconfig" });
  const files = adminFiles(options.paths);
  const observer = createLeaseObserver();

  const follow = createLoop({
    name: "contexts of admin.conf",
    log,
    everyMs,
    round: async (signal) => {
      const contexts = await controllerContexts(await options.client(), { observer, signal });
      if (!(await writeContexts(files, options.server, contexts))) return;
      log.info("The administrator's kubeconfig names other controllers now", {
        contexts: contexts.map(({ name }) => name).join(","),
      });
    },
  });

  return task({ name: "admin-kubeconfig", dependsOn: ["kube-apiserver"], parts: [follow] });
}
