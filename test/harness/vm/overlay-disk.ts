// A disk of a virtual machine that keeps its changes apart from the image that others use, too.

import { runCommand } from "../../../build/run-command.ts";

/** `size` as qemu-img counts; default: that of the image. */
export async function createOverlayDisk(image: string, disk: string, size?: string): Promise<void> {
  const create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image, disk] as const;
  await runCommand([...create, ...(size === undefined ? [] : [size])], {
    what: "making a virtual machine's disk",
  });
}
