// What a node would run, as texts: a file for each process, for each configuration file that k0s writes for one, and
// for the order in which the parts of the node start.

import { join } from "node:path";
import { containerdConfigToml } from "../../../components/containerd/config-toml.ts";
import { konnectivityAgent } from "../../../components/konnectivity/agent-manifest.ts";
import { egressSelectorConfig } from "../../../components/konnectivity/egress-selector.ts";
import { konnectivitySocket } from "../../../components/konnectivity/server-flags.ts";
import { kubeProxyConfiguration } from "../../../components/kube-proxy/config.ts";
import { chooseProxyMode } from "../../../components/kube-proxy/mode.ts";
import { kubeletConfiguration } from "../../../components/kubelet/flags.ts";
import { cniConfDir, hostCniBinDir } from "../../../product/paths.ts";
import { dumpYaml } from "../../../std/yaml.ts";
import type { Component } from "../../../supervisor/component.ts";
import type { SupervisedProcessOptions } from "../../../supervisor/process-options.ts";
import { type MadeNode, systemUsers } from "./made-node.ts";
import { namesOf } from "../../../supervisor/dependencies.ts";

/** Text by folder and kind, e.g. `src/components/etcd` and `args`. */
export type NodeFiles = readonly (readonly [folder: string, kind: string, text: string])[];

export function nodeFiles(node: MadeNode): NodeFiles {
  return [
    ["src/node", "components", lines(node.components.map(componentLine))],
    ...[...node.processes].map(
      ([name, process]) => [`src/components/${name}`, "args", processText(process)] as const,
    ),
    ...konnectivityFiles(node),
    ...workerFiles(node),
  ];
}

function componentLine({ name, dependsOn }: Component): string {
  const before = namesOf(dependsOn);
  return before.length === 0 ? name : `${name} after ${before.join(", ")}`;
}

/** How it is started, then its arguments, one a line. */
function processText(process: SupervisedProcessOptions): string {
  const { command, user, ambientCaps = [], env = {}, stopTimeoutMs, outputLevel } = process;
  const about = [
    `program ${command}`,
    `user ${user === undefined ? "root" : userText(user)}`,
    ...(process.noNewPrivs === true ? ["no new privileges"] : []),
    ...ambientCaps.map((capability) => `capability ${capability}`),
    ...Object.entries(env).map(([name, value]) => `environment ${name}=${value}`),
    ...(process.usesProxy === true ? ["uses the proxy of the host"] : []),
    ...(stopTimeoutMs === undefined ? [] : [`stops within ${stopTimeoutMs} ms`]),
    ...(outputLevel === undefined ? [] : [`its lines are logged from level ${outputLevel} on`]),
  ];
  // The user who runs the tests has another one.
  const comments = lines(about.map((line) => `# ${line}`)).replaceAll(Bun.env["PATH"] ?? "", "$PATH");
  return comments + lines(process.args);
}

function userText({ uid, gid }: { readonly uid: number; readonly gid: number }): string {
  const name = [...systemUsers].find(([, user]) => user.uid === uid)?.[0] ?? String(uid);
  return gid === 0 ? `${name}, group root` : name;
}

function konnectivityFiles({ processes, config, options, singleController }: MadeNode): NodeFiles {
  if (!processes.has("konnectivity")) return [];
  const folder = "src/components/konnectivity";
  const daemonSet = konnectivityAgent({ config, singleController }).at(-1) as unknown as AgentDaemonSet;
  return [
    [folder, "agent.args", lines(daemonSet.spec.template.spec.containers[0].args)],
    [folder, "egress.yaml", egressSelectorConfig(konnectivitySocket(options.paths))],
  ];
}

interface AgentDaemonSet {
  spec: { template: { spec: { containers: [{ args: string[] }] } } };
}

/** The host's part is given; what only a start decides on the disk of the host is as on most hosts. */
function workerFiles(node: MadeNode): NodeFiles {
  const { kubelet, kubeProxy, containerd, host, options } = node;
  const { paths } = options;
  const files: (readonly [string, string, string])[] = [];
  if (kubelet !== undefined) {
    const configuration = kubeletConfiguration({
      ...host,
      profile: kubelet.profile(),
      clientCaFile: join(paths.runDir, "kubelet", "ca.crt"),
      resolvConf: "/etc/resolv.conf",
      runtimeEndpoint: kubelet.runtimeEndpoint,
      taints: kubelet.taints,
    });
    files.push(["src/components/kubelet", "config.yaml", dumpYaml(configuration)]);
  }
  if (kubeProxy !== undefined) {
    const settings = kubeProxy.settings();
    const configuration = kubeProxyConfiguration({
      settings,
      kubeconfig: kubeProxy.kubeconfig(),
      nodeName: node.name,
      mode: chooseProxyMode({
        configured: settings.mode,
        remembered: undefined,
        nftables: host.nftables,
        ipvs: true,
        protocolNames: true,
      }),
    });
    files.push(["src/components/kube-proxy", "config.yaml", dumpYaml(configuration)]);
  }
  if (containerd !== undefined) {
    const text = containerdConfigToml({
      pauseImage: containerd.pauseImage(),
      runcPath: join(paths.binDir, "runc"),
      optDir: join(paths.containerdRootDir, "opt"),
      cniBinDirs: [paths.cniBinDir, hostCniBinDir],
      cniConfDir,
      restrictOomScoreAdj: host.restrictOomScoreAdj,
      registriesDir: "/etc/k0s/certs.d",
      offered: { runtimes: [], systemdCgroup: false },
    });
    files.push(["src/components/containerd", "config.toml", text]);
  }
  return files;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
