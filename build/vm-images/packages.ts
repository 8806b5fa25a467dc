// The Debian packages of a virtual machine's image: its system, and what starts it.

import type { PackageSet } from "../debian/package-set.ts";
import type { Platform } from "../platform.ts";

/** What a node is looked at and reached with; k0s itself brings its own tools. */
const systemNames = [
  "apparmor",
  "ca-certificates",
  "cloud-guest-utils",
  "cloud-init",
  "curl",
  "dbus",
  "e2fsprogs",
  "initramfs-tools",
  "iproute2",
  "iputils-ping",
  "kmod",
  "less",
  "netbase",
  "openssh-server",
  "procps",
  "sudo",
  "systemd-resolved",
  "systemd-sysv",
  "systemd-timesyncd",
  "udev",
] as const;

/** With a kernel that updates itself as any other package. */
export function imagePackages({ arch }: Pick<Platform, "arch">): PackageSet {
  return { packages: [...systemNames, `linux-image-cloud-${arch}`], system: true };
}

/** Signed by Debian, so that machines with Secure Boot start them; only x86 has a BIOS. */
export function loaderPackages({ arch }: Pick<Platform, "arch">): PackageSet {
  const efi = ["shim-signed", `grub-efi-${arch}-signed`];
  return { packages: arch === "amd64" ? [...efi, "grub-common", "grub-pc-bin"] : efi, alone: true };
}
