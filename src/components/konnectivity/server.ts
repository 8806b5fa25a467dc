// konnectivity-server, beside every kube-apiserver: ends the tunnels that the nodes open.
// Upstream: pkg/component/controller/konnectivity.go.

import { konnectivityDeclaration, konnectivityHealthPort } from "./declaration.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { ensureDir, writeFileIfChanged } from "../../os/files.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { httpHealth } from "../../supervisor/http-health.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import type { TunnelTracker } from "./tunnels/server-output.ts";
import { egressSelectorConfig } from "./egress-selector.ts";
import { konnectivityServerArgs, konnectivitySocket } from "./server-flags.ts";
import type { ControllerNode } from "../node-facts.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";

interface ServerParts {
  /** Brings its program. */
  readonly programs: Dependency;
  readonly tunnels: TunnelTracker;
}

export function konnectivityServer(node: ControllerNode, { programs, tunnels }: ServerParts): Component {
  const { config, paths } = node;
  const { user, runningName } = konnectivityDeclaration;
  const argsFor = (current: ClusterConfig): string[] =>
    konnectivityServerArgs({
      config: current,
      paths,
      logLevel: logLevelOf(konnectivityDeclaration, node.logLevels),
      serverId: node.invocationId,
      singleController: node.alone,
    });
  return processComponent({
    // Not on kube-apiserver: that may need a webhook, and so this server, before it is ready.
    dependsOn: [programs, certificatesDeclaration],
    process: processOptions(node, runningName, {
      binary: user,
      user,
      args: argsFor(config),
      onLine: tunnels.read,
      beforeStart: async () => tunnels.reset(),
    }),
    init: async () => {
      const owner = { uid: node.user(user)?.uid ?? 0, gid: 0 };
      // The socket gets the directory's group, root's, in which kube-apiserver is and the server itself is not.
      await ensureDir(paths.konnectivitySocketDir, { mode: 0o2755, ...owner });
      const egress = egressSelectorConfig(konnectivitySocket(paths));
      await writeFileIfChanged(paths.egressSelectorConfig, egress, { mode: 0o644 });
    },
    readiness: {
      what: `konnectivity-server at http://localhost:${konnectivityHealthPort}/healthz`,
      intervalMs: 50,
      probe: (signal) => httpHealth(`http://localhost:${konnectivityHealthPort}/healthz`, { signal }),
    },
    argsFor,
  });
}
