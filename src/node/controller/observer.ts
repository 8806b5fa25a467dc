// What a controller observes of itself: status/observers/node.ts with what this one runs.

import { join } from "node:path";
import { type ControllerParts, controllerRole } from "../../roles/controller.ts";
import { workloadsOf } from "../../roles/folds/workloads.ts";
import { certificatesOf } from "../../components/certificates/component.ts";
import type { RuntimeAccess } from "../../components/containerd/runtime-access.ts";
import { fileFaults } from "../../host/file-faults.ts";
import { datastoreDirectories } from "../../status/observers/datastore-directories.ts";
import { type NodeObserver, nodeObserver } from "../../status/observers/node.ts";
import { statusDetails } from "./status-details.ts";

export function controllerObserver(
  node: ControllerParts,
  startedAt: Date,
  runtime: RuntimeAccess,
): NodeObserver {
  const { log, config, client, name, paths, enableWorker } = node;
  const certificates = certificatesOf(node);
  return nodeObserver({
    log,
    client,
    // Any good answer to this k0s counts.
    sinceAnswerMs: node.sinceAnswerMs,
    startedAt,
    ...(enableWorker ? { node: { name, runtime } } : {}),
    expected: workloadsOf(controllerRole, node),
    host: {
      directories: [
        ...datastoreDirectories(config, paths),
        paths.dataDir,
        paths.runDir,
        ...(enableWorker ? [paths.kubeletRootDir, paths.containerdRootDir] : []),
      ],
      certificates,
      kubeletPkiDir: enableWorker ? join(paths.kubeletRootDir, "pki") : undefined,
      fileFaults: () => fileFaults({ paths, controller: true, pods: enableWorker, certificates }),
    },
    networkProvider: () => config.spec.network.provider,
    remoteApi: false,
    details: () => statusDetails(node),
  });
}
