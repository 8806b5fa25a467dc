// What differs between the systems that containerd runs on: where its files are, and what its configuration says.

import { joinPath } from "../../std/join-path.ts";
import { cniConfDir, hostCniBinDir } from "../../product/paths.ts";
import type { WorkerNode } from "../node-facts.ts";
import { containerdConfigToml } from "./config-toml.ts";
import { type HostRuntime, hostRuntimes, type OfferedRuntimes } from "./host-runtimes.ts";
import { registriesDir } from "./registries.ts";

/** What is found out at each start. */
export interface FoundSettings {
  readonly pauseImage: string;
  readonly registriesDir: string | undefined;
  /** Other runtimes of the host. */
  readonly offered: OfferedRuntimes;
}

export interface ContainerdHost {
  readonly configPath: string;
  /** Of what an operator adds, in `containerd.d`, and of registries. */
  readonly configDir: string;
  readonly cniConfDir: string;
  /** As containerd's `config_path`; undefined where the drop-in files in the directory have registries of their own. */
  readonly registriesDir: (dropIns: string) => Promise<string | undefined>;
  readonly config: (found: FoundSettings) => string;
  /** Asked at each start and now and then. */
  readonly runtimes: () => readonly HostRuntime[];
}

export interface LinuxHostOptions {
  /** Without CAP_SYS_RESOURCE every pod would fail when its OOM score is lowered. */
  readonly restrictOomScoreAdj: boolean;
  /** Default /etc/k0s. */
  readonly configDir?: string;
  /** Default: those that are installed. */
  readonly hostRuntimes?: () => readonly HostRuntime[];
}

export function linuxContainerdHost(
  { paths, env }: Pick<WorkerNode, "paths" | "env">,
  { restrictOomScoreAdj, configDir = "/etc/k0s", ...options }: LinuxHostOptions,
): ContainerdHost {
  return {
    configPath: joinPath(configDir, "containerd.toml"),
    configDir,
    cniConfDir,
    registriesDir: (dropIns) => registriesDir(configDir, dropIns),
    config: ({ pauseImage, registriesDir, offered }) =>
      containerdConfigToml({
        pauseImage,
        runcPath: joinPath(paths.binDir, "runc"),
        optDir: joinPath(paths.containerdRootDir, "opt"),
        // k0s' own come first, and never lie among those of others.
        cniBinDirs: [paths.cniBinDir, hostCniBinDir],
        cniConfDir,
        restrictOomScoreAdj,
        registriesDir,
        offered,
      }),
    runtimes: options.hostRuntimes ?? (() => hostRuntimes(env["PATH"])),
  };
}
