import { expect, test } from "bun:test";
import { win32 } from "node:path";
import { serviceArguments } from "./service-arguments.ts";

test("flags that were given, by name, with absolute paths; those of the installation itself are left out", () => {
  const given = [
    { name: "token-file", value: "token" },
    { name: "force", value: "true" },
    { name: "data-dir", value: "/var/lib/k0s" },
    { name: "enable-worker", value: "true" },
    { name: "env", value: "A=b" },
    { name: "start", value: "true" },
    { name: "kubelet-extra-args", value: "--foo bar --node-ip=10.0.0.9" },
  ];
  expect(serviceArguments("controller", given, "/root")).toEqual([
    "controller",
    "--data-dir=/var/lib/k0s",
    "--enable-worker=true",
    "--kubelet-extra-args=--foo bar --node-ip=10.0.0.9",
    "--token-file=/root/token",
  ]);
});

test("paths of Windows are absolute there", () => {
  const given = [
    { name: "token-file", value: "token" },
    { name: "data-dir", value: "D:\\k0s data" },
    { name: "status-socket", value: "\\\\.\\pipe\\other" },
  ];
  expect(serviceArguments("worker", given, "C:\\k0s", win32.resolve)).toEqual([
    "worker",
    "--data-dir=D:\\k0s data",
    "--status-socket=\\\\.\\pipe\\other",
    "--token-file=C:\\k0s\\token",
  ]);
});
