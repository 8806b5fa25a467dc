// What is wrong with files and directories of a node that runs, and that its programs notice later, or the next start refuses:
// asked by its status, and by `k0s doctor`.

import { join, relative } from "node:path";
import { firstFault } from "../components/containerd/drop-in-faults.ts";
import { isManagedConfig } from "../components/containerd/config-toml.ts";
import { dropInFiles } from "../components/containerd/drop-ins.ts";
import { hostRuntimes } from "../components/containerd/host-runtimes.ts";
import { readFileIfExists } from "../os/files.ts";
import { lostKeys } from "../pki/lost-keys.ts";
import type { NodePaths } from "../product/paths.ts";
import type { FileFault } from "../status/problems/host.ts";
import { closedToUsers } from "./own-directories.ts";

export interface NodeFiles {
  readonly paths: Pick<NodePaths, "dataDir" | "pkiDir">;
  /** Programs of several users run here. */
  readonly controller: boolean;
  readonly pods: boolean;
  /** Files that this node uses. */
  readonly certificates: readonly string[];
  /** Default /etc/k0s. */
  readonly configDir?: string;
}

/** Causes first. */
export async function fileFaults(files: NodeFiles): Promise<readonly FileFault[]> {
  const { paths, controller, pods, certificates, configDir = "/etc/k0s" } = files;
  const found = await Promise.all([
    controller ? closedDirectory(paths.dataDir) : [],
    keyFaults(paths.pkiDir, certificates),
    pods ? dropInFault(configDir) : [],
  ]);
  return found.flat();
}

async function closedDirectory(dataDir: string): Promise<FileFault[]> {
  const closed = await closedToUsers(dataDir);
  if (closed === undefined) return [];
  return [
    {
      kind: "directory",
      path: closed.dir,
      text: `${closed.dir} is closed to the users of the control plane (${closed.users.join(", ")})`,
      remedy: `let everybody pass through it: chmod o+x ${closed.dir}`,
    },
  ];
}

/** What each of them is for that nothing else does. */
const uses = new Map([
  ["ca.key", "no worker can join, and no certificate of the cluster can be issued"],
  ["front-proxy-ca.key", "the certificate of the API server's proxy cannot be renewed"],
  ["etcd/ca.key", "no controller can join, and etcd's certificates cannot be renewed"],
]);

/** Each has its own; the others are the same on all. */
const ofOneController = "front-proxy-ca.key";

async function keyFaults(pkiDir: string, certificates: readonly string[]): Promise<FileFault[]> {
  return (await lostKeys(certificates)).map((path) => ({
    kind: "key",
    path,
    text: `the key of a certificate authority, ${path}, is missing: ${uses.get(relative(pkiDir, path)) ?? "it cannot sign"}`,
    remedy: `put it back, ${relative(pkiDir, path) === ofOneController ? "from a backup of this controller" : "from a backup or from another controller"}, and restart k0s`,
  }));
}

async function dropInFault(configDir: string): Promise<FileFault[]> {
  const main = await readFileIfExists(join(configDir, "containerd.toml"));
  const managed = main === undefined || isManagedConfig(main);
  const dir = join(configDir, "containerd.d");
  const runtimes = managed ? hostRuntimes().map(({ name }) => name) : undefined;
  const fault = firstFault(await dropInFiles(dir), runtimes);
  if (fault === undefined) return [];
  return [
    {
      kind: "drop-in",
      path: dir,
      text: `containerd cannot start with its drop-in files: ${fault}`,
      remedy: `put it right, or take it out of ${dir}: containerd goes on with what it has until it ends, and the next start of k0s is refused`,
    },
  ];
}
