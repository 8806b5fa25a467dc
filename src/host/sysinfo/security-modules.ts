// AppArmor and SELinux. Upstream: internal/pkg/sysinfo/probes/linux.

import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

export const appArmorWithoutParser: Finding = {
  category: "warning",
  message: "apparmor_parser is missing",
  why: "containerd cannot load its profile, so containers run without any.",
  remedy: "Install it, e.g. `apt-get install apparmor`.",
};

export const appArmorProbe: Probe = {
  id: "AppArmor",
  displayName: "AppArmor",
  check: async (host) => {
    const enabled = await host.readText("/sys/module/apparmor/parameters/enabled");
    if (enabled === undefined) return pass("unavailable");
    if (!enabled.startsWith("Y")) return pass("inactive");
    return host.findExecutable("apparmor_parser") === undefined
      ? found(appArmorWithoutParser, "active")
      : pass("active");
  },
};

export const seLinuxWithoutLabels: Finding = {
  category: "warning",
  message: "{dir} has no rules for its labels",
  why: "SELinux refuses containers what lies there, and containerd and runc do not get the domain that containers need.",
  remedy:
    "Install container-selinux, then `semanage fcontext -a -t container_runtime_exec_t '{dir}/bin/(containerd.*|runc)'; semanage fcontext -a -t container_var_lib_t '{dir}/containerd(/.*)?'; semanage fcontext -a -t container_ro_file_t '{dir}/containerd/io.containerd.snapshotter.*/snapshots(/.*)?'; restorecon -R {dir}`.",
};

/** Where semanage keeps rules of labels, one file a policy. */
const policies = "/etc/selinux";

export function seLinuxProbe(dataDir: string): Probe {
  return {
    id: "SELinux",
    displayName: "SELinux",
    check: async (host) => {
      const enforcing = await host.readText("/sys/fs/selinux/enforce");
      if (enforcing === undefined) return pass("unavailable");
      if (enforcing.trim() !== "1") return pass("permissive");
      for (const policy of await host.list(policies)) {
        const rules = await host.readText(`${policies}/${policy}/contexts/files/file_contexts.local`);
        if (rules?.includes(`${dataDir}/`) === true && rules.includes("container_runtime_exec_t"))
          return pass("enforcing, with rules for k0s");
      }
      return found(seLinuxWithoutLabels, "enforcing", { dir: dataDir });
    },
  };
}
