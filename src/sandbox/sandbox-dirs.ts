// Where sandboxes are kept on the host.

export interface SandboxDirs {
  /** One folder a sandbox, in memory: gone after a reboot like the machines themselves. */
  readonly runDir: string;
  /** One folder a sandbox: the machines' disks. */
  readonly diskDir: string;
}

export const sandboxDirs: SandboxDirs = { runDir: "/run/k0s-sandbox", diskDir: "/var/lib/k0s-sandbox" };
