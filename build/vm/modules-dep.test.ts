import { expect, test } from "bun:test";
import { loadOrder } from "./modules-dep.ts";

const list = `kernel/virtio/virtio.ko:
kernel/virtio/virtio_ring.ko: kernel/virtio/virtio.ko
kernel/virtio/virtio_pci.ko: kernel/virtio/virtio_ring.ko kernel/virtio/virtio.ko
kernel/block/virtio-blk.ko: kernel/virtio/virtio_ring.ko kernel/virtio/virtio.ko
`;

test("what a module needs comes before it, and once", () => {
  expect(loadOrder(list, ["virtio_pci", "virtio_blk"])).toEqual([
    "kernel/virtio/virtio.ko",
    "kernel/virtio/virtio_ring.ko",
    "kernel/virtio/virtio_pci.ko",
    "kernel/block/virtio-blk.ko",
  ]);
});

test("what is built into the kernel is not in the list", () => {
  expect(loadOrder(list, ["ext4"])).toEqual([]);
});
