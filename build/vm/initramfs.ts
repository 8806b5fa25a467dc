// The first system of a virtual machine: loads the modules for its disks, mounts the one with the system, goes on there.

import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runCommand } from "../run-command.ts";
import type { Kernel } from "./kernel.ts";
import { loadOrder } from "./modules-dep.ts";

/** The serial number of the disk with the system. */
export const systemDisk = "system";

/** The console of a test's channel is loaded here as well: it has to answer whatever the system does. */
const wanted = ["virtio_pci", "virtio_blk", "virtio_console"];

function initScript(modules: readonly string[]): string {
  return `#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
for module in ${modules.join(" ")}; do $bb insmod /modules/$module || echo "initramfs: $module was not loaded"; done
# Disks have no order of their own.
until disk=$($bb grep -lx ${systemDisk} /sys/block/*/serial); do $bb usleep 50000; done
disk=\${disk%/serial}
$bb mount -t ext4 -o rw /dev/\${disk##*/} /root || exec $bb poweroff -f
$bb umount /proc
$bb umount /sys
$bb mount -o move /dev /root/dev
exec $bb switch_root /root "\${init:-/sbin/init}"
`;
}

/** `modulesDep`: where depmod has put its list. Writes a compressed archive. */
export async function makeInitramfs(
  kernel: Kernel,
  modulesDep: string,
  scratch: string,
  target: string,
): Promise<void> {
  const modules = loadOrder(await readFile(modulesDep, "utf8"), wanted);
  for (const dir of ["bin", "dev", "proc", "sys", "root", "modules"])
    await mkdir(join(scratch, dir), { recursive: true });
  await copyFile(kernel.busybox, join(scratch, "bin/busybox"));
  for (const path of modules)
    await copyFile(join(kernel.modules, path), join(scratch, "modules", basename(path)));
  await writeFile(join(scratch, "init"), initScript(modules.map((path) => basename(path))));
  for (const file of ["bin/busybox", "init"]) await chmod(join(scratch, file), 0o755);
  const archive = `find . | LC_ALL=C sort | ${kernel.busybox} cpio -o -H newc 2>&1 >${target}.cpio && gzip -1n <${target}.cpio >${target} && rm ${target}.cpio`;
  await runCommand(["sh", "-ec", archive], { what: "making an initramfs", cwd: scratch });
}
