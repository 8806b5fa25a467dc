// Debian's kernel for virtual machines, with its modules: what the test host's own kernel may lack (IPVS, WireGuard, IPIP) is there.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { debianTree } from "../debian/debian-tree.ts";
import type { PackageSet } from "../debian/package-set.ts";
import type { Platform } from "../platform.ts";

export interface Kernel {
  readonly version: string;
  /** The file that a loader starts. */
  readonly image: string;
  /** What it was built with: k0s, as others, looks for that in /boot. */
  readonly configuration: string;
  /** The folder `lib/modules/<version>`, without the lists that depmod makes. */
  readonly modules: string;
  /** Static. */
  readonly busybox: string;
}

/** A static busybox makes its initramfs, and is what runs there. */
export function kernelPackages({ arch }: Pick<Platform, "arch">): PackageSet {
  return { packages: [`linux-image-cloud-${arch}`, "busybox-static"] };
}

/** Unpacks it into the cache. */
export async function debianKernel(platform: Platform, report: (line: string) => void): Promise<Kernel> {
  const { dir } = await debianTree(kernelPackages(platform), platform, { warn: report });
  const modules = join(dir, "lib/modules");
  const [version, ...others] = await readdir(modules);
  if (version === undefined || others.length > 0)
    throw new Error(`${modules} should have the modules of one kernel`);
  return {
    version,
    image: join(dir, `boot/vmlinuz-${version}`),
    configuration: join(dir, `boot/config-${version}`),
    modules: join(modules, version),
    busybox: join(dir, "bin/busybox"),
  };
}
