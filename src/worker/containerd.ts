// containerd. Upstream: pkg/component/worker/containerd; reference §7.9.

import { join } from "node:path";
import { containerdConfigToml, isManagedConfig } from "../containerd/config-toml.ts";
import { criClient } from "../containerd/cri.ts";
import { ensureDir, readFileIfExists, writeFileIfChanged } from "../os/files.ts";
import type { Component } from "../supervisor/component.ts";
import { processOptions } from "../supervisor/node-process.ts";
import { processComponent } from "../supervisor/process-component.ts";
import type { WorkerContext } from "./worker-context.ts";

export interface ContainerdOptions {
  readonly logLevel: string;
  readonly pauseImage: string;
  /** Without CAP_SYS_RESOURCE every pod would fail when its OOM score is lowered. */
  readonly restrictOomScoreAdj: boolean;
  readonly dependsOn: readonly string[];
  /** Default /etc/k0s. */
  readonly configDir?: string;
}

/** Directories in which CNI plug-ins and their configuration lie; install containers of the network providers use the same. */
export const cniBinDir = "/opt/cni/bin";
export const cniConfDir = "/etc/cni/net.d";

export function containerd(context: WorkerContext, options: ContainerdOptions): Component {
  const { paths } = context;
  const configDir = options.configDir ?? "/etc/k0s";
  const configPath = join(configDir, "containerd.toml");
  return processComponent({
    dependsOn: options.dependsOn,
    process: processOptions(context, "containerd", {
      args: [
        `--root=${paths.containerdRootDir}`,
        `--state=${paths.containerdStateDir}`,
        `--address=${paths.containerdSocket}`,
        `--log-level=${options.logLevel}`,
        `--config=${configPath}`,
      ],
    }),
    init: async () => {
      await ensureDir(join(configDir, "containerd.d"), { mode: 0o755 });
      await ensureDir(cniConfDir, { mode: 0o755 });
      const present = await readFileIfExists(configPath);
      if (present !== undefined && !isManagedConfig(present)) return;
      const content = containerdConfigToml({
        pauseImage: options.pauseImage,
        runcPath: join(paths.binDir, "runc"),
        cniBinDirs: [cniBinDir],
        cniConfDir,
        restrictOomScoreAdj: options.restrictOomScoreAdj,
      });
      await writeFileIfChanged(configPath, content, { mode: 0o644 });
    },
    readiness: {
      what: `the container runtime at ${paths.containerdSocket}`,
      intervalMs: 50,
      probe: async (signal) => {
        using client = criClient(paths.containerdSocket);
        await client.ping({ signal });
        return true;
      },
    },
  });
}
