import { expect, test } from "bun:test";
import { qemuArguments } from "./qemu-arguments.ts";

const args = qemuArguments({
  dir: "/tmp/vm",
  kernel: "/cache/vmlinuz",
  initramfs: "/cache/initramfs",
  memoryMiB: 1_024,
  processors: 2,
  channels: 1,
  files: [{ source: "/srv/a,b", serial: "given0" }],
  forwarded: { 40000: 6443 },
});

test("no traffic leaves the machine, and only loopback reaches it", () => {
  expect(args.filter((word) => word.startsWith("user,"))).toEqual([
    "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:40000-:6443",
  ]);
});

test("a file is a disk that cannot be written", () => {
  expect(args).toContain("if=none,id=file0,file=/srv/a,,b,format=raw,readonly=on");
  expect(args).toContain("virtio-blk-pci,drive=file0,serial=given0");
});
