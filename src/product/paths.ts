// Where a node keeps its files. Upstream: pkg/config/cfgvars.go (CfgVars).

import { resolve } from "node:path";
import { realPath } from "../os/real-path.ts";
import { joinPath as join } from "../std/join-path.ts";

/** Where the host's container runtimes look for CNI plug-ins, and install containers of network providers put theirs. */
export const hostCniBinDir = "/opt/cni/bin";
export const cniConfDir = "/etc/cni/net.d";

export interface NodePaths {
  readonly dataDir: string;
  readonly runDir: string;
  readonly binDir: string;
  readonly pkiDir: string;
  readonly etcdPkiDir: string;
  readonly etcdDataDir: string;
  readonly manifestsDir: string;
  /** What was applied from which manifest, see src/deployer/inventory.ts. */
  readonly deployedDir: string;
  readonly imagesDir: string;
  readonly kubeletRootDir: string;
  readonly adminKubeconfig: string;
  /** The kubelet's regular kubeconfig; written by the TLS bootstrap. */
  readonly kubeletKubeconfig: string;
  readonly kubeletBootstrapKubeconfig: string;
  readonly konnectivityKubeconfig: string;
  readonly egressSelectorConfig: string;
  readonly kineSocket: string;
  readonly konnectivitySocketDir: string;
  readonly containerdSocket: string;
  /** The same as a URL, as kubelet wants it. */
  readonly containerdEndpoint: string;
  readonly containerdRootDir: string;
  readonly containerdStateDir: string;
  readonly statusSocket: string;
  readonly runtimeConfig: string;
  readonly runtimeConfigLock: string;
  readonly workerProfileCache: string;
  /** Relocated nft, iptables, ipset, conntrack, ip: see build/host-tools. */
  readonly hostToolsDir: string;
  /** The CNI plug-ins that come with k0s. */
  readonly cniBinDir: string;
  /** What the node has logged, where no journal keeps that; older ones lie beside it. */
  readonly logFile: string;
}

/** An empty text is an option that was not given: `--data-dir "$UNSET"` must not name the working directory. */
export interface PathOptions {
  dataDir?: string | undefined;
  runDir?: string | undefined;
  kubeletRootDir?: string | undefined;
  statusSocket?: string | undefined;
  /** Whether the caller is root; decides on the run directory. */
  root?: boolean;
}

export const defaultDataDir = "/var/lib/k0s";

/** Where root's commands unpack the programs that they need on a host where no k0s has started. */
export const rootsCacheDir = "/var/cache/k0s/bin";

/** All paths of a node, absolute, and the directories as the kernel names them: without symbolic links. */
export function nodePaths(options: PathOptions = {}): NodePaths {
  const dataDir = realPath(given(options.dataDir) ?? defaultDataDir);
  const defaultRunDir = (options.root ?? true) ? "/run/k0s" : join(dataDir, "run");
  const runDir = realPath(given(options.runDir) ?? defaultRunDir);
  const kubeletRootDir = realPath(given(options.kubeletRootDir) ?? join(dataDir, "kubelet"));
  const paths = nodePathsIn({ dataDir, runDir, kubeletRootDir });
  return { ...paths, statusSocket: resolve(given(options.statusSocket) ?? paths.statusSocket) };
}

/** What lies in these directories, on any system. */
export function nodePathsIn({
  dataDir,
  runDir,
  kubeletRootDir,
}: Pick<NodePaths, "dataDir" | "runDir" | "kubeletRootDir">): NodePaths {
  const pkiDir = join(dataDir, "pki");
  return {
    dataDir,
    runDir,
    pkiDir,
    binDir: join(dataDir, "bin"),
    etcdPkiDir: join(pkiDir, "etcd"),
    etcdDataDir: join(dataDir, "etcd"),
    manifestsDir: join(dataDir, "manifests"),
    deployedDir: join(dataDir, "deployed"),
    imagesDir: join(dataDir, "images"),
    kubeletRootDir,
    adminKubeconfig: join(pkiDir, "admin.conf"),
    kubeletKubeconfig: join(dataDir, "kubelet.conf"),
    kubeletBootstrapKubeconfig: join(dataDir, "kubelet-bootstrap.conf"),
    konnectivityKubeconfig: join(pkiDir, "konnectivity.conf"),
    egressSelectorConfig: join(dataDir, "konnectivity.conf"),
    kineSocket: join(runDir, "kine", "kine.sock:2379"),
    konnectivitySocketDir: join(runDir, "konnectivity-server"),
    containerdSocket: join(runDir, "containerd.sock"),
    containerdEndpoint: `unix://${join(runDir, "containerd.sock")}`,
    containerdRootDir: join(dataDir, "containerd"),
    containerdStateDir: join(runDir, "containerd"),
    statusSocket: join(runDir, "status.sock"),
    runtimeConfig: join(runDir, "k0s.yaml"),
    runtimeConfigLock: join(runDir, "k0s.yaml.lock"),
    workerProfileCache: join(dataDir, "worker-profile.yaml"),
    hostToolsDir: join(dataDir, "host-tools"),
    cniBinDir: join(dataDir, "cni-bin"),
    logFile: join(dataDir, "log", "k0s.log"),
  };
}

/** Whether this is the default data directory, whatever links lead to it. */
export function isDefaultDataDir(dataDir: string): boolean {
  return dataDir === realPath(defaultDataDir);
}

export function isIn(path: string, dir: string): boolean {
  return path.startsWith(`${dir}/`);
}

function given(path: string | undefined): string | undefined {
  return path === "" ? undefined : path;
}
