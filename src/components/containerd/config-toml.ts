// /etc/k0s/containerd.toml. Upstream: pkg/component/worker/containerd/configurer.go.

import type { HostRuntime, OfferedRuntimes } from "./host-runtimes.ts";

export interface ContainerdConfig {
  /** Image of the pod sandbox; containerd itself keeps it from being collected. */
  readonly pauseImage: string;
  readonly runcPath: string;
  /** Where `ctr install` would put things, and what shims find first in their PATH; containerd makes it. Its default is /opt/containerd. */
  readonly optDir: string;
  readonly cniBinDirs: readonly string[];
  readonly cniConfDir: string;
  /** Without CAP_SYS_RESOURCE the kernel refuses to lower OOM scores, and every pod would fail. */
  readonly restrictOomScoreAdj: boolean;
  /**
   * Has a folder with hosts.toml for each registry that is set up; more of them after colons. Undefined: registries are set
   * up in another way.
   */
  readonly registriesDir: string | undefined;
  /** Beside runc. */
  readonly offered: OfferedRuntimes;
}

const managedMark = "# k0s_managed=true";

/**
 * How often containerd asks every shim what its containers have used, for rates of processor time. kubelet looks each 10 s, and took
 * its own samples as often; containerd's default is one second, three quarters of what an idle node's containerd does. docs/adr/0103.
 */
const statsEverySeconds = 10;

/** Whether the file may be overwritten: the user takes it over by changing its first line. */
export function isManagedConfig(text: string): boolean {
  return text.split("\n", 1)[0]?.trim() === managedMark;
}

/** How the file begins, and which others it takes in: a pattern of paths. */
export function managedHeader(imports: string): string {
  return `${managedMark}
# This is a placeholder configuration for k0s managed containerd.
# If you wish to override the config, remove the first line and replace this file with your custom configuration.
# Drop-in files belong to ${imports}; their format is described in containerd-config.toml(5).
version = 3
imports = [${tomlString(imports)}]
`;
}

export function registriesToml(dir: string | undefined): string {
  if (dir === undefined) return "";
  return `
[plugins."io.containerd.cri.v1.images".registry]
  config_path = ${tomlString(dir)}
`;
}

export function containerdConfigToml(config: ContainerdConfig): string {
  return `${managedHeader("/etc/k0s/containerd.d/*.toml")}
[plugins."io.containerd.internal.v1.opt"]
  path = ${tomlString(config.optDir)}

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = ${tomlString(config.pauseImage)}
${registriesToml(config.registriesDir)}
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = ${config.restrictOomScoreAdj}
  stats_collect_period = "${statsEverySeconds}s"

  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = [${config.cniBinDirs.map(tomlString).join(", ")}]
    conf_dir = ${tomlString(config.cniConfDir)}

  [plugins."io.containerd.cri.v1.runtime".containerd]
    default_runtime_name = "runc"

    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
        BinaryName = ${tomlString(config.runcPath)}
${config.offered.runtimes.map((runtime) => runtimeToml(runtime, config.offered)).join("")}`;
}

function runtimeToml(
  { name, type, path, as, virtual }: HostRuntime,
  { systemdCgroup }: OfferedRuntimes,
): string {
  const table = `plugins."io.containerd.cri.v1.runtime".containerd.runtimes.${name}`;
  const lines = [`    [${table}]`, `      runtime_type = ${tomlString(type)}`];
  if (as === "shim") lines.push(`      runtime_path = ${tomlString(path)}`);
  if (virtual === true) lines.push("      privileged_without_host_devices = true");
  if (as === "runc") {
    lines.push("", `      [${table}.options]`, `        BinaryName = ${tomlString(path)}`);
    if (systemdCgroup) lines.push("        SystemdCgroup = true");
  }
  return `\n${lines.join("\n")}\n`;
}

/** A basic string of TOML; JSON's escapes are a subset of its. */
export function tomlString(text: string): string {
  return JSON.stringify(text);
}
