// The systems that virtual machines of tests have, each as its distribution boots it, with the tests' agent as one of its services.

import { ensureBusyboxRoot } from "../../../build/base-root/busybox-root.ts";
import { ensureBootedRoot, ensureDebianRoot } from "../../../build/base-root/debian-root.ts";
import { type AddedFile, type BootableDisk, ensureDisk } from "../../../build/vm/disk.ts";
import { agentPath, agentScript } from "./guest-agent.ts";

/** `minimal`: a static busybox is all that there is. */
export type SystemName = "systemd" | "openrc" | "minimal";

interface System {
  readonly root: (report: (line: string) => void) => Promise<string>;
  readonly files: readonly AddedFile[];
  /** Shell lines that make it end in order: with a new boot afterwards, as far as it knows. */
  readonly reboot: string;
}

/** The one interface, on qemu's user network. */
const address = "10.0.2.15/24";
const gateway = "10.0.2.2";

const common: readonly AddedFile[] = [
  { path: agentPath, text: agentScript, mode: 0o755 },
  { path: "etc/hostname", text: "vm\n" },
  { path: "etc/hosts", text: `127.0.0.1 localhost\n::1 localhost\n${address.replace(/\/.*/, "")} vm\n` },
  { path: "etc/resolv.conf", text: "nameserver 10.0.2.3\n" },
];

const enabled = (unit: string, by = "multi-user.target"): AddedFile => ({
  path: `etc/systemd/system/${by}.wants/${unit}`,
  to: `/lib/systemd/system/${unit}`,
});

export const systems: Readonly<Record<SystemName, System>> = {
  systemd: {
    root: (report) => ensureBootedRoot("systemd", report),
    files: [
      ...common,
      { path: "etc/fstab", text: "/dev/vda / ext4 defaults 0 0\n" },
      {
        path: "etc/systemd/network/wired.network",
        text: `[Match]\nType=ether\nKind=!*\n\n[Network]\nAddress=${address}\nGateway=${gateway}\n`,
      },
      {
        path: "lib/systemd/system/test-agent.service",
        text: `[Unit]
Description=Answers a test
[Service]
ExecStart=${agentPath}
KillMode=process
`,
      },
      enabled("test-agent.service"),
      enabled("systemd-networkd.service"),
      enabled("systemd-networkd-wait-online.service", "network-online.target"),
    ],
    reboot: "systemctl reboot",
  },
  openrc: {
    root: (report) => ensureBootedRoot("openrc", report),
    files: [
      ...common,
      { path: "etc/fstab", text: "/dev/vda / ext4 defaults 0 0\n" },
      {
        path: "etc/network/interfaces",
        text: `auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n  address ${address}\n  gateway ${gateway}\n`,
      },
      {
        // Debian's own lines, but for the terminals, which the machine does not have.
        path: "etc/inittab",
        text: `id:2:initdefault:
si::sysinit:/etc/init.d/rcS
l0:0:wait:/etc/init.d/rc 0
l2:2:wait:/etc/init.d/rc 2
l6:6:wait:/etc/init.d/rc 6
ta:2:respawn:${agentPath}
`,
      },
    ],
    reboot: "shutdown -r now",
  },
  minimal: {
    root: async (report) => ensureBusyboxRoot(await ensureDebianRoot(report)),
    files: [
      ...common,
      {
        path: "etc/inittab",
        text: `::sysinit:/etc/rc\n::respawn:${agentPath}\n::shutdown:/bin/umount -a -r\n`,
      },
      {
        path: "etc/rc",
        mode: 0o755,
        text: `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
modprobe virtio_net
hostname -F /etc/hostname
ip link set lo up
ip link set eth0 up
ip addr add ${address} dev eth0
ip route add default via ${gateway}
`,
      },
      { path: "sbin/init", to: "/bin/busybox" },
      // By this path the kernel asks for what a rule of nftables needs.
      { path: "sbin/modprobe", to: "/bin/busybox" },
      // What the Filesystem Hierarchy Standard promises: k0s makes its own directories there and takes away these alone.
      { path: "var/run", to: "/run" },
      ...["opt", "var/lib", "var/log"].map((directory) => ({ path: `${directory}/.keep`, text: "" })),
      // The C library's lock of accounts, which every system has that has made one.
      { path: "etc/.pwd.lock", text: "", mode: 0o600 },
    ],
    reboot: "reboot",
  },
};

/** Made once, then taken from the cache. */
export async function systemDisk(name: SystemName): Promise<BootableDisk> {
  const report = (line: string): void => console.error(line);
  const { root, files } = systems[name];
  return ensureDisk({ name, root: await root(report), files }, report);
}
