// What a worker on Windows runs, against files that a reader can diff. UPDATE_GOLDEN=1 writes them again.

import { expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import { windowsWorkerOptions } from "../../cli/windows/worker.ts";
import { workerCommandFlags, type WorkerFlagValues } from "../../cli/node/options.ts";
import { windowsConfigToml } from "../../components/containerd/windows.ts";
import { kubeletConfigPath, kubeletConfiguration } from "../../components/kubelet/flags.ts";
import { expectGoldenText } from "../../components/testdata/golden-file.ts";
import { workerConfigData } from "../../components/worker-config/manifest.ts";
import { parseWorkerSettings, pauseImageOf } from "../../components/worker-config/schema.ts";
import { settingsHolder } from "../../components/worker-config/settings-holder.ts";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import type { Payload } from "../../payload/payload.ts";
import { windowsNodePaths } from "../../product/windows-paths.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { silentProgress } from "../../std/progress.ts";
import { anchor } from "../../std/testdata/anchors.ts";
import { dumpYaml } from "../../std/yaml.ts";
import * as deferring from "../../supervisor/deferred-component.ts";
import * as processing from "../../supervisor/process-component.ts";
import type { SupervisedProcessOptions } from "../../supervisor/process-options.ts";
import { namesOf } from "../../supervisor/dependencies.ts";
import { windowsProcesses } from "../../supervisor/windows-processes.ts";
import { windowsPods } from "./pods.ts";

const config = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" });
const input = { config, apiServers: ["10.0.0.1:6443"], konnectivity: true, autopilot: false };
const settings = parseWorkerSettings(workerConfigData(input, "default-windows") ?? {}, "the profile");
const golden = (name: string): string => join(import.meta.dir, "testdata", name);

function options(given: Partial<WorkerFlagValues> = {}) {
  const defaults = Object.entries(workerCommandFlags).map(([key, flag]) => [key, flag.defaultValue]);
  const flags = { ...Object.fromEntries(defaults), ...given } as WorkerFlagValues;
  const io = { root: false, takeSecret: () => undefined };
  return windowsWorkerOptions({ flags, given: new Set(Object.keys(given) as never[]), args: [], io });
}

async function madeProcesses(given: Partial<WorkerFlagValues> = {}) {
  const deferred: deferring.DeferredOptions[] = [];
  const processes = new Map<string, SupervisedProcessOptions>();
  using defer = spyOn(deferring, "deferredComponent");
  defer.mockImplementation((one) => {
    deferred.push(one);
    return { name: one.name, start: () => Promise.resolve(), stop: () => Promise.resolve() };
  });
  using process = spyOn(processing, "processComponent");
  process.mockImplementation((one) => {
    processes.set(one.process.name, one.process);
    const idle = (): Promise<void> => Promise.resolve();
    return { name: one.process.name, start: idle, stop: idle, restart: idle };
  });
  const host = {
    ...options(given),
    name: "win-1",
    payload: {} as Payload,
    log: silentLogger(),
    progress: silentProgress,
    system: windowsProcesses("C:\\k0s\\k0s.exe"),
    self: [],
  };
  windowsPods(host, {
    settings: settingsHolder(settings),
    settingsFrom: [{ name: "settings" }],
    credentialsFrom: [{ name: "settings" }],
    address: () => Promise.resolve("10.0.0.9"),
    registersAddress: true,
    kubeconfig: () => host.paths.kubeletKubeconfig,
    apiHosts: () => ["10.0.0.1"],
    clusterCa: () => Promise.resolve(anchor),
  });
  for (const one of deferred) await one.make(new AbortController().signal);
  return {
    processes,
    order: deferred.map((one) => `${one.name} after ${namesOf(one.dependsOn).join(", ")}`),
  };
}

test("containerd and kubelet are started as on Windows", async () => {
  const { processes, order } = await madeProcesses();
  const lines = [...processes.values()].flatMap(({ command, args, cwd, pidFile }) => [
    `program ${command}`,
    `in ${cwd}, with ${pidFile}`,
    ...args,
    "",
  ]);
  await expectGoldenText(golden("worker.args"), [...order, "", ...lines].join("\n"));
});

test("extra arguments of kubelet win, and another runtime takes containerd's place", async () => {
  const { processes, order } = await madeProcesses({
    kubeletExtraArgs: { "hairpin-mode": "none" },
    criSocket: "npipe:////./pipe/other",
  });
  expect(order).toEqual(["kubelet after settings, worker-programs"]);
  expect(processes.get("kubelet")?.args).toContain("--hairpin-mode=none");
});

test("what kubelet is told of the cluster, and containerd of its host", async () => {
  const { paths } = options();
  const kubelet = kubeletConfiguration({
    profile: settings.kubeletConfiguration,
    clientCaFile: kubeletConfigPath(paths).replace("config.yaml", "ca.crt"),
    resolvConf: "",
    runtimeEndpoint: paths.containerdEndpoint,
    taints: [],
    cgroupV1: false,
    sharedDisk: false,
  });
  await expectGoldenText(golden("worker.config.yaml"), dumpYaml(kubelet));
  const registriesDir = "C:\\etc\\k0s\\certs.d";
  const toml = windowsConfigToml({ pauseImage: pauseImageOf(settings), registriesDir });
  await expectGoldenText(golden("containerd.toml"), toml);
  expect(Bun.TOML.parse(toml)).toMatchObject({
    imports: ["C:\\etc\\k0s\\containerd.d\\*.toml"],
    plugins: { "io.containerd.cri.v1.runtime": { cni: { bin_dirs: ["C:\\opt\\cni\\bin"] } } },
  });
});

test("a worker has the profile of its system unless it is given another", () => {
  expect(options().profile).toBe("default-windows");
  expect(options({ profile: "default" }).profile).toBe("default");
});

test("directories of Windows, whatever Linux has as default", () => {
  expect(options().paths).toMatchObject({
    dataDir: "C:\\var\\lib\\k0s",
    runDir: "C:\\var\\lib\\k0s\\run",
    binDir: "C:\\var\\lib\\k0s\\bin",
    kubeletRootDir: "C:\\var\\lib\\k0s\\kubelet",
    containerdSocket: "\\\\.\\pipe\\containerd-containerd",
    containerdEndpoint: "npipe:////./pipe/containerd-containerd",
    statusSocket: "\\\\.\\pipe\\k0s-status",
  });
  const moved = windowsNodePaths({ dataDir: "D:/k0s", kubeletRootDir: "E:\\kubelet", statusSocket: "" });
  expect(moved).toMatchObject({ binDir: "D:\\k0s\\bin", kubeletRootDir: "E:\\kubelet" });
});
