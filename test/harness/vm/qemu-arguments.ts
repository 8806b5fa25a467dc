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

/** Its place in a network of sandboxes; all that it sends and gets is written to `capturePath`. */
export interface BridgePort {
  /** The network's namespace. */
  readonly namespace: string;
  /** The port of the bridge: a tap that is there already. */
  readonly tap: string;
  readonly hardwareAddress: string;
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
  /** Instead of a network of its own. */
  readonly bridge?: BridgePort;
}

/** What the machine has written to its disk; the shared image lies below it. */
export const changesPath = (dir: string): string => join(dir, "changes.qcow2");
export const consolePath = (dir: string): string => join(dir, "console.log");
export const capturePath = (dir: string): string => join(dir, "packets.pcap");
export const channelPath = (dir: string, channel: number): string => join(dir, `channel${channel}`);

/** Of the kernel. What protects from faults of real processors makes emulation several times slower: it flushes caches at each system call. Timers finer than the clock's ticks are thousands of interrupts a second. */
const kernelOptions =
  "console=ttyS0 panic=-1 net.ifnames=0 mitigations=off tsc=reliable no_timer_check nowatchdog highres=off quiet";

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
    ...(machine.bridge === undefined
      ? ["-netdev", `user,id=net,restrict=on${forwards(machine.forwarded)}`]
      : bridged(machine.bridge, dir)),
    ...device("virtio-net-pci", {
      netdev: "net",
      romfile: "",
      ...(machine.bridge === undefined ? {} : { mac: machine.bridge.hardwareAddress }),
    }),
    ...device("virtio-serial-pci", {}),
    ...Array.from({ length: machine.channels }, (_, at) => [
      "-chardev",
      `socket,id=channel${at},path=${channelPath(dir, at)},server=on,wait=off`,
      ...device("virtserialport", { chardev: `channel${at}`, name: `${agentPort}${at}` }),
    ]).flat(),
  ];
}

function forwards(forwarded: QemuMachine["forwarded"]): string {
  return Object.entries(forwarded)
    .map(([port, inside]) => `,hostfwd=tcp:127.0.0.1:${port}-:${inside}`)
    .join("");
}

function bridged({ tap }: BridgePort, dir: string): string[] {
  // A header of virtio before each packet would be in the capture.
  const netdev = `tap,id=net,ifname=${tap},script=no,downscript=no,vnet_hdr=off`;
  return ["-netdev", netdev, "-object", `filter-dump,id=capture,netdev=net,file=${capturePath(dir)}`];
}
