// Applies stack `bootstraprbac`; kubelets can join once it is ready. Upstream: pkg/component/controller/systemrbac.go.

import { applyStack } from "../../deployer/apply-stack.ts";
import type { KubeClient } from "../../kube/client.ts";
import { systemRbac } from "./manifest.ts";
import type { SystemRbacInput } from "./manifest.ts";
import type { Logger } from "../../std/log.ts";
import type { Component } from "../../supervisor/component.ts";

export interface SystemRbacOptions extends SystemRbacInput {
  readonly client: () => Promise<KubeClient>;
  readonly log: Logger;
}

export function systemRbacComponent(options: SystemRbacOptions): Component {
  const log = options.log.with({ component: "system-rbac" });
  const stopping = new AbortController();
  let applied: Promise<void> = Promise.resolve();
  return {
    name: "system-rbac",
    dependsOn: ["kube-apiserver"],
    async start() {
      const client = await options.client();
      applied = applyStack(client, "bootstraprbac", systemRbac(options), { signal: stopping.signal, log });
      // `ready` tells; here it only must not count as unhandled.
      applied.catch(() => undefined);
    },
    ready: () => applied,
    async stop() {
      stopping.abort();
      await applied.catch(() => undefined);
    },
  };
}
