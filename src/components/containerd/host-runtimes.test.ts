import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findExecutable } from "../../os/find-executable.ts";
import { containerdConfigToml } from "./config-toml.ts";
import { type HostRuntime, hostRuntimes, knownRuntimes, offeredRuntimes } from "./host-runtimes.ts";
import { parsedToml } from "./imported-settings.ts";
import { at } from "./toml-value.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-runtimes-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Found in this folder alone, whatever the machine of the test has. */
const inFolder = (program: string, path = ""): string | undefined =>
  [findExecutable(program, path)].find((found) => found?.startsWith(dir));
const names = (found: readonly HostRuntime[]): string[] => found.map(({ name }) => name);
const all = knownRuntimes.map((runtime) => ({ ...runtime, path: `/usr/bin/${runtime.program}` }));

async function install(folder: string, program: string): Promise<void> {
  await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, folder, program), "#!/bin/sh\n");
  await chmod(join(dir, folder, program), 0o755);
}

test("what is installed is found, and nothing that lacks what it calls", async () => {
  const path = join(dir, "bin");
  const found = () => hostRuntimes(path, inFolder);
  expect(found()).toEqual([]);
  await install("bin", "crun");
  await install("bin", "containerd-shim-runsc-v1");
  await writeFile(join(path, "nvidia-container-runtime"), "not to be run");
  expect(names(found())).toEqual(["crun"]);
  await install("bin", "runsc");
  await chmod(join(path, "nvidia-container-runtime"), 0o755);
  expect(names(found())).toEqual(["nvidia", "crun", "gvisor"]);
  expect(found()[0]?.path).toBe(join(path, "nvidia-container-runtime"));
});

test("what a drop-in file sets up is left to it; how runc treats control groups is for all that take its place", () => {
  const file = parsedToml(`
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.nvidia]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = true
`);
  const rest = ["nvidia-cdi", "crun", "gvisor", "kata"];
  expect(names(offeredRuntimes(all, [undefined, file]).runtimes)).toEqual(rest);
  expect([file, {}].map((one) => offeredRuntimes(all, [one]).systemdCgroup)).toEqual([true, false]);
});

test("containerd is told of each, of a shim by its path", () => {
  const config = {
    pauseImage: "pause",
    runcPath: "/bin/runc",
    optDir: "/opt",
    cniBinDirs: [],
    cniConfDir: "/etc/cni",
    restrictOomScoreAdj: false,
    registriesDir: undefined,
    offered: { runtimes: all, systemdCgroup: true },
  };
  const runtimes = at(
    parsedToml(containerdConfigToml(config)),
    "plugins",
    "io.containerd.cri.v1.runtime",
    "containerd",
    "runtimes",
  );
  expect(runtimes).toEqual({
    runc: { runtime_type: "io.containerd.runc.v2", options: { BinaryName: "/bin/runc" } },
    nvidia: {
      runtime_type: "io.containerd.runc.v2",
      options: { BinaryName: "/usr/bin/nvidia-container-runtime", SystemdCgroup: true },
    },
    "nvidia-cdi": {
      runtime_type: "io.containerd.runc.v2",
      options: { BinaryName: "/usr/bin/nvidia-container-runtime.cdi", SystemdCgroup: true },
    },
    crun: {
      runtime_type: "io.containerd.runc.v2",
      options: { BinaryName: "/usr/bin/crun", SystemdCgroup: true },
    },
    gvisor: {
      runtime_type: "io.containerd.runsc.v1",
      runtime_path: "/usr/bin/containerd-shim-runsc-v1",
    },
    kata: {
      runtime_type: "io.containerd.kata.v2",
      runtime_path: "/usr/bin/containerd-shim-kata-v2",
      privileged_without_host_devices: true,
    },
  });
});
