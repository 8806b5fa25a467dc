// kubelet. Upstream: pkg/component/worker/kubelet.go.

import { ensureDir, makeDir, readFileIfExists, statIfExists, writeFileAtomic } from "../../os/files.ts";
import { unreachableBecause } from "../../os/tcp-reachable.ts";
import { sandboxMark } from "../../sandbox/machine-spec.ts";
import type { FlagMap } from "../../std/flags.ts";
import { joinPath as join } from "../../std/join-path.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { httpHealth } from "../../supervisor/http-health.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { type ProcessComponent, processComponent } from "../../supervisor/process-component.ts";
import { kubeletArgs, kubeletConfigPath, kubeletConfiguration } from "./flags.ts";
import type { Taint } from "../node-options.ts";
import { kubeletHealth } from "./health-endpoint.ts";
import { dropOldServingCertificate } from "./old-serving-certificate.ts";
import { resolvConfFor, systemdPath } from "./resolv-conf.ts";
import { dropStaleKubeletState } from "./stale-manager-state.ts";
import type { WorkerNode } from "../node-facts.ts";
import type { TrustBundle } from "../../std/trust-bundle.ts";

export interface KubeletOptions {
  readonly logLevel: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Addresses to register with; undefined where a cloud provider names them. */
  readonly nodeIp: string | undefined;
  /** What the pods' resolver is given where the host has no name server for them. */
  readonly address: string | undefined;
  readonly extraArgs: FlagMap;
  readonly externalCloudProvider: boolean;
  /** File with the node's own credentials; asked before each start. */
  readonly kubeconfig: () => string;
  readonly runtimeEndpoint: string;
  /** Absent: the runtime is not k0s' containerd. */
  readonly containerdSocket?: string | undefined;
  readonly cgroupV1: boolean;
  /** KubeletConfiguration of this node's worker profile. */
  readonly profile: () => Readonly<Record<string, unknown>>;
  /** What clients of kubelet are verified with, such as the API server. */
  readonly clusterCa: () => Promise<TrustBundle>;
  /** Default: Linux. */
  readonly system?: KubeletSystem;
}

/** What differs between the systems that kubelet runs on. */
export interface KubeletSystem {
  readonly flags: FlagMap;
  /** Path of the file whose name servers pods get; empty where there is no such thing. */
  readonly resolvConf: (node: WorkerNode, options: Pick<KubeletOptions, "address">) => Promise<string>;
}

const linux: KubeletSystem = { flags: {}, resolvConf: resolvConfFile };

export function kubelet(node: WorkerNode, options: KubeletOptions): ProcessComponent {
  const { paths } = node;
  const { system = linux } = options;
  const args = (): string[] =>
    kubeletArgs({
      paths,
      nodeName: node.name,
      logLevel: options.logLevel,
      labels: options.labels,
      nodeIp: options.nodeIp,
      kubeconfig: options.kubeconfig(),
      externalCloudProvider: options.externalCloudProvider,
      containerdSocket: options.containerdSocket,
      ofSystem: system.flags,
      extraArgs: options.extraArgs,
    });
  const component = processComponent({
    process: processOptions(node, "kubelet", {
      args: args(),
      beforeStart: () => writeKubeletFiles(node, options),
    }),
    init: () => renewOldServingCertificate(node, options),
    readiness: {
      what: "kubelet's health endpoint",
      probe: async (signal) => {
        const { url, port } = kubeletHealth(options.profile(), options.extraArgs);
        if (url !== undefined) return await httpHealth(url, { signal });
        const problem = await unreachableBecause({ host: "127.0.0.1", port }, { timeoutMs: 5_000, signal });
        if (problem !== undefined) throw new Error(problem);
        return true;
      },
    },
  });
  return { ...component, restart: () => component.restart(args()) };
}

async function renewOldServingCertificate(
  { paths, log }: WorkerNode,
  { clusterCa }: KubeletOptions,
): Promise<void> {
  if (await dropOldServingCertificate(paths.kubeletRootDir, await clusterCa()))
    log.info("kubelet asks for a serving certificate of its own authority", { component: "kubelet" });
}

async function writeKubeletFiles(node: WorkerNode, options: KubeletOptions): Promise<void> {
  const { paths } = node;
  const clientCaFile = join(paths.runDir, "kubelet", "ca.crt");
  await ensureDir(join(paths.runDir, "kubelet"), { mode: 0o755 });
  await makeDir(paths.kubeletRootDir, { mode: 0o755 });
  const policies = { profile: options.profile(), extraArgs: options.extraArgs };
  await dropStaleKubeletState(paths.kubeletRootDir, policies, node.log);
  await writeFileAtomic(clientCaFile, (await options.clusterCa()).pem, { mode: 0o644 });
  const resolvConf = await (options.system ?? linux).resolvConf(node, options);
  const config = kubeletConfiguration({
    profile: options.profile(),
    clientCaFile,
    resolvConf,
    runtimeEndpoint: options.runtimeEndpoint,
    taints: options.taints,
    cgroupV1: options.cgroupV1,
    sharedDisk: (await statIfExists(sandboxMark)) !== undefined,
  });
  await writeFileAtomic(kubeletConfigPath(paths), dumpYaml(config), { mode: 0o600 });
}

/** Path of the file whose name servers pods get. */
async function resolvConfFile(
  { paths, log }: WorkerNode,
  { address }: Pick<KubeletOptions, "address">,
): Promise<string> {
  const { path, content, dropped } = resolvConfFor({
    etc: (await readFileIfExists("/etc/resolv.conf")) ?? "",
    systemd: await readFileIfExists(systemdPath),
    nodeIp: address,
  });
  if (dropped.length > 0)
    log.warn("Name servers on this host's loopback are left out for pods, which cannot reach them", {
      component: "kubelet",
      nameservers: dropped.join(", "),
    });
  if (path !== undefined) return path;
  const generated = join(paths.runDir, "kubelet", "resolv.conf");
  await writeFileAtomic(generated, content, { mode: 0o644 });
  return generated;
}
