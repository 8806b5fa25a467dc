// What GRUB is told, and the loader's files on the partition that UEFI starts from.

import { join } from "node:path";
import type { Platform } from "../platform.ts";
import { bootLabel, systemLabel } from "./disk-layout.ts";

/** A file of the boot partition that a user may write before the first boot: `set k0s_arguments="k0s.role=worker …"`. */
export const argumentsFile = "k0s.cfg";

/** Of the loader itself: the rest is read from the system, as Debian's kernel packages and users leave it. */
export const firstConfig = `search --no-floppy --set=root --label ${systemLabel}
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
`;

/** Hypervisors that are busy do not deliver the interrupts that the kernel would test its timer by, and it would stop there. */
const kernelOptions = `root=LABEL=${systemLabel} ro console=tty0 console=ttyS0,115200 no_timer_check`;

/** The kernel's packages keep both links at the newest kernel. */
export const systemConfig = `set timeout=1
search --no-floppy --set=seed --label ${bootLabel}
if [ -f ($seed)/${argumentsFile} ]; then
  source ($seed)/${argumentsFile}
fi
menuentry "k0s" {
  linux /vmlinuz ${kernelOptions} quiet $k0s_arguments
  initrd /initrd.img
}
menuentry "k0s, the kernel before" {
  linux /vmlinuz.old ${kernelOptions} $k0s_arguments
  initrd /initrd.img.old
}
`;

/** In the core for a BIOS: all that the two texts above use. */
export const biosModules =
  "biosdisk part_gpt ext2 fat search search_label configfile normal minicmd echo test linux gzio boot halt reboot".split(
    " ",
  );

export interface LoaderFile {
  /** On the boot partition. */
  readonly path: string;
  readonly source: string;
}

/** `tree`: where Debian's packages are unpacked. The shim that firmware trusts starts GRUB, which trusts Debian's kernels. */
export function efiFiles(tree: string, { arch }: Pick<Platform, "arch">): readonly LoaderFile[] {
  const [name, folder] = arch === "amd64" ? ["x64", "x86_64"] : ["aa64", "arm64"];
  return [
    {
      path: `EFI/BOOT/BOOT${name.toUpperCase()}.EFI`,
      source: join(tree, `usr/lib/shim/shim${name}.efi.signed`),
    },
    {
      path: `EFI/BOOT/grub${name}.efi`,
      source: join(tree, `usr/lib/grub/${folder}-efi-signed/grub${name}.efi.signed`),
    },
  ];
}

/** Where Debian's signed GRUB looks for its configuration. */
export const efiConfigPath = "EFI/debian/grub.cfg";
