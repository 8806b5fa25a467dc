// What the kernel lets this process do: root in a container or a small virtual machine often lacks something.

import { readFile } from "node:fs/promises";

// In the kernel's order: include/uapi/linux/capability.h.
const names = (
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service " +
  "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct " +
  "sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap " +
  "mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
).split(" ");

/** Effective capabilities by their kernel names without `CAP_`, in lower case, e.g. `sys_resource`. */
export async function effectiveCapabilities(): Promise<ReadonlySet<string>> {
  return parseCapabilities(await readFile("/proc/self/status", "utf8"));
}

/** From the text of /proc/PID/status. */
export function parseCapabilities(status: string): ReadonlySet<string> {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return new Set(names.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n));
}
