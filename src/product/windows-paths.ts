// Where a worker on Windows keeps its files: in the layout of upstream k0s. Upstream: pkg/constant/constant_windows.go.

import { win32 } from "node:path";
import { nodePathsIn, type NodePaths, type PathOptions } from "./paths.ts";

export const windowsDataDir = "C:\\var\\lib\\k0s";
/** Of the container runtime, which k0s starts. */
export const containerdPipe = "\\\\.\\pipe\\containerd-containerd";
export const statusPipe = "\\\\.\\pipe\\k0s-status";
/** Where an operator puts what changes containerd, and registries. */
export const windowsConfigDir = "C:\\etc\\k0s";
export const windowsContainerdConfig = "C:\\Program Files\\containerd\\config.toml";
/** Where Calico's installer puts its files. */
export const windowsCniBinDir = "C:\\opt\\cni\\bin";
export const windowsCniConfDir = "C:\\etc\\cni\\net.d";

/** As kubelet wants it: `npipe:////./pipe/containerd-containerd`. */
export function pipeEndpoint(pipe: string): string {
  return `npipe://${pipe.replaceAll("\\", "/")}`;
}

/** All paths of a worker. The run directory is in the data directory: Windows has none that a restart empties. */
export function windowsNodePaths(options: PathOptions = {}): NodePaths {
  const dataDir = absolute(options.dataDir) ?? windowsDataDir;
  const runDir = absolute(options.runDir) ?? win32.join(dataDir, "run");
  const kubeletRootDir = absolute(options.kubeletRootDir) ?? win32.join(dataDir, "kubelet");
  return {
    ...nodePathsIn({ dataDir, runDir, kubeletRootDir }),
    containerdSocket: containerdPipe,
    containerdEndpoint: pipeEndpoint(containerdPipe),
    statusSocket: given(options.statusSocket) ?? statusPipe,
  };
}

function given(path: string | undefined): string | undefined {
  return path === "" ? undefined : path;
}

/** The default of the flag is that of Linux; a path without a drive is one of C:. */
function absolute(path: string | undefined): string | undefined {
  return given(path) === undefined ? undefined : win32.resolve("C:\\", path ?? "");
}
