// Keeps a context for every controller in admin.conf, so that anyone who has this file, or this host, reaches the
// cluster while the API server here is gone. The current context stays the local one. See
// docs/adr/0036-admin-kubeconfig.md.

import { localApiUrl } from "../../config/derived.ts";
import { createLeaseObserver } from "../../kube/lease-observer.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import type { ControllerNode } from "../node-facts.ts";
import { adminFiles, writeContexts } from "./admin-contexts.ts";
import { controllerContexts } from "../controller-leases/component.ts";
import { kubeApiserverDeclaration } from "./declaration.ts";

/** A controller that dies keeps its lease for a minute anyway. */
const everyMs = 20_000;

export function adminKubeconfig(node: ControllerNode): Component {
  const log = node.log.with({ component: "admin-kubeconfig" });
  const files = adminFiles(node.paths);
  const server = localApiUrl(node.config);
  const observer = createLeaseObserver();

  const follow = createLoop({
    name: "contexts of admin.conf",
    log,
    everyMs,
    round: async (signal) => {
      const contexts = await controllerContexts(await node.client(), { observer, signal });
      if (!(await writeContexts(files, server, contexts))) return;
      log.info("The administrator's kubeconfig names other controllers now", {
        contexts: contexts.map(({ name }) => name).join(","),
      });
    },
  });

  return task({ name: "admin-kubeconfig", dependsOn: [kubeApiserverDeclaration], parts: [follow] });
}
