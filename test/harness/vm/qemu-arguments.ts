// How qemu is told of a machine: software emulation, nothing that this host does not have, no way out to any network.

import { join } from "node:path";
import { systemDisk } from "../../../build/vm/initramfs.ts";
import { agentPort } from "./guest-agent.ts";

/** A file of this host as a disk that can only be read. */
export interface GivenFile {
  readonly source: string;
  /** The serial number of its disk. */
  readonly serial: string;
}

export interface QemuMachine {
  /** Holds the disk's changes, the sockets and the console's log. */
  readonly dir: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly memoryMiB: number;
  readonly processors: number;
  readonly channels: number;
  readonly files: readonly GivenFile[];
  /** Ports of the machine that this host's loopback reaches, by its own port. */
  readonly forwarded: Readonly<Record<number, number>>;
}

/** What the machine has written to its disk; the shared image lies below it. */
export const changesPath = (dir: string): string => join(dir, "changes.qcow2");
export const consolePath = (dir: string): string => join(dir, "console.log");
export const channelPath = (dir: string, channel: number): string => join(dir, `channel${channel}`);

/** Of the kernel. What protects from faults of real processors makes emulation several times slower: it flushes caches at each system call. */
const kernelOptions =
  "console=ttyS0 panic=-1 net.ifnames=0 mitigations=off tsc=reliable no_timer_check nowatchdog quiet";

/** Of systemd: on a host that is busy it would give up its own services. Those with a limit of their own, as k0s, keep it. */
const systemdOptions =
  "systemd.default_timeout_start_sec=1800 systemd.default_device_timeout_sec=1800 systemd.service_watchdogs=no systemd.getty_auto=no";

export function qemuArguments(machine: QemuMachine): readonly string[] {
  const { dir } = machine;
  const device = (name: string, options: Readonly<Record<string, string>>): string[] => [
    "-device",
    [name, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(","),
  ];
  const disk = (id: string, source: string, options: string, serial: string): string[] => [
    "-drive",
    `if=none,id=${id},file=${source.replaceAll(",", ",,")},${options}`,
    ...device("virtio-blk-pci", { drive: id, serial }),
  ];
  const forwards = Object.entries(machine.forwarded).map(
    ([port, inside]) => `,hostfwd=tcp:127.0.0.1:${port}-:${inside}`,
  );
  const words = (line: string): string[] => line.split(" ");
  return [
    ...words("-nodefaults -no-user-config -display none"),
    // The end of a boot is the end of the process: the harness begins the next one.
    "-no-reboot",
    ...words("-machine q35,hpet=off -accel tcg,thread=multi -cpu max,la57=off,smap=off"),
    ...words(`-smp ${machine.processors} -m ${machine.memoryMiB}M`),
    "-kernel",
    machine.kernel,
    "-initrd",
    machine.initramfs,
    "-append",
    `${kernelOptions} ${systemdOptions}`,
    "-chardev",
    `file,id=console,path=${consolePath(dir)},append=on`,
    ...words("-serial chardev:console -object rng-builtin,id=random"),
    ...device("virtio-rng-pci", { rng: "random" }),
    ...disk("system", changesPath(dir), "format=qcow2", systemDisk),
    ...machine.files.flatMap(({ source, serial }, at) =>
      disk(`file${at}`, source, "format=raw,readonly=on", serial),
    ),
    "-netdev",
    `user,id=net,restrict=on${forwards.join("")}`,
    ...device("virtio-net-pci", { netdev: "net", romfile: "" }),
    ...device("virtio-serial-pci", {}),
    ...Array.from({ length: machine.channels }, (_, at) => [
      "-chardev",
      `socket,id=channel${at},path=${channelPath(dir, at)},server=on,wait=off`,
      ...device("virtserialport", { chardev: `channel${at}`, name: `${agentPort}${at}` }),
    ]).flat(),
  ];
}
