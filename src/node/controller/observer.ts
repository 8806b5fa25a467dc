// What a controller observes of itself: status/observers/node.ts with what this one runs.

import { dirname, join } from "node:path";
import { isEtcdManaged } from "../../config/derived.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import { controllerRole } from "../../roles/controller.ts";
import { workloadsOf } from "../../roles/folds/workloads.ts";
import { certificatesOf } from "../../components/certificates/component.ts";
import type { ControllerNode } from "../../components/node-facts.ts";
import { type NodeObserver, nodeObserver } from "../../status/observers/node.ts";
import { statusDetails } from "./status-details.ts";

export function controllerObserver(node: ControllerNode, startedAt: Date): NodeObserver {
  const { log, config, client, name, paths, criSocket, enableWorker } = node;
  return nodeObserver({
    log,
    client,
    startedAt,
    ...(enableWorker ? { node: { name, runtime: criSocket ?? paths.containerdSocket } } : {}),
    expected: workloadsOf(controllerRole, node),
    host: {
      directories: [
        ...datastoreDirs(node),
        paths.dataDir,
        paths.runDir,
        ...(enableWorker ? [paths.kubeletRootDir, paths.containerdRootDir] : []),
      ],
      certificates: certificatesOf(node),
      kubeletPkiDir: enableWorker ? join(paths.kubeletRootDir, "pki") : undefined,
    },
    networkProvider: () => config.spec.network.provider,
    remoteApi: false,
    details: () => statusDetails(node),
  });
}

/** Often on a disk of its own. */
function datastoreDirs({ config, paths }: ControllerNode): readonly string[] {
  if (isEtcdManaged(config)) return [paths.etcdDataDir];
  const { type, kine } = config.spec.storage;
  const file = type === "kine" ? sqliteFile(kine.dataSource, paths.dataDir) : undefined;
  return file === undefined ? [] : [dirname(file)];
}
